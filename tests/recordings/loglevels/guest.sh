# Which lines reach the serial port at which level.
cat /proc/sys/kernel/printk
for l in 1 4 5 6 7 8; do echo $l > /proc/sys/kernel/printk; echo "level $l"; modprobe virtio_mmio; modprobe virtio_blk; modprobe virtio_blk nosuch=1; for p in 3 4 5 6 7; do echo "<$p>message $p at $l" > /dev/kmsg; done; rmmod virtio_blk; rmmod virtio_mmio; done
echo 1 > /proc/sys/kernel/printk
echo "4 4 1 7" > /proc/sys/kernel/printk; cat /proc/sys/kernel/printk; echo 1 > /proc/sys/kernel/printk
for f in time ignore_loglevel; do cat /sys/module/printk/parameters/$f; done
echo y > /sys/module/printk/parameters/ignore_loglevel; echo "<7>all" > /dev/kmsg; echo off > /sys/module/printk/parameters/ignore_loglevel; echo "<2>none" > /dev/kmsg
echo maybe > /sys/module/printk/parameters/ignore_loglevel; cat /sys/module/printk/parameters/ignore_loglevel
