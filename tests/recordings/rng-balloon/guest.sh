# Random bytes and a balloon beside a keyboard, loaded and unloaded in turns.
st() { for d in /sys/bus/virtio/devices/*; do echo "$(basename $d) $(cat $d/device) $(cat $d/status) $(cat $d/features) $(basename "$(readlink $d/driver)")"; done; cat /sys/class/misc/hw_random/rng_available; cat /sys/class/misc/hw_random/rng_current; }
modprobe virtio_balloon; modprobe virtio_mmio; modprobe virtio-rng; modprobe virtio_input; st
dd if=/dev/hwrng bs=16 count=2 2>/dev/null | wc -c
for d in virtio_rng virtio_balloon; do for x in /sys/bus/virtio/drivers/$d/virtio*; do echo $(basename $x) > /sys/bus/virtio/drivers/$d/unbind; echo "$?"; done; done; st
for i in 0 1 2 3; do echo virtio$i > /sys/bus/virtio/drivers_probe; echo $?; done; st
rmmod virtio-rng; rmmod virtio_balloon; st; modprobe virtio_balloon; modprobe virtio-rng; st; rmmod virtio_mmio; lsmod; modprobe virtio_mmio; st
