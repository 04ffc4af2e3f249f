for m in virtio_blk virtio_net virtio_input; do modprobe $m; done
modprobe virtio_mmio
for d in /sys/bus/virtio/devices/*; do readlink -f $d; cat $d/device; done
cat /proc/interrupts | awk '/virtio/ {print $1,$3,$4,$5,$6}'
cat /proc/iomem | grep virtio
cat /sys/class/input/input*/phys; cat /sys/class/net/eth0/address
ls /proc/device-tree | grep virtio | head -3; ls /proc/device-tree/virtio_mmio@a000000; hexdump -C /proc/device-tree/virtio_mmio@a000000/reg; hexdump -C /proc/device-tree/virtio_mmio@a000000/interrupts; cat /proc/device-tree/virtio_mmio@a000000/compatible; echo
readlink /sys/bus/platform/devices/a000000.virtio_mmio/of_node; cat /sys/bus/platform/devices/a000000.virtio_mmio/uevent /sys/bus/platform/devices/a000000.virtio_mmio/modalias
