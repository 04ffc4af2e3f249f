for m in virtio_mmio virtio_blk virtio_console virtio_net virtio_input evdev; do modprobe $m; echo "$m $?"; done
lsmod
ls /sys/bus/virtio/devices /sys/bus/platform/drivers/virtio-mmio
dmesg | grep -i blacklist | sed 's/^\[[^]]*\] //'
rmmod virtio_mmio; echo $?
