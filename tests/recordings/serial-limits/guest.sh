modprobe virtio_mmio; modprobe virtio_blk
for d in a b c d; do cat /sys/block/vd$d/serial; echo "[$?]"; cat /sys/block/vd$d/size /sys/block/vd$d/uevent; hexdump -C /sys/block/vd$d/serial; ls -l /sys/block/vd$d/serial | awk '{ print $1, $5 }'; done
dd if=/sys/block/vda/serial bs=1 skip=5 count=4 2>/dev/null; echo; head -c 3 /sys/block/vdb/serial; echo; wc -c /sys/block/vd?/serial
