modprobe virtio_mmio; modprobe virtio_blk
for o in --getss --getpbsz --getiomin --getioopt --getalignoff --getmaxsect --getbsz --getsize --getsz --getsize64 --getra --getfra --getro --getdiscardzeroes --report; do echo "$o: $(blockdev $o /dev/vda 2>&1 | head -n 1)"; done
echo x > /dev/vda; echo $?
dd if=/dev/zero of=/dev/vda bs=512 count=1; echo $?
blockdev --setrw /dev/vda; echo $?; blockdev --getro /dev/vda; cat /sys/block/vda/ro
blockdev --setro /dev/vda; blockdev --setra 64 /dev/vda; blockdev --getra /dev/vda; cat /sys/block/vda/queue/read_ahead_kb
blockdev --setbsz 1024 /dev/vda; blockdev --getbsz /dev/vda
blkdiscard /dev/vda; echo $?; blkdiscard -s /dev/vda; echo $?
dd if=/dev/vda bs=512 skip=9 count=1 2>/dev/null | head -n 1
hexdump -n 32 -C /dev/vda; hexdump -n 16 /dev/vda; od -N 16 -c /dev/vda; xxd -l 32 /dev/vda; md5sum /dev/vda; cksum /dev/vda; sum /dev/vda
ls -l /dev/vda | awk '{print $1,$3,$4,$5,$6}'; stat -c '%F %t %T %a' /dev/vda
cp /dev/vda /tmp/x; ls -l /tmp/x | awk '{print $5}'; cmp /tmp/x /dev/vda && echo same
fdisk -l /dev/vda; cat /proc/diskstats | awk '{print $1,$2,$3,$8}'; mount /dev/vda /tmp 2>&1; sync; echo $?
