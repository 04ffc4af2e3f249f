# initcall_debug beside failing modules, parameters and a log that is emptied between steps.
log() { dmesg -c | sed 's/^\[[ 0-9.]*\] //; s/after [0-9]* usecs/after N usecs/; s/@ [0-9]*/@ PID/'; }
dmesg -c > /dev/null
modprobe virtio_mmio nosuch=1; log | grep -v 'returned 19'
modprobe virtio_blk num_request_queues=x; log
modprobe virtio_blk queue_depth=16 num_request_queues=1; log
modprobe virtio_net csum=maybe; log
modprobe virtio_net napi_weight=8; log
lsmod
rmmod virtio_net; log
insmod /lib/modules/$(uname -r)/virtio_net.ko; log
insmod /lib/modules/$(uname -r)/virtio_net.ko; log
rmmod net_failover; rmmod virtio_net; rmmod failover; rmmod net_failover; rmmod failover; log
insmod /lib/modules/$(uname -r)/virtio_net.ko; log
modprobe virtio_console; log
echo virtio0 > /sys/bus/virtio/drivers/virtio_blk/unbind; log
echo virtio0 > /sys/bus/virtio/drivers/virtio_blk/bind; log
echo virtio9 > /sys/bus/virtio/drivers_probe; log
echo a003e00.virtio_mmio > /sys/bus/platform/drivers/virtio-mmio/unbind; log
echo a003e00.virtio_mmio > /sys/bus/platform/drivers/virtio-mmio/bind; log
echo a000000.virtio_mmio > /sys/bus/platform/drivers/virtio-mmio/bind; log
cat /sys/module/virtio_blk/parameters/*; cat /sys/module/kernel/parameters/initcall_debug
rmmod virtio_mmio; log
modprobe evdev; modprobe virtio_input; log
echo "<7>seven" > /dev/kmsg; echo no level > /dev/kmsg; dmesg -r | sed 's/\[.*\]//'; dmesg -c > /dev/null; dmesg | wc -l
