for m in virtio_mmio virtio_blk virtio_net virtio_input; do modprobe $m; echo "$m $?"; done
for d in /sys/bus/virtio/devices/*; do echo "$(basename $d) $(cat $d/status) $(readlink $d/driver)"; done
ls /sys/block /sys/class/net
cat /proc/partitions
dmesg | grep -e virtio -e probe | tail -n 8 | sed 's/^\[[^]]*\] //'
echo virtio3 > /sys/bus/virtio/drivers/virtio_blk/bind; echo $?
echo virtio1 > /sys/bus/virtio/drivers/virtio_net/bind; echo $?
echo virtio3 > /sys/bus/virtio/drivers_probe; echo $?
cat /sys/bus/virtio/devices/virtio3/status
rmmod virtio_blk; cat /sys/bus/virtio/devices/virtio*/status
modprobe virtio_blk; cat /sys/bus/virtio/devices/virtio*/status
cat /sys/kernel/debug/devices_deferred; grep virtio /proc/interrupts | awk '{print $1,$6,$7}'
ls /sys/bus/virtio/drivers/virtio_blk /sys/bus/virtio/drivers/virtio_net
