# bind, unbind and drivers_probe on the virtio bus.
for m in virtio_mmio virtio_blk virtio_console virtio_net virtio_input; do modprobe $m; done
drv=/sys/bus/virtio/drivers
try() { echo "\$ $1"; sh -c "$1"; echo "code $?"; }
state() { for d in /sys/bus/virtio/devices/*; do echo "$(basename $d) $(cat $d/status) $(cat $d/features) $(readlink $d/driver)"; done; ls -1 $drv/*; }
state
try "echo virtio0 > $drv/virtio_blk/unbind"
state
try "cat /sys/bus/virtio/devices/virtio0/uevent"
try "ls -1 /sys/bus/virtio/devices/virtio0"
try "cat /proc/partitions"
try "ls /dev/vda"
try "echo virtio0 > $drv/virtio_blk/unbind"
try "echo virtio0 > $drv/virtio_net/bind"
try "echo virtio1 > $drv/virtio_blk/bind"
try "echo nosuch > $drv/virtio_blk/bind"
try "echo > $drv/virtio_blk/bind"
try "echo -n virtio0 > $drv/virtio_blk/bind"
try "echo virtio0 > $drv/virtio_blk/bind"
try "cat /proc/partitions"
for p in "virtio1 virtio_net" "virtio2 virtio_input" "virtio3 virtio_console"; do
  set -- $p
  try "echo $1 > $drv/$2/unbind"
  try "ls -1 /sys/bus/virtio/devices/$1"
done
state
awk '/virtio/ { print $1, $3, $4, $5, $6 }' /proc/interrupts
try "echo virtio3 > /sys/bus/virtio/drivers_probe"
try "echo virtio3 > /sys/bus/virtio/drivers_probe"
try "echo virtio7 > /sys/bus/virtio/drivers_probe"
try "echo virtio2 > $drv/virtio_input/bind"
try "echo virtio1 > /sys/bus/virtio/drivers_probe"
state
awk '/virtio/ { print $1, $3, $4, $5, $6 }' /proc/interrupts
ls -1 /sys/class/input /sys/class/net /sys/block /sys/class/virtio-ports
cat /sys/class/net/eth0/ifindex /sys/block/vda/diskseq
