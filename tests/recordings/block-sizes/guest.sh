modprobe virtio_mmio; modprobe virtio_blk
for d in a b c d; do grep . /sys/block/vd$d/queue/*size* /sys/block/vd$d/alignment_offset /sys/block/vd$d/size /sys/block/vd$d/queue/*sect* /sys/block/vd$d/queue/*seg*; done 2>&1
for d in a b c d; do for b in 512 1024 2048 4096; do echo "$d $b"; dd if=/dev/vd$d bs=$b skip=3 count=1 iflag=direct 2>/tmp/e | head -n 1; head -n 1 /tmp/e; done; done
for d in a b c d; do echo hello | dd of=/dev/vd$d bs=512 seek=5 conv=sync 2>&1 | head -n 2; sync; dd if=/dev/vd$d bs=512 skip=5 count=1 2>/dev/null | head -n 1; done
cat /proc/diskstats | awk '{ print $3, $4, $6, $8, $10 }'; dmesg | grep vd | cut -c16-
