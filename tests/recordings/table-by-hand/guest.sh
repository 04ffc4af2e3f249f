# A partition table written by a script, read again, used, changed.
modprobe virtio_mmio; modprobe virtio_blk
le() { printf "\\$(printf %03o $(($1 & 255)))\\$(printf %03o $((($1 >> 8) & 255)))\\$(printf %03o $((($1 >> 16) & 255)))\\$(printf %03o $((($1 >> 24) & 255)))"; }
part() { { printf '\000\000\000\000\203\000\000\000'; le $2; le $3; } | dd of=/dev/vda bs=1 seek=$((446 + 16 * $1)) conv=notrunc 2>/dev/null; }
part 0 64 1024; part 2 2048 2048; printf '\125\252' | dd of=/dev/vda bs=1 seek=510 conv=notrunc 2>/dev/null
blockdev --rereadpt /dev/vda; echo $?; cat /proc/partitions; ls /dev/vda*
for p in /sys/block/vda/vda?; do echo "$(basename $p) $(cat $p/start) $(cat $p/size) $(cat $p/partition) $(cat $p/dev) $(cat $p/ro)"; done
echo first > /dev/vda1; echo third > /dev/vda3; dd if=/dev/vda bs=512 skip=64 count=1 2>/dev/null | head -n 1; dd if=/dev/vda bs=512 skip=2048 count=1 2>/dev/null | head -n 1
part 1 1088 512; exec 3< /dev/vda1; blockdev --rereadpt /dev/vda; echo $?; exec 3<&-; blockdev --rereadpt /dev/vda; echo $?; cat /proc/partitions
rmmod virtio_blk; ls /dev/vda* ; modprobe virtio_blk; cat /proc/partitions; blockdev --getsz /dev/vda3; fdisk -l /dev/vda; dmesg | grep ' vda:' | sed 's/^\[[^]]*\] //'
