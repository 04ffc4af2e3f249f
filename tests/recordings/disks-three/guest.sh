# Three disks with different options; the last on the command line is the first in the slots' order.
modprobe virtio_mmio
modprobe virtio_blk
cat /proc/partitions
cat /proc/devices | grep virtblk
for d in vda vdb vdc; do
  echo "## $d $(readlink /sys/block/$d)"
  for f in dev size ro serial cache_type removable range ext_range diskseq alignment_offset discard_alignment capability hidden events events_async events_poll_msecs; do
    echo "$f: $(cat /sys/block/$d/$f)"
  done
  for f in $(ls /sys/block/$d/queue); do [ -f /sys/block/$d/queue/$f ] && echo "queue/$f: $(cat /sys/block/$d/queue/$f)"; done
  for f in $(ls /sys/block/$d/queue/iosched); do echo "iosched/$f: $(cat /sys/block/$d/queue/iosched/$f)"; done
  cat /sys/block/$d/device/features
  cat /sys/block/$d/uevent
done
ls -1 /dev/vd* /sys/class/bdi /sys/class/block
hexdump -C -n 64 /dev/vda
hexdump -C -n 64 /dev/vdb
blockdev --getsz /dev/vdc
blockdev --getro /dev/vdb
blockdev --getss /dev/vdc
blockdev --getbsz /dev/vdc
blockdev --getsize64 /dev/vda
rmmod virtio_blk
modprobe virtio_blk
cat /proc/partitions
echo virtio1 > /sys/bus/virtio/drivers/virtio_blk/unbind
cat /proc/partitions
echo virtio0 > /sys/bus/virtio/drivers/virtio_blk/unbind
echo virtio1 > /sys/bus/virtio/drivers/virtio_blk/bind
cat /proc/partitions
for d in vda vdb vdc; do readlink /sys/block/$d; done
echo virtio0 > /sys/bus/virtio/drivers/virtio_blk/bind
cat /proc/partitions
for d in /sys/block/*; do echo "$(basename $d) $(cat $d/dev) $(cat $d/diskseq) $(readlink $d)"; done
