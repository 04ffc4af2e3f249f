# Slots by command line and module parameter, which this kernel was built without.
cat /proc/cmdline
ls -1 /sys/bus/platform/devices | grep -i virtio | tail -n 3
modprobe virtio_mmio; echo "code $?"
ls -1 /sys/module/virtio_mmio /sys/module/virtio_mmio/parameters
cat /sys/module/virtio_mmio/parameters/device
ls -1 /sys/bus/platform/devices | grep virtio | tail -n 4
ls -1 /sys/bus/virtio/devices /sys/bus/platform/drivers/virtio-mmio /sys/devices
grep virtio /proc/iomem
modprobe virtio_blk
for d in /sys/bus/virtio/devices/*; do echo "$(basename $d) -> $(readlink $d) $(cat $d/status)"; done
awk '/virtio/ { print $1, $3, $4, $5, $6 }' /proc/interrupts
rmmod virtio_mmio
ls -1 /sys/bus/platform/devices | grep virtio | tail -n 4
grep virtio /proc/iomem
modprobe virtio_mmio device=512@0xa003e00:47; echo "code $?"
ls -1 /sys/bus/platform/devices | grep virtio | tail -n 4
cat /sys/module/virtio_mmio/parameters/device
rmmod virtio_mmio
modprobe virtio_mmio device=rubbish; echo "code $?"
lsmod
