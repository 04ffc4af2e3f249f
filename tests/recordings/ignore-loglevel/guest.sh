cat /proc/cmdline
cat /proc/sys/kernel/printk
modprobe virtio_mmio
modprobe virtio_blk
modprobe virtio_console
modprobe virtio_net
modprobe virtio_input
echo "<7>debug line" > /dev/kmsg
echo "<3>err line" > /dev/kmsg
sleep 1
cat /sys/module/printk/parameters/ignore_loglevel
echo N > /sys/module/printk/parameters/ignore_loglevel
echo "<3>not shown" > /dev/kmsg
modprobe -r virtio_blk
modprobe virtio_blk
echo 8 > /proc/sys/kernel/printk; cat /proc/sys/kernel/printk
echo "<7>shown again" > /dev/kmsg
echo "<6>info" > /dev/kmsg
modprobe -r virtio_blk
modprobe virtio_blk
sleep 1
