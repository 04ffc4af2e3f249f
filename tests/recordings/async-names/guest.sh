# Three disks probed beside each other, forty times: who is vda?
modprobe virtio_mmio
n=0
while [ $n -lt 40 ]; do
  modprobe virtio_blk
  echo $(cat /sys/block/vda/serial; echo; cat /sys/block/vdb/serial; echo; cat /sys/block/vdc/serial)
  rmmod virtio_blk
  n=$((n + 1))
done
