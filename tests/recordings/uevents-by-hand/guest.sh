# Messages by hand, their numbers, and what they carry.
n() { cat /sys/kernel/uevent_seqnum; }
d() { a=$(n); "$@" ; case $1 in *mod*) sleep 1;; esac; b=$(n); echo "$* -> $((b-a))"; }
d modprobe virtio_mmio; d modprobe virtio_blk; d modprobe virtio_input; d modprobe evdev; d modprobe virtio_console; sleep 1; d true
w() { echo "$2" > $1/uevent; echo "'$2' -> $?"; }
v=/sys/bus/virtio/devices/virtio0
d w $v add; d w $v change; d w $v remove; d w $v online; d w $v offline; d w $v move; d w $v bind; d w $v unbind; d w $v nonsense; d w $v "add 1234"
d w $v "add fe4d7c9d-b8c6-4a70-9ef1-3d8a58d18eed A=1 B=2"; d w $v "add fe4d7c9d-b8c6-4a70-9ef1-3d8a58d18eed"; d w $v "add fe4d7c9d-b8c6-4a70-9ef1-3d8a58d18eed A"; d w $v "add fe4d7c9d-b8c6-4a70-9ef1-3d8a58d18eed a=1 b="; d w $v "add fe4d7c9d-b8c6-4a70-9ef1-3d8a58d18ee A=1"; d w $v ""; d w $v "add "; d w $v " add"; d w $v "addx"
d w /sys/bus/virtio/drivers/virtio_blk add; d w /sys/module/virtio_blk add; d w /sys/bus/virtio add; d w /sys/devices/platform/a003800.virtio_mmio add; d w /sys/class/block/vda change
d rmmod virtio_blk; d rmmod virtio_mmio; d rmmod virtio_input; d rmmod evdev
cat /sys/kernel/uevent_helper; echo /bin/false > /sys/kernel/uevent_helper; echo $?; d modprobe virtio_mmio; echo > /sys/kernel/uevent_helper
