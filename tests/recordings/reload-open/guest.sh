# Drivers leave and come back in odd orders while their devices are open.
t() { echo "\$ $1"; sh -c "$1" 2>&1; echo "code $?"; }
l() { lsmod | awk '{ print $1, $3, $4 }'; }
for m in virtio_mmio virtio_blk virtio_console virtio_net virtio_input evdev; do modprobe $m; l | head -n 2; done
sleep 1
sleep 100 < /dev/vda & a=$!
sleep 100 < /dev/input/event0 & b=$!
sleep 100 < /dev/vport3p1 & c=$!
sleep 1
l
for m in virtio_blk evdev virtio_console virtio_input virtio_net; do t "rmmod $m"; done
l
t "rmmod virtio_mmio"
l
ls /dev/vd* /dev/vport* /dev/input /dev/hvc0
ls /sys/bus/virtio/devices /sys/class/virtio-ports /sys/block
cat /proc/partitions
t "modprobe virtio_mmio"
sleep 1
ls /dev/vd* /dev/vport* /dev/input
cat /proc/partitions | awk '{ print $1, $2, $3, $4 }'
ls -1 /sys/class/input /sys/class/virtio-ports /sys/block
l
kill $a; sleep 1; l | grep blk
kill $b; sleep 1; l | grep evdev
kill $c; sleep 1; l | grep console
echo virtio0 > /sys/bus/virtio/drivers/virtio_blk/unbind
echo virtio0 > /sys/bus/virtio/drivers/virtio_blk/bind
ls -1 /sys/block /dev/vd*
t "rmmod virtio_mmio virtio_blk virtio_console evdev"
l
modprobe virtio_blk; modprobe virtio_console; modprobe evdev; modprobe virtio_input; modprobe virtio_mmio
sleep 1
ls -1 /dev/vd* /dev/vport* /dev/input
for d in /sys/bus/virtio/devices/*; do echo "$(basename $d) $(cat $d/status) $(basename "$(readlink $d/driver)")"; done
cat /proc/devices | grep -e virt -e hvc
