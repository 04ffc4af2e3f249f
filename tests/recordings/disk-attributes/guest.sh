# Everything below a disk's directory, in the directory's own order. Left out: counters and times.
modprobe virtio_mmio
modprobe virtio_blk
find /sys/block/vda/ | while read f; do
  case $f in
    */power | */power/*) ;;
    */stat | */inflight) echo "$f" ;;
    *) if [ -L "$f" ]; then echo "$f -> $(readlink "$f")"; elif [ -d "$f" ]; then echo "$f/"; else echo "$f $(stat -c %a "$f"): $(cat "$f" 2>&1)"; fi ;;
  esac
done
ls -1 /sys/block/vda/power
find /sys/devices/virtual/bdi
for f in min_ratio max_ratio read_ahead_kb stable_pages_required; do echo "$f: $(cat /sys/class/bdi/254:0/$f)"; done
try() { echo "\$ $1"; sh -c "$1"; echo "code $?"; }
q=/sys/block/vda/queue
try "echo none > $q/scheduler; cat $q/scheduler; ls $q; cat $q/nr_requests"
try "echo mq-deadline > $q/scheduler; cat $q/scheduler"
try "echo bfq > $q/scheduler"
try "echo 64 > $q/nr_requests; cat $q/nr_requests"
try "echo 0 > $q/nr_requests; cat $q/nr_requests"
try "echo 256 > $q/read_ahead_kb; cat $q/read_ahead_kb /sys/class/bdi/254:0/read_ahead_kb"
try "echo 64 > $q/max_sectors_kb; cat $q/max_sectors_kb"
try "echo 1 > $q/max_sectors_kb; cat $q/max_sectors_kb"
try "echo 0 > $q/rotational; cat $q/rotational"
try "echo 'write through' > $q/write_cache; cat $q/write_cache /sys/block/vda/cache_type"
try "echo 'write through' > /sys/block/vda/cache_type; cat $q/write_cache /sys/block/vda/cache_type"
try "echo 'write back' > /sys/block/vda/cache_type; cat $q/write_cache /sys/block/vda/cache_type"
try "echo rubbish > /sys/block/vda/cache_type"
try "echo 1 > /sys/block/vda/serial"
try "echo x > /sys/block/vda/uevent"
try "echo change > /sys/block/vda/uevent"
