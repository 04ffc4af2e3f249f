# Messages of user space in the log, and switches of the log.
dmesg -c > /dev/null
for i in 1 2 3 4 5 6 7 8 9 10 11 12 13; do echo "<$i>line $i" > /dev/kmsg; done
modprobe virtio_mmio; modprobe virtio_blk
cat /sys/module/printk/parameters/*; cat /proc/sys/kernel/printk /proc/sys/kernel/printk_devkmsg
dmesg; dmesg -r
echo Y > /sys/module/printk/parameters/time; echo again > /dev/kmsg; dmesg | tail -n 1 | sed 's/[0-9]/9/g'
echo off > /proc/sys/kernel/printk_devkmsg; echo $?; cat /proc/sys/kernel/printk_devkmsg; echo nothing > /dev/kmsg; echo $?; dmesg | grep -c nothing
echo ratelimit > /proc/sys/kernel/printk_devkmsg; echo $?; echo bad > /proc/sys/kernel/printk_devkmsg; echo $?
echo 7 > /proc/sys/kernel/printk; cat /proc/sys/kernel/printk; echo "3 2 1 5" > /proc/sys/kernel/printk; cat /proc/sys/kernel/printk; echo "x" > /proc/sys/kernel/printk; echo $?; dmesg -n 1; cat /proc/sys/kernel/printk
