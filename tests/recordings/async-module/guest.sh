# What the end of modprobe promises: it waits for the probes of 24 disks, unless the module asked to be probed beside other work.
look() { set -- /sys/block/vd*; [ $# -eq 24 ] && echo "all disks are there" || echo "disks are missing"; }
load() {
  echo "== modprobe virtio_blk $*"
  modprobe virtio_blk "$@"; look
  sleep 1; echo "a second later: $(look)"
  echo "probed beside other work: $(dmesg -c | grep -c asynchronously)"
  rmmod virtio_blk
}
modprobe virtio_mmio
dmesg -c >/dev/null
load
load async_probe
load async_probe=0
