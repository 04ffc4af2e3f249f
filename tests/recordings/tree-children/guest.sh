# Nodes below virtio slots: one that fits, one beside a disabled one, a wrong one, one too many.
modprobe virtio_mmio
modprobe virtio_blk
modprobe virtio_input
for d in /sys/bus/virtio/devices/*; do
  echo "$d"
  readlink $d
  readlink $d/of_node
  cat $d/uevent $d/modalias
  ls $d
done
cat /sys/kernel/debug/devices_deferred
for s in a003e00 a003c00 a003a00 a003800; do
  readlink /sys/bus/platform/devices/$s.virtio_mmio/driver
  ls /sys/bus/platform/devices/$s.virtio_mmio
done
dmesg | grep -e 'virtio_mmio: ' -e 'virtio-mmio' -e 'probe of' -e 'virtio_blk' | sed 's/^[^]]*] //'
