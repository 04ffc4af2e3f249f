# Six devices on virtio-mmio version 1: bound, read, unbound, bound.
for m in virtio_input evdev virtio_console virtio_net virtio_blk virtio_mmio; do modprobe $m; done
sleep 1
for d in /sys/bus/virtio/devices/*; do echo "$(basename $d) $(basename $(dirname $(readlink $d))) $(cat $d/device $d/vendor $d/status $d/features | tr '\n' ' ') $(basename "$(readlink $d/driver)")"; done
cat /proc/partitions; ls /sys/class/net /sys/class/input /sys/class/virtio-ports
awk '/virtio/ { print $1, $3, $4, $5, $6 }' /proc/interrupts
grep virtio /proc/iomem
for d in vda vdb; do for f in size ro queue/max_segments queue/logical_block_size queue/write_cache cache_type mq/0/nr_tags queue/discard_max_bytes serial; do echo "$d $f $(cat /sys/block/$d/$f)"; done; done
dd if=/dev/vda bs=512 skip=3 count=1 2>/dev/null | head -n 1
echo written > /dev/vdb; head -c 8 /dev/vdb
for i in eth0 eth1; do ip link set $i up; done; sleep 1
for i in eth0 eth1; do for f in address mtu carrier operstate flags tx_queue_len; do echo "$i $f $(cat /sys/class/net/$i/$f)"; done; done
echo hello > /dev/hvc0
for d in virtio_blk virtio_net virtio_console; do for x in /sys/bus/virtio/drivers/$d/virtio*; do echo $(basename $x) > /sys/bus/virtio/drivers/$d/unbind; done; done
for d in /sys/bus/virtio/devices/*; do echo "$(basename $d) $(cat $d/status)"; done
for x in 5 4 3 2 1 0; do echo virtio$x > /sys/bus/virtio/drivers_probe; sleep 1; done
sleep 1
cat /proc/partitions; ls /sys/class/net /sys/class/virtio-ports
cat /sys/bus/virtio/devices/virtio*/status
rmmod virtio_mmio; lsmod | awk '{ print $1, $3 }'; modprobe virtio_mmio; sleep 1; ls /sys/bus/virtio/devices
