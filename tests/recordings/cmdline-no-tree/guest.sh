# A slot that only the command line names, in a kernel whose virtio_mmio is a module without that parameter.
modprobe virtio_mmio; echo "modprobe: code $?"
modprobe virtio_blk
dmesg | sed 's/^\[[ 0-9.]*\] //' | grep "virtio_mmio: "
echo "platform devices: $(ls /sys/bus/platform/devices | grep -c virtio)"
echo "virtio devices: $(ls /sys/bus/virtio/devices | wc -l)"
ls /dev/vda
