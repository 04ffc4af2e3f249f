# An MBR disk with an extended partition and a GPT disk with names.
modprobe virtio_mmio
modprobe virtio_blk
cat /proc/partitions
ls -1 /dev/vd* /sys/class/block
for p in /sys/block/vda/vda* /sys/block/vdb/vdb*; do
  echo "## $p -> $(readlink -f $p)"
  ls -1 $p
  for f in alignment_offset dev discard_alignment partition ro size start uevent; do echo "$f: $(cat $p/$f)"; done
  ls -1 $p/holders $p/trace $p/power
done
find /sys/block/vda/vda1/ | grep -v power/
for p in vda1 vda2 vda5 vda6 vdb1 vdb2 vdb4; do echo "$p $(readlink /sys/class/block/$p) $(head -c 16 /dev/$p | tr -d '\000\n')"; done
cat /proc/diskstats | awk '{ print $1, $2, $3 }'
dd if=/dev/vda1 of=/dev/null bs=512
dd if=/dev/zero of=/dev/vda6 bs=512
echo hello > /dev/vdb4
dd if=/dev/vdb bs=512 skip=1024 count=1 2>/dev/null | head -c 5; echo
blockdev --getsz /dev/vda1
blockdev --getsize64 /dev/vdb2
fdisk -l /dev/vda
fdisk -l /dev/vdb
dd if=/dev/zero of=/dev/vda bs=512 count=1
cat /proc/partitions
blockdev --rereadpt /dev/vda
cat /proc/partitions
echo virtio1 > /sys/bus/virtio/drivers/virtio_blk/unbind
cat /proc/partitions
ls -1 /dev/vd* /sys/class/block
