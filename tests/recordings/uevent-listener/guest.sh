# The kernel's messages to user space, in order, while drivers come and go.
uevent sh -c 'echo $ACTION $SUBSYSTEM $DEVPATH $DEVNAME $DEVTYPE $DRIVER $MODALIAS $TRIGGER $DISKSEQ $PARTN $INTERFACE $IFINDEX $DEVPATH_OLD' >> /tmp/log &
sleep 1
say() { sleep 2; cat /tmp/log; : > /tmp/log; echo "## $*"; }
say modprobe virtio_mmio; modprobe virtio_mmio
say modprobe virtio_blk; modprobe virtio_blk
say modprobe virtio_net; modprobe virtio_net
say modprobe virtio_input; modprobe virtio_input
say modprobe evdev; modprobe evdev
say modprobe virtio_console; modprobe virtio_console
say unbind virtio0; echo virtio0 > /sys/bus/virtio/drivers/virtio_blk/unbind
say bind virtio0; echo virtio0 > /sys/bus/virtio/drivers/virtio_blk/bind
say echo add; echo add > /sys/bus/virtio/devices/virtio0/uevent
say eth0 renamed; ip link set eth0 name lan0
say rmmod virtio_input; rmmod virtio_input
say rmmod virtio_net; rmmod virtio_net
say rmmod virtio_mmio; rmmod virtio_mmio
say rmmod virtio_console; rmmod virtio_console
say end
kill %1
