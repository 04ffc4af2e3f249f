# Version 1 with options: what each device offers and what the driver takes.
modprobe virtio_mmio
for d in /sys/bus/virtio/devices/*; do echo "$(basename $d) $(cat $d/device) $(cat $d/status) $(cat $d/features)"; done
for m in virtio_net virtio_blk virtio_console virtio_input; do modprobe $m; echo "$m $?"; done
sleep 1
for d in /sys/bus/virtio/devices/*; do echo "$(basename $d) $(cat $d/device) $(cat $d/status) $(cat $d/features) $(basename "$(readlink $d/driver)")"; done
cat /proc/partitions
for d in /sys/block/vd*; do echo "$(basename $d) $(cat $d/ro) $(cat $d/cache_type) $(cat $d/queue/max_segments) $(cat $d/queue/nr_requests) $(cat $d/queue/logical_block_size)"; done
for n in /sys/class/net/eth*; do echo "$(basename $n) $(cat $n/address) $(cat $n/mtu) $(ls $n/queues | tr '\n' ' ')"; done
for p in /sys/class/virtio-ports/*; do echo "$(basename $p) $(cat $p/name 2>&1)"; done
grep -e Name -e Handlers /proc/bus/input/devices
