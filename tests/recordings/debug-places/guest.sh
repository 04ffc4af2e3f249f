# Debug lines with their places.
log() { dmesg -c | sed 's/^\[[ 0-9.]*\] //; s/after [0-9]* usecs/after N usecs/; s/@ [0-9]*/@ N/'; }
log > /dev/null
modprobe virtio_mmio; log | grep -v 'virtio_mmio'; modprobe virtio_blk; modprobe virtio_input; log; rmmod virtio_blk; log
