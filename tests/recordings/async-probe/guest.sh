# Three disks that are probed beside other work: the driver after the devices, and the devices after the driver.
say() { for d in vda vdb vdc; do echo "$d: $(cat /sys/block/$d/serial)"; done; }
log() { dmesg -c | sed 's/^\[[ 0-9.]*\] //' | grep -i async | sort; }
log >/dev/null
modprobe virtio_mmio
modprobe virtio_blk; say; log
rmmod virtio_blk virtio_mmio
modprobe virtio_blk
modprobe virtio_mmio; say; log
