# What else a script may do with a disk: file systems, swap, loops, big reads, counters.
try() { echo "\$ $1"; sh -c "$1"; echo "code $?"; }
modprobe virtio_mmio
modprobe virtio_blk
mkdir -p /mnt
try "mount /dev/vda /mnt"
try "mount -t ext4 /dev/vda /mnt"
try "mkswap /dev/vda | grep -v UUID"
try "swapon /dev/vda; cat /proc/swaps; swapoff /dev/vda"
try "losetup /dev/loop0 /dev/vda"
try "dd if=/dev/vda of=/dev/null bs=4096 iflag=direct count=4"
stat_() { awk '{ print $3, "reads", $4, "sectors", $6, "writes", $8, "sectors", $10, "discards", $15, "flushes", $19 }' /proc/diskstats; cat /sys/block/vda/stat | awk '{ print $1, $3, $5, $7, $9, $12, $14, $16 }'; }
stat_
try "dd if=/dev/vdb of=/dev/null bs=64K count=1; sync"
stat_
try "dd if=/dev/zero of=/dev/vdb bs=4096 count=2 conv=fsync"
stat_
try "dd if=/dev/zero of=/dev/vdb bs=4096 count=1 seek=4 oflag=direct"
stat_
try "blkdiscard /dev/vdb"
stat_
try "echo 1 > /proc/sys/vm/drop_caches; dd if=/dev/vdb of=/dev/null bs=4096 count=1 skip=1"
try "cat /sys/block/vdb/inflight"
try "echo 0 > /sys/block/vdb/queue/iostats; cat /sys/block/vdb/queue/iostats"
try "ls -1 /sys/kernel/debug/block /sys/kernel/debug/block/vda /sys/kernel/debug/bdi"
try "blkid /dev/vda; mdev -s; ls /dev/vda"
try "df /dev/vda | head -n 1"
try "cat /proc/self/mountinfo | wc -l; umount /mnt"
