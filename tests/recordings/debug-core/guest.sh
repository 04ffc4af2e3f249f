# The driver core's own debug lines while modules come and go in an odd order.
log() { dmesg -c | sed 's/^\[[ 0-9.]*\] //; s/ 0x[0-9a-f]\{8,\}/ ADDR/; s/@ [0-9]*/@ N/'; }
dmesg -c >/dev/null
for m in virtio_input virtio_mmio virtio_blk virtio_net evdev; do echo "== $m"; modprobe $m; sleep 1; log; done
echo "== unbind"; echo virtio1 > /sys/bus/virtio/drivers/virtio_input/unbind; log
echo "== bind"; echo virtio1 > /sys/bus/virtio/drivers/virtio_input/bind; log
echo "== wrong bind"; echo virtio0 > /sys/bus/virtio/drivers/virtio_blk/bind; echo $?; log
echo "== rmmod"; rmmod virtio_blk; log; rmmod virtio_mmio; sleep 1; log
