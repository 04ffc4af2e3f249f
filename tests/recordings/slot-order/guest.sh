# Two disks: which slot each is in, and what it is called.
modprobe virtio_mmio
modprobe virtio_blk
for d in vda vdb; do
  echo "$d: $(cat /sys/block/$d/serial), $(readlink /sys/block/$d | cut -d/ -f4,5)"
done
