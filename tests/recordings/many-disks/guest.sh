# Twenty-eight disks: names beyond vdz.
modprobe virtio_mmio
modprobe virtio_blk
cat /proc/partitions
ls /sys/block
for d in vda vdz vdaa vdab; do echo "$d $(cat /sys/block/$d/dev) $(readlink /sys/block/$d) $(cat /sys/block/$d/diskseq)"; done
ls -1 /dev/vd*
echo virtio3 > /sys/bus/virtio/drivers/virtio_blk/unbind
echo virtio26 > /sys/bus/virtio/drivers/virtio_blk/unbind
echo virtio26 > /sys/bus/virtio/drivers/virtio_blk/bind
echo virtio3 > /sys/bus/virtio/drivers/virtio_blk/bind
for d in /sys/block/*; do echo "$(basename $d) $(cat $d/dev) $(basename "$(readlink $d/device)")"; done
awk '/virtio/ { print $1, $3, $4, $5, $6 }' /proc/interrupts
