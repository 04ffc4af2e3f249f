# A console whose driver is loaded late: which lines it shows, and when it goes live.
echo 5 > /proc/sys/kernel/printk
echo "<3>before the module" > /dev/kmsg
cat /sys/class/tty/console/active
modprobe virtio_mmio; modprobe virtio_console; sleep 1
cat /sys/class/tty/console/active
echo "<3>behind the module" > /dev/kmsg
sleep 1
dmesg | tail -n 3 | sed 's/^\[[ 0-9.]*\] //'
echo 1 > /proc/sys/kernel/printk
