# Tables that a script writes, broken ones, and ones on 4 KiB sectors.
p() { echo "-- $1"; cat /proc/partitions; dmesg -c | sed 's/^\[[ 0-9.]*\] //'; }
dmesg -c > /dev/null
modprobe virtio_mmio
modprobe virtio_blk
p start
# one partition: type 83, start 8, 100 sectors
entry() { printf "\\000\\000\\000\\000\\$1\\000\\000\\000\\$2\\000\\000\\000\\$3\\000\\000\\000"; }
entry 203 010 144 | dd of=/dev/vda bs=1 seek=446 2>/dev/null
printf '\125\252' | dd of=/dev/vda bs=1 seek=510 2>/dev/null
blockdev --rereadpt /dev/vda; echo "code $?"
p "one partition"
cat /sys/block/vda/vda1/start /sys/block/vda/vda1/size
entry 203 200 377 | dd of=/dev/vda bs=1 seek=494 2>/dev/null
blockdev --rereadpt /dev/vda; echo "code $?"
p "two partitions"
sleep 60 < /dev/vda1 &
sleep 1
blockdev --rereadpt /dev/vda; echo "code $?"
p "vda1 is open"
kill %1
sleep 1
printf '\000' | dd of=/dev/vda bs=1 seek=510 2>/dev/null
blockdev --rereadpt /dev/vda; echo "code $?"
p "signature gone"
printf '\125\252' | dd of=/dev/vda bs=1 seek=510 2>/dev/null
dd if=/dev/zero of=/dev/vda bs=1 seek=446 count=64 2>/dev/null
blockdev --rereadpt /dev/vda; echo "code $?"
p "empty table"
printf '\000\000\000\000\203\000\000\000\010\000\000\000\000\000\001\000' | dd of=/dev/vda bs=1 seek=446 2>/dev/null
blockdev --rereadpt /dev/vda; echo "code $?"
p "too long"
printf '\000\000\000\000\203\000\000\000\010\000\001\000\000\000\001\000' | dd of=/dev/vda bs=1 seek=446 2>/dev/null
blockdev --rereadpt /dev/vda; echo "code $?"
p "beyond the end"
partprobe /dev/vda; echo "code $?"
dmesg -c | sed 's/^\[[ 0-9.]*\] //'
# 4 KiB sectors: start and length count 4096 bytes
entry 203 010 144 | dd of=/dev/vdb bs=1 seek=446 2>/dev/null
printf '\125\252' | dd of=/dev/vdb bs=1 seek=510 2>/dev/null
blockdev --rereadpt /dev/vdb; echo "code $?"
p "4 KiB"
cat /sys/block/vdb/vdb1/start /sys/block/vdb/vdb1/size
blockdev --rereadpt /dev/vdc; echo "code $?"
blockdev --rereadpt /dev/vdb1; echo "code $?"
echo virtio2 > /sys/bus/virtio/drivers/virtio_blk/unbind
echo virtio2 > /sys/bus/virtio/drivers/virtio_blk/bind
p "again"
