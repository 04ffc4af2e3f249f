# Two starts of the same modules in different orders, as initcall_debug tells them; times masked.
log() { echo "$1"; dmesg -c | sed -n 's/^\[[ 0-9.]*\] \(initcall .* after\) [0-9]* usecs/\1 N usecs/p'; }
dmesg -c > /dev/null
for m in virtio_mmio virtio_blk virtio_net; do modprobe $m; done; log golden
for m in virtio_net net_failover failover virtio_blk virtio_mmio; do rmmod $m; done; dmesg -c > /dev/null
for m in virtio_net virtio_blk virtio_mmio; do modprobe $m; done; log other
