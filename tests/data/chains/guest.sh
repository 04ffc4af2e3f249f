modprobe virtio_mmio; modprobe virtio_input; modprobe virtio_blk; modprobe virtio_console; modprobe virtio_net
cat /sys/block/vda/serial; echo
head -c 8192 /dev/vda | wc -c
echo hello > /dev/hvc0
ip link set eth0 address 52:54:00:12:34:57; ip link set eth0 up
echo 1 > /sys/class/leds/input0::capslock/brightness; cat /sys/class/leds/input0::capslock/brightness
