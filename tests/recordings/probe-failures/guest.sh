# Probes that fail, what they leave behind, and trying again.
t() { echo "\$ $1"; sh -c "$1" 2>&1; echo "code $?"; }
for m in virtio_mmio virtio_blk virtio_net virtio_console virtio_input; do modprobe $m; echo "$m $?"; done
sleep 1
st() { for d in /sys/bus/virtio/devices/*; do echo "$(basename $d) $(cat $d/device) $(cat $d/status) $(cat $d/features) $(basename "$(readlink $d/driver)")"; done; }
st
ls /sys/block /sys/class/net
lsmod
for x in 0 1 2 3 4 5; do t "echo virtio$x > /sys/bus/virtio/drivers/virtio_net/bind"; done
for x in 0 1 2 3 4 5; do t "echo virtio$x > /sys/bus/virtio/drivers/virtio_blk/bind"; done
st
t "echo virtio1 > /sys/bus/virtio/drivers_probe"
t "echo virtio1 > /sys/bus/virtio/drivers/virtio_net/unbind"
cat /sys/kernel/debug/devices_deferred
awk '/virtio/ { print $1, $NF }' /proc/interrupts
dmesg | sed -n 's/^\[[ 0-9.]*\] \(.*virtio.*\)/\1/p' | grep -v 'QEMU Virtio'
rmmod virtio_net; rmmod virtio_blk; modprobe virtio_net; modprobe virtio_blk
st
t "rmmod virtio_mmio; modprobe virtio_mmio"
st
ls /sys/bus/virtio/drivers/*
