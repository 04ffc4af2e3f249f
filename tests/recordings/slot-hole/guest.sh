# A slot without a device between two disks: nobody says a word about it, and the numbers have no hole.
modprobe virtio_mmio
modprobe virtio_blk
for slot in a003a00 a003c00 a003e00; do
  cd /sys/devices/platform/$slot.virtio_mmio
  echo "$slot: $(if [ -e driver ]; then ls -d virtio*; ls virtio*/block; else echo no driver; fi | tr '\n' ' ')"
done
dmesg | grep -c a003c00
cat /sys/kernel/debug/devices_deferred
