p=/sys/bus/platform; v=/sys/bus/virtio
try() { "$@"; echo "[$*] -> $?"; }
modprobe virtio_mmio
for s in a003800 a003a00 a003c00 a003e00; do echo "$s $(cat $p/devices/$s.virtio_mmio/driver_override) $(readlink $p/devices/$s.virtio_mmio/driver)"; done
echo a003e00.virtio_mmio > $p/drivers/virtio-mmio/unbind; echo $?
echo dummy > $p/devices/a003e00.virtio_mmio/driver_override; echo $?
cat $p/devices/a003e00.virtio_mmio/driver_override
echo a003e00.virtio_mmio > $p/drivers_probe; echo $?
echo virtio-mmio > $p/devices/a003e00.virtio_mmio/driver_override
echo a003e00.virtio_mmio > $p/drivers_probe; echo $?
ls $v/devices
modprobe virtio_blk; modprobe virtio_net; modprobe virtio_input
ls $v/devices/*/driver -d 2>/dev/null
for d in $v/devices/*; do ls $d | tr '\n' ' '; echo; done
echo virtio1 > $v/drivers/virtio_net/unbind; echo $?
echo virtio1 > $v/drivers/virtio_blk/bind; echo $?
echo virtio1 > $v/drivers_probe; echo $?
ls -l $v/drivers/virtio_net | awk 'NR>1{print $1, $9, $10, $11}'
rmmod virtio_mmio; ls $v/devices $p/drivers/ | grep -i virtio
modprobe virtio_mmio; ls -1 $v/devices; cat $p/devices/a003e00.virtio_mmio/driver_override
