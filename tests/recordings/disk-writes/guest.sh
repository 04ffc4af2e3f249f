# Writing through the page cache of disks: what becomes a request, when, and of what size.
s() { for d in ${*:-vda}; do awk -v d=$d '{ print "  " d ":", $1, $2, $3, "/", $5, $6, $7, "/", $12, $14, $16 }' /sys/class/block/$d/stat; done; }
try() { echo "\$ $1"; sh -c "$1"; echo "code $?"; s $w; }
modprobe virtio_mmio
modprobe virtio_blk
w=vda
s vda vdb vdc vdd vdd1 vdd2
try "echo hi > /dev/vda"
try "dd if=/dev/zero of=/dev/vda bs=512 count=1 seek=100 2>/dev/null"
try "dd if=/dev/zero of=/dev/vda bs=512 count=8 seek=100 2>/dev/null"
try "dd if=/dev/zero of=/dev/vda bs=512 count=20 seek=100 2>/dev/null"
try "dd if=/dev/zero of=/dev/vda bs=4096 count=3 2>/dev/null"
try "dd if=/dev/zero of=/dev/vda bs=6000 count=2 2>/dev/null"
try "dd if=/dev/zero of=/dev/vda bs=64K count=4 2>/dev/null"
try "dd if=/dev/zero of=/dev/vda bs=1M count=1 2>/dev/null"
try "dd if=/dev/zero of=/dev/vda bs=1M count=1 conv=fsync 2>/dev/null"
try "dd if=/dev/zero of=/dev/vda bs=4096 count=4 oflag=direct 2>/dev/null"
try "dd if=/dev/zero of=/dev/vda bs=1M count=1 oflag=direct 2>/dev/null"
try "dd if=/dev/vda of=/dev/null bs=1M count=1 iflag=direct 2>/dev/null"
try "dd if=/dev/vda of=/dev/null bs=3M count=1 iflag=direct"
try "dd if=/dev/vda of=/dev/null bs=1000 count=1 iflag=direct"
try "dd if=/dev/zero of=/dev/vda bs=1000 count=1 oflag=direct"
try "dd if=/dev/vda of=/dev/null bs=512 count=3 iflag=direct 2>/dev/null"
try "dd if=/dev/zero of=/dev/vda bs=512 count=3 seek=2047 oflag=direct"
try "dd if=/dev/vda of=/dev/null bs=512 count=3 skip=2047 iflag=direct"
try "dd if=/dev/zero of=/tmp/f bs=512 count=3 oflag=direct"
try "dd if=/dev/zero of=/dev/null bs=512 count=3 iflag=direct"
try "cp /tmp/f /dev/vda 2>/dev/null; cp /dev/vdb /dev/vda"
try "cat /dev/vdb > /dev/vda"
try "printf abc > /dev/vda; printf abc >> /dev/vda; head -c 6 /dev/vda"
try "(printf 1; printf 2; printf 3) > /dev/vda"
try "sync"
echo "## held open"
exec 3<> /dev/vda
try "echo hi > /dev/vda"
try "hexdump -C -n 16 /dev/vda"
try "sync"
try "sync"
try "dd if=/dev/vda bs=16 count=1 iflag=direct"
try "dd if=/dev/vda bs=512 count=1 iflag=direct 2>/dev/null | head -c 3"
try "echo ho > /dev/vda; dd if=/dev/vda bs=512 count=1 iflag=direct 2>/dev/null | head -c 3"
try "echo ha > /dev/vda; dd if=/dev/zero of=/dev/vda bs=512 seek=1 count=1 oflag=direct 2>/dev/null; head -c 3 /dev/vda"
try "echo ha > /dev/vda; echo 1 > /proc/sys/vm/drop_caches; head -c 3 /dev/vda"
try "blockdev --flushbufs /dev/vda; head -c 3 /dev/vda"
try "echo hu > /dev/vda; blkdiscard -o 0 -l 4096 /dev/vda; head -c 3 /dev/vda"
try "echo hu > /dev/vda; blkdiscard -o 512 -l 512 /dev/vda; head -c 3 /dev/vda"
try "dd if=/dev/zero of=/dev/vda bs=4096 count=2 seek=8 2>/dev/null; dd if=/dev/zero of=/dev/vda bs=4096 count=1 seek=11 2>/dev/null; dd if=/dev/zero of=/dev/vda bs=4096 count=1 seek=3 2>/dev/null; sync"
try "dd if=/dev/zero of=/dev/vda bs=4096 count=1 conv=fsync 2>/dev/null"
try "echo hu > /dev/vda; dd if=/dev/vda of=/dev/null bs=4096 count=1 conv=fsync 2>/dev/null"
try "echo hu > /dev/vda; blockdev --rereadpt /dev/vda"
try "echo hu > /dev/vda; blockdev --setro /dev/vda; sync; blockdev --setrw /dev/vda"
echo hi > /dev/vda
exec 3>&-
s
echo "## a small block"
w=vdb; blockdev --getbsz /dev/vdb; s vdb
try "echo hi > /dev/vdb"
try "dd if=/dev/zero of=/dev/vdb bs=512 count=1 seek=9 2>/dev/null"
try "dd if=/dev/zero of=/dev/vdb bs=700 count=3 2>/dev/null"
try "dd if=/dev/zero of=/dev/vdb bs=4096 count=3 2>/dev/null"
try "dd if=/dev/zero of=/dev/vdb bs=512 seek=2040 2>/dev/null"
exec 3<> /dev/vdb
try "dd if=/dev/zero of=/dev/vdb bs=512 count=1 seek=9 2>/dev/null; dd if=/dev/vdb of=/dev/null bs=512 count=1 skip=9 2>/dev/null"
try "dd if=/dev/vdb of=/dev/null bs=512 count=1 skip=10 2>/dev/null"
try "dd if=/dev/zero of=/dev/vdb bs=512 count=1 seek=50 2>/dev/null; dd if=/dev/vdb of=/dev/null bs=64K count=1 2>/dev/null"
exec 3>&-
s vdb
echo "## large blocks"
w=vdc
try "echo hi > /dev/vdc"
try "dd if=/dev/zero of=/dev/vdc bs=512 count=3 2>/dev/null"
try "dd if=/dev/zero of=/dev/vdc bs=512 count=1 oflag=direct"
try "dd if=/dev/vdc of=/dev/null bs=512 count=1 iflag=direct"
try "dd if=/dev/vdc of=/dev/null bs=4096 count=2 iflag=direct"
try "dd if=/dev/zero of=/dev/vdc bs=3M count=1 2>/dev/null"
echo "## partitions"
w="vdd vdd1 vdd2"
cat /proc/partitions
try "dd if=/dev/vdd1 of=/dev/null bs=4096 2>/dev/null"
try "dd if=/dev/vdd2 of=/dev/null bs=1M 2>/dev/null"
try "echo hi > /dev/vdd1; dd if=/dev/vdd bs=512 skip=64 count=1 2>/dev/null | head -c 3"
exec 3<> /dev/vdd1
try "echo ho > /dev/vdd1; dd if=/dev/vdd bs=512 skip=64 count=1 2>/dev/null | head -c 3"
try "sync; dd if=/dev/vdd bs=512 skip=64 count=1 2>/dev/null | head -c 3"
try "dd if=/dev/zero of=/dev/vdd1 bs=512 count=1 conv=fsync 2>/dev/null; dd if=/dev/vdd bs=512 skip=64 count=1 2>/dev/null | head -c 3"
exec 3>&-
s vdd vdd1 vdd2
try "dd if=/dev/zero of=/dev/vdd1 bs=512 count=1000 2>/dev/null"
echo "## attributes"
w=vda
echo none > /sys/block/vda/queue/scheduler
try "dd if=/dev/zero of=/dev/vda bs=1M count=1 2>/dev/null"
try "dd if=/dev/vda of=/dev/null bs=4096 2>/dev/null"
echo 1 > /sys/block/vda/queue/nomerges
try "dd if=/dev/zero of=/dev/vda bs=1M count=1 2>/dev/null"
echo 2 > /sys/block/vda/queue/nomerges
try "dd if=/dev/zero of=/dev/vda bs=1M count=1 2>/dev/null"
echo mq-deadline > /sys/block/vda/queue/scheduler
try "dd if=/dev/zero of=/dev/vda bs=1M count=1 2>/dev/null"
try "dd if=/dev/vda of=/dev/null bs=4096 2>/dev/null"
echo 0 > /sys/block/vda/queue/nomerges
echo 0 > /sys/block/vda/queue/iostats
try "dd if=/dev/zero of=/dev/vda bs=4096 count=4 conv=fsync 2>/dev/null"
echo 1 > /sys/block/vda/queue/iostats
echo "write through" > /sys/block/vda/cache_type
try "dd if=/dev/zero of=/dev/vda bs=4096 count=4 conv=fsync 2>/dev/null"
echo "write back" > /sys/block/vda/cache_type
echo "## going away"
exec 3<> /dev/vda
echo gone >&3
s
echo "$(basename $(readlink /sys/block/vda/device))" > /sys/bus/virtio/drivers/virtio_blk/unbind
head -c 4 <&3; echo "code $?"
echo more >&3; echo "code $?"
exec 3>&-
dmesg | tail -n 4 | sed 's/^\[[ 0-9.]*\] //; s/([0-9]*)/(PID)/'
