# The tour of the first recording on virtio-mmio version 1, and some input and output.
for m in virtio_mmio virtio_blk virtio_console virtio_net virtio_input evdev; do modprobe $m; done
sleep 1
for d in /sys/bus/virtio/devices/*; do
  echo "## $(basename $d) -> $(readlink $d)"
  for f in device vendor status modalias features; do echo "$f: $(cat $d/$f)"; done
  ls -1 $d
done
cat /proc/partitions
for f in size ro serial cache_type queue/max_segments queue/logical_block_size queue/physical_block_size queue/discard_max_bytes queue/write_zeroes_max_bytes mq/0/nr_tags; do echo "$f: $(cat /sys/block/vda/$f)"; done
cat /proc/bus/input/devices
for f in address mtu flags; do echo "$f: $(cat /sys/class/net/eth0/$f)"; done
ls -1 /sys/class/virtio-ports /sys/class/input
awk '/virtio/ { print $1, $3, $4, $5, $6 }' /proc/interrupts
grep virtio /proc/iomem
dd if=/dev/vda bs=512 skip=5 count=1 2>/dev/null | hexdump -C
echo written > /dev/vda
head -c 8 /dev/vda
echo to the console > /dev/hvc0
for i in 0 1 2 3; do
  drv=$(basename "$(readlink /sys/bus/virtio/devices/virtio$i/driver)")
  [ -n "$drv" ] || continue
  echo virtio$i > /sys/bus/virtio/drivers/$drv/unbind
  echo "$drv: $(cat /sys/bus/virtio/devices/virtio$i/status)"
  echo virtio$i > /sys/bus/virtio/drivers/$drv/bind
  echo "$drv: $(cat /sys/bus/virtio/devices/virtio$i/status)"
done
rmmod virtio_mmio
ls /sys/bus/virtio/devices
modprobe virtio_mmio
for d in /sys/bus/virtio/devices/*; do echo "$(basename $d) $(cat $d/status) $(basename "$(readlink $d/driver)")"; done
ls -1 /sys/block /sys/class/net /sys/class/input
