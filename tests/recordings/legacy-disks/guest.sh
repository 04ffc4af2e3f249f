modprobe virtio_mmio; modprobe virtio_blk; modprobe virtio_net
cat /proc/partitions
for b in vda vdb vdc; do
  echo "== $b $(readlink /sys/block/$b)"
  for f in /sys/block/$b/queue/*; do [ -f "$f" ] && echo "$(basename $f)=$(cat $f 2>/dev/null)"; done
  ls /sys/block/$b/mq
  cat /sys/block/$b/serial; echo
  cat /sys/block/$b/cache_type
  cat /sys/block/$b/ro
  cat /sys/block/$b/device/features
done
dd if=/dev/zero of=/dev/vda bs=512 count=4 2>&1 | head -2
dd if=/dev/vdb of=/dev/null bs=4k count=2 2>&1 | head -2
dd if=/dev/zero of=/dev/vdb bs=4k count=2 2>&1 | head -2
cat /proc/interrupts | awk '/virtio/{print $1,$4,$5,$6,$7}'
