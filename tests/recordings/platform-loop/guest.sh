P=/sys/bus/platform/drivers/virtio-mmio
for m in virtio_blk virtio_console virtio_net virtio_input; do modprobe $m; done
modprobe virtio_mmio; sleep 1
n=0
while [ $n -lt 3 ]; do
  for s in $(ls $P | grep virtio_mmio); do
    echo $s > $P/unbind; r=$?
    echo "$n unbind $s $r: $(ls /sys/bus/virtio/devices | tr '\n' ' ')"
  done
  for s in a003e00 a003c00 a003a00 a003800; do
    echo $s.virtio_mmio > $P/bind; echo "$n bind $s $?: $(ls /sys/bus/virtio/devices | tr '\n' ' ')"
  done
  sleep 1
  n=$((n+1))
done
for d in /sys/bus/virtio/devices/*; do readlink $d; done
cat /proc/partitions; ls /sys/class/net /sys/class/input /sys/class/virtio-ports
awk '/virtio/ {print $1, $3, $4, $5, $6}' /proc/interrupts; grep virtio /proc/iomem
dmesg | grep -c 'virtio_blk virtio'
