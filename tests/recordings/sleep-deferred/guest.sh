# Slots that need each other in the worst order: each that is probed again moves to the end, and what sleeps first is what was probed last.
modprobe virtio_blk; modprobe virtio_mmio; sleep 1
for d in /sys/bus/virtio/devices/*; do echo "$(readlink $d | cut -d/ -f6) is $(basename $d)"; done
echo 1 > /sys/power/pm_print_times; dmesg -c > /dev/null
echo devices > /sys/power/pm_test; echo freeze > /sys/power/state; echo "code $?"
dmesg | sed -n 's/^\[[ 0-9.]*\] \(virtio[-_a-z]* [a-z0-9._]*: PM: calling [a-z_]*\).*/\1/p'
