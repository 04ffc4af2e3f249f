# Version 1: unbinding and binding on both buses, with the pages of queues in /proc/iomem's slots.
for m in virtio_mmio virtio_blk virtio_net virtio_console virtio_input; do modprobe $m; echo "$m $?"; done; sleep 1
st() { for d in /sys/bus/virtio/devices/*; do echo "$(basename $d) $(cat $d/status) $(cat $d/features) $(basename "$(readlink $d/driver)")"; done; }
st
for x in a003e00 a003a00 a003800; do echo $x.virtio_mmio > /sys/bus/platform/drivers/virtio-mmio/unbind; done; st; grep virtio /proc/iomem
for x in a003800 a003e00 a003a00; do echo $x.virtio_mmio > /sys/bus/platform/drivers/virtio-mmio/bind; done; sleep 1; st; grep virtio /proc/iomem
for d in virtio_blk virtio_net; do for x in /sys/bus/virtio/drivers/$d/virtio*; do n=$(basename $x); echo $n > /sys/bus/virtio/drivers/$d/unbind; cat /sys/bus/virtio/devices/$n/status; echo $n > /sys/bus/virtio/drivers/$d/bind; cat /sys/bus/virtio/devices/$n/status; done; done
cat /proc/partitions; cat /sys/class/net/eth*/address
