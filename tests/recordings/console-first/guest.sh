cat /proc/consoles; cat /proc/cmdline; cat /sys/class/tty/console/active
modprobe virtio_mmio; modprobe virtio_console; sleep 1
cat /proc/consoles; cat /sys/class/tty/console/active
dmesg | tail -n 3 | sed 's/^\[[^]]*\] //'
echo "<3>to both" > /dev/kmsg
echo virtio3 > /sys/bus/virtio/drivers/virtio_console/unbind; cat /proc/consoles
echo virtio3 > /sys/bus/virtio/drivers/virtio_console/bind; sleep 1; cat /proc/consoles
rmmod virtio_mmio; cat /proc/consoles; modprobe virtio_mmio; sleep 1; cat /proc/consoles
rmmod virtio_console; cat /proc/consoles; lsmod
