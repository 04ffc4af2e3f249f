for m in virtio_mmio virtio_blk virtio_console virtio_net virtio_input evdev; do modprobe $m; done
sleep 1
exec 3</dev/vda 4>/dev/hvc0 5</dev/input/event0
lsmod
for m in virtio_blk virtio_console virtio_input evdev virtio_net virtio_mmio; do rmmod $m; echo "$m $?"; done
lsmod
exec 3<&-
rmmod virtio_blk; echo $?
exec 4>&-
rmmod virtio_console; echo $?
exec 5<&-
rmmod evdev; echo $?
lsmod
modprobe -r virtio_net; echo $?
lsmod
rmmod -f virtio_mmio; echo $?
rmmod virtio_mmio virtio_input; echo $?
dmesg | tail -n 5 | sed 's/^\[[^]]*\] //'
