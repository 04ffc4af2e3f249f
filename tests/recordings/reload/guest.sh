# Unload and load again: names, numbers, majors.
for m in virtio_mmio virtio_blk virtio_console virtio_net virtio_input evdev; do modprobe $m; done
show() {
  echo "--- $1"
  lsmod
  ls -1 /sys/bus/virtio/devices /sys/bus/virtio/drivers
  ls -1 /sys/block /sys/class/net /sys/class/input
  ls -1 /sys/class/virtio-ports /sys/class/leds
  grep -e virt -e hvc /proc/devices
  awk '/virtio/ { print $1, $3, $4, $5, $6 }' /proc/interrupts
  for f in /sys/block/vda/diskseq /sys/block/vda/dev /sys/class/net/eth0/ifindex /sys/class/input/event0/dev /sys/class/virtio-ports/vport3p0/dev; do
    echo "$f: $(cat $f 2>&1)"
  done
  ls -1 /dev/input /dev/vd* /dev/vport* /dev/hvc*
}
show start
rmmod virtio_blk; show "without virtio_blk"
modprobe virtio_blk; show "with virtio_blk"
rmmod virtio_console; show "without virtio_console"
modprobe virtio_console; show "with virtio_console"
rmmod virtio_net; show "without virtio_net"
modprobe -r virtio_net; modprobe virtio_net; show "with virtio_net"
rmmod virtio_input; show "without virtio_input"
modprobe virtio_input; show "with virtio_input"
rmmod evdev; show "without evdev"
modprobe evdev; show "with evdev"
rmmod virtio_mmio; show "without virtio_mmio"
modprobe virtio_mmio; show "with virtio_mmio"
for i in 1 2 3; do rmmod virtio_mmio; modprobe virtio_mmio; done
show "three times more"
modprobe -r virtio_blk virtio_net virtio_input virtio_console virtio_mmio evdev
lsmod
