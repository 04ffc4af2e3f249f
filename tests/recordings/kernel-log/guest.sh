# Log levels of the drivers' lines.
try() { echo "\$ $1"; sh -c "$1"; echo "code $?"; }
dmesg -c > /dev/null
for m in virtio_mmio virtio_blk virtio_console virtio_net virtio_input evdev; do modprobe $m; done
dmesg -r | sed 's/\[[ 0-9.]*\] //'
dmesg -c > /dev/null
modprobe virtio_blk nosuch=1
rmmod virtio_blk; modprobe virtio_blk nosuch=1 num_request_queues=x
modprobe virtio_blk nosuch=1
rmmod virtio_net; rmmod net_failover; insmod /lib/modules/*/virtio_net.ko
insmod /init
dmesg -r | sed 's/\[[ 0-9.]*\] //'
dmesg -c | wc -l
dmesg | wc -l
echo "hello from the script" > /dev/kmsg
echo "<3>an error" > /dev/kmsg
printf '<6>two\nlines\n' > /dev/kmsg
echo "<30>daemon" > /dev/kmsg
echo "" > /dev/kmsg
dmesg -r | sed 's/\[[ 0-9.]*\] //'
dmesg | grep -c .
try "cat /proc/sys/kernel/printk"
try "dmesg -n 4; cat /proc/sys/kernel/printk"
try "dmesg -n 9; cat /proc/sys/kernel/printk"
try "dmesg -n 1; cat /proc/sys/kernel/printk"
try "dmesg -s 100 | wc -l"
try "cat /proc/cmdline; cat /proc/version; cat /proc/sys/kernel/osrelease /proc/sys/kernel/hostname"
try "uname -a; uname -r; uname -m; hostname"
