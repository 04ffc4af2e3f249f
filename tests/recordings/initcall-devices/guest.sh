# initcall_debug around binding and unbinding by hand; times and numbers masked.
log() { dmesg -c | sed 's/after [0-9]* usecs/after N usecs/; s/@ [0-9]*/@ PID/'; }
dmesg -c > /dev/null
modprobe virtio_blk; modprobe virtio_mmio; log
echo a003800.virtio_mmio > /sys/bus/platform/drivers/virtio-mmio/unbind; log
echo a003800.virtio_mmio > /sys/bus/platform/drivers/virtio-mmio/bind; log
modprobe virtio_input; modprobe virtio_console; modprobe virtio_net; log
for d in virtio_blk virtio_input virtio_net; do for x in /sys/bus/virtio/drivers/$d/virtio*; do echo $(basename $x) > /sys/bus/virtio/drivers/$d/unbind; echo $(basename $x) > /sys/bus/virtio/drivers/$d/bind; done; done; log
rmmod virtio_blk; rmmod virtio_input; log
echo virtio1 > /sys/bus/virtio/drivers_probe; log
