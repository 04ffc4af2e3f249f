# Unloading and unbinding what is open.
try() { echo "\$ $1"; sh -c "$1"; echo "code $?"; }
for m in virtio_mmio virtio_blk virtio_console virtio_input evdev; do modprobe $m; done
sleep 1
lsmod
sleep 60 < /dev/vda & a=$!
sleep 60 > /dev/hvc0 & b=$!
sleep 60 < /dev/input/event0 & c=$!
sleep 1
lsmod
for m in virtio_blk virtio_console virtio_input evdev virtio_mmio; do cat /sys/module/$m/refcnt; done
try "rmmod virtio_blk"
try "rmmod virtio_console"
try "rmmod evdev"
try "modprobe -r virtio_blk"
try "echo virtio0 > /sys/bus/virtio/drivers/virtio_blk/unbind"
try "cat /proc/partitions; ls /dev/vda /sys/block"
lsmod
try "echo virtio0 > /sys/bus/virtio/drivers/virtio_blk/bind"
try "cat /proc/partitions; ls /dev/vd*; cat /sys/block/*/diskseq"
kill $a
sleep 1
lsmod
try "echo virtio0 > /sys/bus/virtio/drivers/virtio_blk/unbind"
try "echo virtio0 > /sys/bus/virtio/drivers/virtio_blk/bind"
try "cat /proc/partitions"
try "rmmod virtio_input"
try "ls /dev/input /sys/class/input"
try "modprobe virtio_input; ls /dev/input /sys/class/input"
kill $c
sleep 1
try "ls /dev/input /sys/class/input"
try "echo virtio2 > /sys/bus/virtio/drivers/virtio_console/unbind"
sleep 1
lsmod
try "ls /sys/class/virtio-ports; ls /dev/hvc0 /dev/vport*"
kill $b
sleep 1
lsmod
try "rmmod virtio_console"
try "rmmod virtio_mmio"
lsmod
