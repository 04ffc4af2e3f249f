# A slot that needs what no driver ever brings.
show() { echo "$1: $([ -e /sys/bus/platform/drivers/virtio-mmio/a003e00.virtio_mmio ] && echo bound || cat /sys/kernel/debug/devices_deferred)"; }
modprobe virtio_mmio
show "at the start"
sleep 12
show "12 seconds later"
dmesg | sed 's/^\[[ 0-9.]*\] //' | grep 'deferred probe'
