# The virtio console as a kernel console.
cat /proc/cmdline
cat /proc/consoles
modprobe virtio_mmio
modprobe virtio_console
sleep 1
cat /proc/consoles
cat /sys/class/tty/console/active
ls -1 /sys/class/tty/hvc0 /sys/class/tty/console
echo "<3>seen on the console" > /dev/kmsg
sleep 1
dmesg | tail -n 3 | sed 's/^\[[ 0-9.]*\] //'
echo virtio0 > /sys/bus/virtio/drivers/virtio_console/unbind
cat /proc/consoles
echo virtio0 > /sys/bus/virtio/drivers/virtio_console/bind
sleep 1
cat /proc/consoles
rmmod virtio_console
cat /proc/consoles
cat /sys/class/tty/console/active
lsmod
