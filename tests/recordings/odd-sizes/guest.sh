modprobe virtio_mmio; modprobe virtio_blk
cat /proc/partitions; for d in a b c d e f g; do cat /sys/block/vd$d/size; blockdev --getsize64 --getbsz /dev/vd$d 2>&1 | head -n 1; blockdev --getbsz /dev/vd$d; blockdev --getsize64 /dev/vd$d; done
for d in a b c d; do dd if=/dev/vd$d of=/dev/null 2>&1 | head -n 2; dd if=/dev/vd$d of=/dev/null bs=4096 2>&1 | head -n 2; dd if=/dev/zero of=/dev/vd$d bs=512 2>&1 | head -n 3; done
dmesg | grep vd | cut -c16-; fdisk -l /dev/vda; echo $?; fdisk -l /dev/vdf; echo $?; fdisk -l /dev/vde; echo $?; fdisk -l; echo $?; dd if=/dev/vdf bs=512 count=1; cat /dev/vdf; echo x > /dev/vdf; echo $?; wc -c < /dev/vdc; cksum /dev/vdd
