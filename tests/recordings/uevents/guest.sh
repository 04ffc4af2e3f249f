# Each kind of device's uevent file, and writing to it.
try() { echo "\$ $1"; sh -c "$1"; echo "code $?"; }
for m in virtio_mmio virtio_blk virtio_console virtio_net virtio_input evdev; do modprobe $m; done
sleep 1
p=/sys/devices/platform
for f in a000000.virtio_mmio a003800.virtio_mmio a003800.virtio_mmio/virtio0 a003800.virtio_mmio/virtio0/block/vda \
  a003a00.virtio_mmio/virtio1 a003a00.virtio_mmio/virtio1/net/eth0 a003a00.virtio_mmio/virtio1/net/eth0/queues/rx-0 \
  a003c00.virtio_mmio/virtio2 a003c00.virtio_mmio/virtio2/input/input0 a003c00.virtio_mmio/virtio2/input/input0/event0 \
  a003c00.virtio_mmio/virtio2/input/input0/input0::numlock a003e00.virtio_mmio/virtio3 \
  a003e00.virtio_mmio/virtio3/virtio-ports/vport3p0 9000000.pl011 9000000.pl011/tty/ttyAMA0 reg-dummy; do
  echo "# $f"; cat $p/$f/uevent
done
for f in virtual/tty/hvc0 virtual/tty/console virtual/bdi/254:0 virtual/net/lo virtual/input/mice virtual/mem/null; do echo "# $f"; cat /sys/devices/$f/uevent; done
u=$p/a003800.virtio_mmio/virtio0/uevent
for w in add remove change move online offline bind unbind rubbish "" "add 12345678-1234-1234-1234-123456789abc A=1" "add nonsense"; do try "echo $w > $u"; done
try "echo -n add > $u"
try "echo add > $p/a003800.virtio_mmio/virtio0/block/vda/uevent"
try "echo add > /sys/bus/virtio/uevent"
try "echo add > /sys/bus/virtio/drivers/virtio_blk/uevent"
try "echo add > /sys/module/virtio_blk/uevent"
try "echo x > /sys/module/virtio_blk/uevent"
cat /sys/kernel/uevent_helper /proc/sys/kernel/hotplug
cat /proc/partitions
