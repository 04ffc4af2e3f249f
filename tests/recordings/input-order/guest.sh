# evdev before and after the devices; two keyboards; event numbers after removal.
show() { echo "-- $1"; for d in /sys/class/input/input*; do [ -e $d ] && echo "$(basename $d) $(cat $d/name): $(cat $d/phys): $(ls $d | grep -e event -e mouse | tr '\n' ' ')"; done; ls /dev/input; grep Handlers /proc/bus/input/devices; }
modprobe evdev
show evdev
modprobe virtio_mmio
modprobe virtio_input
show all
echo virtio1 > /sys/bus/virtio/drivers/virtio_input/unbind
show "without virtio1"
echo virtio2 > /sys/bus/virtio/drivers/virtio_input/unbind
show "without virtio2"
echo virtio2 > /sys/bus/virtio/drivers/virtio_input/bind
show "virtio2 again"
echo virtio1 > /sys/bus/virtio/drivers/virtio_input/bind
show "virtio1 again"
rmmod evdev
show "without evdev"
modprobe evdev
show "evdev again"
rmmod virtio_input
show "without virtio_input"
modprobe virtio_input
show "virtio_input again"
sleep 100 < /dev/input/event0 &
sleep 1
lsmod
rmmod evdev
rmmod virtio_input
show "event0 open, driver gone"
lsmod
kill %1
sleep 1
lsmod
rmmod evdev
lsmod
