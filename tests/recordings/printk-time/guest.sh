cat /proc/cmdline
cat /sys/module/printk/parameters/time
for m in virtio_mmio virtio_blk virtio_console virtio_net virtio_input; do modprobe $m; done
dmesg | tail -5
cat /proc/sys/kernel/printk
echo 1 > /sys/module/printk/parameters/time
echo "<6>hello world" > /dev/kmsg
dmesg | tail -1 | sed 's/\[ *[0-9.]*\]/[T]/'
cat /sys/module/printk/parameters/time
