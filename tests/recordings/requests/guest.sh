# Attributes that end without a line feed, and what each action asks of the devices.
try() { echo "\$ $1"; sh -c "$1"; echo "code $?"; }
for m in virtio_mmio virtio_blk virtio_console virtio_net virtio_input evdev; do modprobe $m; done
sleep 1
for d in /sys/devices/platform/a003*.virtio_mmio /sys/bus/virtio /sys/module/virtio_* /sys/kernel/debug/virtio-ports /sys/devices/virtual/tty/hvc0; do
  find $d/ -type f | grep -v -e sections -e notes | while read f; do
    [ -n "$(head -c 1 "$f" 2>/dev/null)" ] || continue
    case "$(cat "$f" 2>/dev/null | tail -c 1 | od -An -tx1)" in *0a*) ;; *) echo "no line feed: $f" ;; esac
  done
done
try "cat /sys/block/vda/serial"
try "wc -c /sys/block/vda/serial"
try "tail -c 3 /sys/block/vda/size"
try "cat /sys/block/vda/serial /sys/block/vda/size"
try "hexdump -C /sys/block/vda/serial"
try "dd if=/dev/vda of=/dev/null bs=512 count=1"
try "echo 1 > /proc/sys/vm/drop_caches; dd if=/dev/vda of=/dev/null bs=64K count=2"
try "echo hi > /dev/vda; sync"
try "dd if=/dev/zero of=/dev/vda bs=512 count=1 seek=100"
try "dd if=/dev/zero of=/dev/vda bs=1M count=1 conv=fsync"
try "blkdiscard /dev/vda"
try "echo 'write through' > /sys/block/vda/cache_type"
try "echo hello > /dev/hvc0"
try "echo 1 > /sys/class/leds/input0::capslock/brightness"
echo 1 > /proc/sys/net/ipv6/conf/eth0/disable_ipv6
try "ip link set eth0 up"
sleep 2
try "ip link set eth0 promisc on"
try "ip link set eth0 promisc off"
try "ip link set eth0 allmulticast on"
try "ip link set eth0 address 52:54:00:aa:bb:cc"
try "ip link set eth0 down"
awk '{ print $3, $4, $6, $8, $10, $15, $19 }' /proc/diskstats
dmesg | tail -n 4 | sed 's/^\[[ 0-9.]*\] //; s/([0-9]*)/(PID)/'
