# Drivers and devices meet only when told to.
try() { echo "\$ $1"; sh -c "$1"; echo "code $?"; }
state() { for d in /sys/bus/virtio/devices/*; do echo "$(basename $d) $(cat $d/status) $(readlink $d/driver)"; done; }
cat /sys/bus/virtio/drivers_autoprobe /sys/bus/platform/drivers_autoprobe
echo 0 > /sys/bus/virtio/drivers_autoprobe
for m in virtio_mmio virtio_blk virtio_console virtio_net virtio_input evdev; do modprobe $m; done
state
cat /proc/partitions
awk '/virtio/ { print $1, $3, $4, $5, $6 }' /proc/interrupts
try "echo virtio2 > /sys/bus/virtio/drivers_probe"
try "echo virtio1 > /sys/bus/virtio/drivers/virtio_net/bind"
state
awk '/virtio/ { print $1, $3, $4, $5, $6 }' /proc/interrupts
rmmod virtio_blk
echo 1 > /sys/bus/virtio/drivers_autoprobe
state
modprobe virtio_blk
state
try "echo virtio3 > /sys/bus/virtio/drivers_probe"
state
rmmod virtio_mmio
echo 0 > /sys/bus/platform/drivers_autoprobe
modprobe virtio_mmio
ls -1 /sys/bus/platform/drivers/virtio-mmio /sys/bus/virtio/devices
try "echo a003c00.virtio_mmio > /sys/bus/platform/drivers_probe"
try "echo a000000.virtio_mmio > /sys/bus/platform/drivers_probe"
try "echo a003800.virtio_mmio > /sys/bus/platform/drivers/virtio-mmio/bind"
state
ls -1 /sys/block /sys/class/input
