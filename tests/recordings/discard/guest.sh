modprobe virtio_mmio; modprobe virtio_blk
grep . /sys/block/vd?/queue/discard* /sys/block/vd?/queue/write_zeroes* /sys/block/vd?/discard_alignment; cat /sys/bus/virtio/devices/virtio*/features
for d in a b c; do blkdiscard /dev/vd$d; echo $?; blkdiscard -o 512 -l 1024 /dev/vd$d; echo $?; blkdiscard -o 4096 -l 65536 /dev/vd$d; echo $?; blkdiscard -o 1 -l 512 /dev/vd$d; echo $?; blkdiscard -s /dev/vd$d; echo $?; done
echo 4096 > /sys/block/vda/queue/discard_max_bytes; echo $?; cat /sys/block/vda/queue/discard_max_bytes; blkdiscard -o 0 -l 65536 /dev/vda; echo $?; echo 1 > /sys/block/vda/queue/discard_max_bytes; echo $?; echo 99999999999 > /sys/block/vda/queue/discard_max_bytes; cat /sys/block/vda/queue/discard_max_bytes
cat /sys/block/vd?/stat | awk '{ print $1, $3, $5, $7, $12, $14, $16 }'; dmesg | grep -i -e vd -e discard | cut -c16-
