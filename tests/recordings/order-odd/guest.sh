# The device drivers come before the transport, and the disk last: who gets which number?
irqs() { awk '/virtio/ { print $1, $3, $4, $5, $6 }' /proc/interrupts; }
state() {
  echo "-- virtio bus:" $(ls /sys/bus/virtio/devices) "drivers:" $(ls /sys/bus/virtio/drivers)
  for d in /sys/bus/virtio/devices/*; do [ -e $d ] && echo "$(basename $d) $(cat $d/status) $(basename "$(readlink $d/driver)")"; done
  irqs
}
lsmod
for m in evdev virtio_input virtio_net virtio_mmio virtio_console virtio_blk; do
  echo "## modprobe $m"
  modprobe $m
  echo "code $?"
  state
done
lsmod
ls -1 /sys/class/input /sys/class/net /sys/block /sys/class/virtio-ports
cat /proc/partitions
cat /proc/bus/input/devices
