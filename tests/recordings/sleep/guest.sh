# Sleep for a test: in which order devices go to sleep and wake, and that they work after it.
modprobe virtio_mmio; modprobe virtio_blk; modprobe virtio_net; modprobe virtio_console; modprobe virtio_input; modprobe virtio_rng; modprobe virtio_balloon
cat /sys/power/state /sys/power/pm_test /sys/power/pm_print_times
lines() { dmesg -c | sed 's/^\[[ 0-9.]*\] //; s/after [0-9]* usecs/after N usecs/; s/ @ [0-9]*,/ @ N,/; s/elapsed [0-9.]* /elapsed T /; s/sync: [0-9.]* /sync: T /' | grep -v "psci\|regulator\|reg-dummy\|rtc\|pci\|serial8250\|framebuffer\|alarmtimer"; }
lines >/dev/null
echo 1 > /sys/power/pm_print_times; cat /sys/power/pm_print_times
echo hello > /dev/hvc0
dd if=/dev/zero of=/dev/vda bs=512 count=1 2>/dev/null
for t in freezer devices; do
  echo $t > /sys/power/pm_test; cat /sys/power/pm_test
  echo freeze > /sys/power/state; echo "code $?"
  lines
done
echo again > /dev/hvc0
dd if=/dev/vda bs=512 count=1 2>/dev/null | wc -c
head -c 8 /dev/hwrng | wc -c
for d in /sys/bus/virtio/devices/*; do echo "${d##*/} $(cat $d/status)"; done
echo 0 > /sys/power/pm_print_times
for t in core processors; do echo $t > /sys/power/pm_test; echo mem > /sys/power/state; echo "code $?"; done
echo what > /sys/power/pm_test; echo "code $?"
echo what > /sys/power/state; echo "code $?"
lines
cat /sys/power/suspend_stats/success /sys/power/suspend_stats/fail
