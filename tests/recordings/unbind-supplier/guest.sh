# Slots that need each other in a row: what user space hears when the first supplier is unbound, and bound again.
uevent sh -c 'echo $ACTION $SUBSYSTEM ${DEVPATH##*/}' >> /tmp/log &
sleep 1
modprobe virtio_mmio; modprobe virtio_blk; sleep 2; : > /tmp/log
cd /sys/bus/platform/drivers/virtio-mmio
echo "== unbind"; echo a003e00.virtio_mmio > unbind; sleep 2; grep -v queue /tmp/log; : > /tmp/log
echo "== bind"; echo a003e00.virtio_mmio > bind; sleep 2; grep bind /tmp/log
kill %1
