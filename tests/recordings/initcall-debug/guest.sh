# initcall_debug: the lines of module loading; times and addresses masked.
for m in virtio_mmio virtio_blk virtio_net virtio_console virtio_input evdev; do modprobe $m; done
rmmod virtio_blk
modprobe virtio_blk
dmesg | grep -e '\[virtio' -e '\[evdev' -e failover -e 'probe of virtio' -e 'probe of [a-f0-9]*.virtio_mmio' |
  sed 's/^\[[ 0-9.]*\] //; s/after [0-9]* usecs/after N usecs/; s/0x[0-9a-f]*\/0x/OFF\/0x/; s/@ [0-9]*/@ PID/'
echo == boot
dmesg | grep -e virtio -e hvc -e pl011 -e devtmpfs -e of_platform -e input_init -e genhd | sed 's/^\[[ 0-9.]*\] //; s/after [0-9]* usecs/after N usecs/' | head -n 60
cat /proc/cmdline
