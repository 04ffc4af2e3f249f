# Sleep for a test one step further than devices: late and without interrupts.
for m in virtio_mmio virtio_blk virtio_input virtio_console virtio_rng; do modprobe $m; done; sleep 1
lines() { dmesg -c | sed 's/^\[[ 0-9.]*\] //; s/after [0-9]* usecs/after N usecs/; s/ @ [0-9]*,/ @ N,/; s/elapsed [0-9.]* /elapsed T /; s/sync: [0-9.]* /sync: T /; s/after [0-9.]* msecs/after T msecs/'; }
lines >/dev/null; echo 1 > /sys/power/pm_debug_messages; cat /sys/power/pm_debug_messages
echo platform > /sys/power/pm_test; echo mem > /sys/power/state; echo "code $?"; lines
echo freezer > /sys/power/pm_test; echo mem > /sys/power/state; echo "code $?"; lines
echo none > /sys/power/pm_test; cat /sys/class/rtc/rtc0/wakealarm; echo +3 > /sys/class/rtc/rtc0/wakealarm; echo "alarm $?"; echo mem > /sys/power/state; echo "code $?"; lines
grep . /sys/power/suspend_stats/*; cat /sys/kernel/debug/suspend_stats
cat /sys/power/wakeup_count /sys/power/pm_wakeup_irq
