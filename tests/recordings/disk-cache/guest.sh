# The page cache of disks: what becomes a request, and of what size.
s() { for d in ${*:-vda}; do awk -v d=$d '{ print "  " d ":", $1, $2, $3, "/", $5, $6, $7, "/", $12, $16 }' /sys/block/$d/stat; done; }
d() { echo 1 > /proc/sys/vm/drop_caches; }
try() { echo "\$ $1"; sh -c "$1"; echo "code $?"; s; }
modprobe virtio_mmio
modprobe virtio_blk
s vda vdb vdc
try "dd if=/dev/vda of=/dev/null bs=4096 2>/dev/null"
try "dd if=/dev/vda of=/dev/null bs=512 2>/dev/null"
try "dd if=/dev/vda of=/dev/null bs=1000 2>/dev/null"
try "dd if=/dev/vda of=/dev/null bs=64K 2>/dev/null"
try "dd if=/dev/vda of=/dev/null bs=128K 2>/dev/null"
try "dd if=/dev/vda of=/dev/null bs=200K 2>/dev/null"
try "dd if=/dev/vda of=/dev/null bs=1M 2>/dev/null"
try "dd if=/dev/vda of=/dev/null bs=512 count=1 2>/dev/null"
try "dd if=/dev/vda of=/dev/null bs=4096 count=2 2>/dev/null"
try "dd if=/dev/vda of=/dev/null bs=4096 count=5 2>/dev/null"
try "dd if=/dev/vda of=/dev/null bs=8K count=1 2>/dev/null"
try "dd if=/dev/vda of=/dev/null bs=8K count=3 2>/dev/null"
try "dd if=/dev/vda of=/dev/null bs=4096 count=1 skip=1 2>/dev/null"
try "dd if=/dev/vda of=/dev/null bs=4096 count=4 skip=100 2>/dev/null"
try "dd if=/dev/vda of=/dev/null bs=16K count=4 skip=20 2>/dev/null"
try "dd if=/dev/vda of=/dev/null bs=64K count=4 skip=5 2>/dev/null"
try "dd if=/dev/vda of=/dev/null bs=4096 skip=250 2>/dev/null"
try "cat /dev/vda > /dev/null"
try "cat < /dev/vda > /dev/null"
try "cat /dev/vda | wc -c"
try "wc -c /dev/vda"
try "md5sum /dev/vda"
try "head -c 12 /dev/vda"
try "head -n 1 /dev/vda"
try "tail -c 12 /dev/vda | hexdump -C"
try "hexdump -C /dev/vda | tail -n 1"
try "hexdump -C -s 4096 -n 16 /dev/vda"
try "hexdump -C -s 65536 -n 16 /dev/vda"
try "strings /dev/vda | tail -n 1"
try "cmp /dev/vda /dev/vdb"
try "grep -c sector /dev/vda"
try "od -c /dev/vda | tail -n 1"
try "cp /dev/vda /tmp/copy; ls -l /tmp/copy | awk '{ print \$5 }'"
try "read line < /dev/vda; echo \$line"
try "sed -n 1p /dev/vda"
try "xxd -l 16 /dev/vda"
try "tr -d '\000' < /dev/vda | wc -c"
echo "## with the disk held open"
exec 3< /dev/vda
try "dd if=/dev/vda of=/dev/null bs=4096 count=3 2>/dev/null"
try "dd if=/dev/vda of=/dev/null bs=4096 count=8 2>/dev/null"
try "dd if=/dev/vda of=/dev/null bs=4096 count=1 skip=40 2>/dev/null"
try "dd if=/dev/vda of=/dev/null bs=4096 count=3 skip=41 2>/dev/null"
try "dd if=/dev/vda of=/dev/null bs=4096 2>/dev/null"
try "dd if=/dev/vda of=/dev/null bs=1M 2>/dev/null"
try "blockdev --flushbufs /dev/vda; dd if=/dev/vda of=/dev/null bs=64K count=1 2>/dev/null"
try "echo 1 > /proc/sys/vm/drop_caches; dd if=/dev/vda of=/dev/null bs=64K count=1 2>/dev/null"
try "echo 2 > /proc/sys/vm/drop_caches; dd if=/dev/vda of=/dev/null bs=64K count=1 2>/dev/null"
try "echo 3 > /proc/sys/vm/drop_caches; dd if=/dev/vda of=/dev/null bs=64K count=1 2>/dev/null"
try "dd if=/dev/vda of=/dev/null bs=4096 count=4 iflag=direct 2>/dev/null"
try "blockdev --rereadpt /dev/vda; dd if=/dev/vda of=/dev/null bs=64K count=1 2>/dev/null"
exec 3<&-
try "dd if=/dev/vda of=/dev/null bs=4096 count=1 2>/dev/null"
echo "## readahead"
cat /proc/sys/vm/drop_caches
for ra in 0 4 16 64 100 512 4096; do
  blockdev --setra $((ra * 2)) /dev/vda; cat /sys/block/vda/queue/read_ahead_kb
  try "dd if=/dev/vda of=/dev/null bs=4096 2>/dev/null"
  try "dd if=/dev/vda of=/dev/null bs=64K 2>/dev/null"
  try "dd if=/dev/vda of=/dev/null bs=1M 2>/dev/null"
  try "dd if=/dev/vda of=/dev/null bs=4096 count=1 2>/dev/null"
  try "dd if=/dev/vda of=/dev/null bs=4096 count=1 skip=9 2>/dev/null"
done
echo 128 > /sys/block/vda/queue/read_ahead_kb
echo 64 > /sys/block/vda/queue/max_sectors_kb
try "dd if=/dev/vda of=/dev/null bs=4096 2>/dev/null"
try "dd if=/dev/vda of=/dev/null bs=1M 2>/dev/null"
try "dd if=/dev/zero of=/dev/vda bs=1M count=1 2>/dev/null"
echo "## other block sizes"
s vdb vdc
dd if=/dev/vdb of=/dev/null bs=4096 2>/dev/null; s vdb
dd if=/dev/vdb of=/dev/null bs=1M 2>/dev/null; s vdb
dd if=/dev/vdb of=/dev/null bs=512 skip=2048 2>/dev/null; s vdb
blockdev --getbsz /dev/vdb
dd if=/dev/vdc of=/dev/null bs=4096 2>/dev/null; s vdc
dd if=/dev/vdc of=/dev/null bs=512 count=1 2>/dev/null; s vdc
dmesg | grep -i drop | sed 's/^\[[ 0-9.]*\] //; s/([0-9]*)/(PID)/'
