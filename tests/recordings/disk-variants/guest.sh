# Features by option: cache modes, discard, queue sizes, event index, packed, no media sizes.
modprobe virtio_mmio
modprobe virtio_blk
cat /proc/partitions
for d in /sys/block/vd*; do
  echo "## $(basename $d) $(basename $(readlink $d/device)) $(cat $d/device/features)"
  for f in size ro serial cache_type queue/write_cache queue/fua queue/nr_requests queue/max_segments queue/max_segment_size queue/max_sectors_kb queue/discard_max_bytes queue/discard_granularity queue/max_discard_segments queue/write_zeroes_max_bytes queue/physical_block_size queue/logical_block_size queue/minimum_io_size queue/optimal_io_size mq/0/nr_tags; do
    echo "$f: $(cat $d/$f 2>&1)"
  done
done
hexdump -C /dev/vdd | tail -n 3
dd if=/dev/zero of=/dev/vda bs=512 count=1
dd if=/dev/zero of=/dev/vde bs=512 count=1
dd if=/dev/vdf of=/dev/null
