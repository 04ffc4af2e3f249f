# The names of three disks while drivers and slots come and go: the lowest free name is the next one.
show() { for b in vda vdb vdc; do [ -e /sys/block/$b ] && echo "$1: $b is $(cat /sys/block/$b/serial), $(basename $(readlink /sys/block/$b/device))"; done; }
modprobe virtio_mmio; modprobe virtio_blk; show "at first"
cd /sys/bus/virtio/drivers/virtio_blk
echo virtio0 > unbind; show "virtio0 unbound"
echo virtio1 > unbind; echo virtio1 > bind; show "virtio1 unbound and bound"
echo virtio0 > bind; show "virtio0 bound"
cd /sys/bus/platform/drivers/virtio-mmio
for slot in a003a00 a003e00; do echo $slot.virtio_mmio > unbind; done; show "two slots gone"
for slot in a003e00 a003a00; do echo $slot.virtio_mmio > bind; done; show "two slots back"
