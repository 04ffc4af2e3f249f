# Modules are loaded 13 seconds after the start; the clock needs something in a slot whose driver is one of them.
show() { echo "$1: clock $([ -e /sys/bus/amba/devices/9010000.pl031/driver ] && echo bound || echo waits), disk $([ -e /dev/vda ] && echo there || echo missing)"; cat /sys/kernel/debug/devices_deferred; }
show "at the start"
sleep 13
show "13 seconds later"
modprobe virtio_mmio
modprobe virtio_blk
sleep 1
show "with the modules"
dmesg | sed 's/^\[[ 0-9.]*\] //' | grep -e 'deferred probe' -e 'as rtc0' -e '\[vda\]'
