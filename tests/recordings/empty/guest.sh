# A machine with no virtio device at all.
modprobe virtio_mmio; echo "code $?"
for m in virtio_blk virtio_console virtio_net virtio_input evdev; do modprobe $m; echo "$m $?"; done
lsmod
ls -1 /sys/bus/virtio/devices /sys/bus/virtio/drivers /sys/bus/platform/drivers/virtio-mmio
cat /proc/partitions
grep virtio /proc/iomem
grep virtio /proc/interrupts
cat /proc/bus/input/devices
ls -1 /sys/class/net /sys/class/input /sys/class/block /sys/class/virtio-ports
grep -e virt -e hvc /proc/devices
ls /dev/hvc0 /dev/vda
cat /proc/diskstats
cat /sys/bus/virtio/drivers_autoprobe
echo virtio0 > /sys/bus/virtio/drivers_probe
echo a003e00.virtio_mmio > /sys/bus/platform/drivers/virtio-mmio/bind
ip link
rmmod virtio_blk virtio_net nosuch virtio_input
lsmod
