# Every driver of the virtio bus, in the order in which they would be linked, without that bus.
modprobe virtio_mmio; echo "virtio_mmio: code $?"
modprobe net_failover
modprobe rng-core
cd /lib/modules/*
for m in virtio_balloon virtio_input virtio_console virtio-rng virtio_blk virtio_net; do
  insmod ./$m.ko 2>/dev/null; echo "$m: code $?"
done
dmesg | sed 's/^\[[ 0-9.]*\] //' | grep -e 'bus_type' -e 'Error -22'
