modprobe virtio_mmio && modprobe virtio_blk
for b in /sys/block/vd*; do
  n=${b##*/}
  echo "=== $n: $(basename "$(readlink -f $b/device)") size=$(cat $b/size) serial='$(cat $b/serial)' cache='$(cat $b/cache_type)' features=$(cat $b/device/features)"
  for q in add_random chunk_sectors dax discard_granularity discard_max_bytes discard_max_hw_bytes discard_zeroes_data dma_alignment fua hw_sector_size io_poll io_poll_delay iostats logical_block_size max_discard_segments max_hw_sectors_kb max_integrity_segments max_sectors_kb max_segment_size max_segments minimum_io_size nomerges nr_requests nr_zones optimal_io_size physical_block_size read_ahead_kb rotational rq_affinity scheduler stable_writes virt_boundary_mask wbt_lat_usec write_cache write_same_max_bytes write_zeroes_max_bytes zone_append_max_bytes zone_write_granularity zoned; do
    printf '%s: %s\n' $q "$(cat $b/queue/$q 2>&1)"
  done
  ls $b/mq | tr '\n' ' '; echo; cat $b/mq/0/nr_tags $b/mq/0/nr_reserved_tags $b/mq/0/cpu_list
done
blkdiscard -o 0 -l 65536 /dev/vda; echo "vda $?"
for d in vdb vdc vdd vde; do blkdiscard /dev/$d; echo "$d $?"; done
dd if=/dev/vde bs=512 count=1 2>/dev/null | head -n 1
awk '{print $3, $4, $6, $8, $10, $15, $17}' /proc/diskstats
