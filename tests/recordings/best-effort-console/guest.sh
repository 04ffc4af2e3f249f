# The console's device is probed without suppliers that no driver has; another device waits for the same one.
d() { echo "$1: driver $(basename "$(readlink $1/driver)"), waits $(cat $1/waiting_for_supplier 2>&1)"; }
cd /sys/bus/amba/devices; d 9000000.pl011
cd /sys/bus/platform/devices; modprobe virtio_mmio; d a003e00.virtio_mmio; d a003c00.virtio_mmio
cat /sys/kernel/debug/devices_deferred
ls /sys/class/devlink | grep -v pl061
cat /sys/class/devlink/*a003e00*/status
dmesg | sed -n 's/^\[[ 0-9.]*\] \(.*\(first\|nobody\).*\)/\1/p'
cd /sys/bus/amba/drivers/uart-pl011
sleep 11; cat /sys/kernel/debug/devices_deferred; cd /sys/bus/platform/devices; d a003e00.virtio_mmio
dmesg | sed -n 's/^\[[ 0-9.]*\] \(.*\(pending\).*\)/\1/p'
