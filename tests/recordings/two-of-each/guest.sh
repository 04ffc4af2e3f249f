# Two of each kind, drivers first, unloaded from the middle.
for m in virtio_console virtio_net evdev virtio_blk virtio_input; do modprobe $m; done; modprobe virtio_mmio; sleep 1
st() { for d in /sys/bus/virtio/devices/*; do echo "$(basename $d) $(cat $d/device) $(cat $d/status) $(basename "$(readlink $d/driver)")"; done; ls /sys/class/net /sys/class/input /sys/class/virtio-ports /dev/input | tr '\n' ' '; echo; }
st
awk '/virtio/ { print $1, $3, $4, $5, $6 }' /proc/interrupts
for m in virtio_input virtio_net; do rmmod $m; done; st
modprobe virtio_net; modprobe virtio_input; st
rmmod virtio_mmio; st; modprobe virtio_mmio; sleep 1; st
lsmod
