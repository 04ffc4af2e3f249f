# One driver at a time, each alone with the transport.
for m in virtio_net virtio_console virtio_input virtio_blk; do
  echo "## $m"
  modprobe virtio_mmio
  modprobe $m
  for d in /sys/bus/virtio/devices/*; do echo "$(basename $d) $(cat $d/status) $(cat $d/features) $(basename "$(readlink $d/driver)")"; done
  awk '/virtio/ { print $1, $3, $4, $5, $6 }' /proc/interrupts
  ls -1 /sys/class/net /sys/class/input /sys/class/virtio-ports /sys/block 2>&1
  lsmod
  modprobe -r $m
  modprobe -r virtio_mmio
  lsmod
  awk '/virtio/ { print $1, $3, $4, $5, $6 }' /proc/interrupts
  ls /sys/bus/virtio/devices /sys/bus/virtio/drivers
done
