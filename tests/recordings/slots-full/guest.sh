modprobe virtio_mmio; modprobe virtio_input; modprobe virtio-rng; modprobe virtio_balloon; modprobe evdev
ls /sys/bus/virtio/devices; ls /sys/bus/virtio/devices | wc -l
ls /dev/input; ls /sys/class/input | sort
for d in /sys/bus/virtio/devices/*; do echo "$(basename $d) $(cat $d/device) $(basename $(readlink $d/driver))"; done | sort
awk '/virtio/ {print $1, $4, $5, $6, $7}' /proc/interrupts
cat /sys/class/misc/hw_random/rng_available
rmmod virtio_input; modprobe virtio_input; ls /sys/class/input | sort | head -5
