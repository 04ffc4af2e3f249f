# A balloon with all its options, in a kernel that clears free pages.
modprobe virtio_balloon
modprobe virtio_mmio
for f in status features; do cat /sys/bus/virtio/devices/virtio0/$f; done
sleep 1
echo virtio0 > /sys/bus/virtio/drivers/virtio_balloon/unbind
cat /sys/bus/virtio/devices/virtio0/status
modprobe -r virtio_mmio; echo "code $?"
lsmod
