# What fdisk says about tables, and which geometry it asks the disk for.
modprobe virtio_mmio; modprobe virtio_blk
for d in a b c d; do fdisk -l /dev/vd$d; echo "code $?"; done
fdisk -l; echo "code $?"
fdisk -lu /dev/vda /dev/vdd
fdisk -l /dev/nosuch; echo "code $?"
fdisk -l /dev/vda1
ls -l /dev/vd* | awk '{ print $1, $2, $5, $6, $10 }'
cat /proc/partitions
