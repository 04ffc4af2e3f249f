# Directories in their own order, and the links' texts.
for m in virtio_mmio virtio_blk virtio_console virtio_net virtio_input evdev; do modprobe $m; done
sleep 1
find /sys/bus/virtio
find /sys/bus/platform/drivers/virtio-mmio
for d in /sys/devices/platform/a00*.virtio_mmio; do find $d | grep -v -e /net/ -e /power/; done
for m in virtio_mmio virtio_blk virtio_console virtio_net virtio_input evdev failover net_failover; do find /sys/module/$m | grep -v sections/; done
find /sys/class/block /sys/class/input /sys/class/virtio-ports /sys/class/leds /sys/class/bdi /sys/class/hwmon
find /sys/class/virtio-ports /sys/class/input /sys/class/block /sys/bus/virtio /sys/devices/platform/a003e00.virtio_mmio -type l | while read l; do echo "$l -> $(readlink $l)"; done
find /sys/devices/platform/a003800.virtio_mmio/ -type d | grep -v /power
find /sys/devices/platform/ -name uevent | grep virtio | while read f; do echo "# $f"; cat $f; done
find /sys/kernel/debug/virtio-ports
ls /sys /sys/bus /sys/class /sys/devices
ls /sys/bus/virtio /sys/bus/virtio/drivers/virtio_blk
ls -F /sys/bus/virtio/devices/virtio0
ls -p /sys/bus/virtio/devices/virtio0
ls -R /sys/bus/virtio/devices
ls -d /sys/bus/virtio/devices/*
ls -ld /sys/bus/virtio/devices/virtio0 | awk '{ print $1, $2, $3, $4, $5, $9, $10, $11 }'
ls -l /sys/bus/virtio/devices/virtio0/ | awk '{ print $1, $2, $3, $4, $5, $9, $10, $11 }'
stat -c '%n %a %F %s' /sys/bus/virtio/devices/virtio0 /sys/bus/virtio/devices/virtio0/* /dev/vda /dev/hvc0 /dev/input/event0
realpath /sys/bus/virtio/devices/virtio0/driver
readlink -f /sys/block/vda
