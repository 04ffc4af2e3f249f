# The machine sleeps until its clock wakes it.
for m in virtio_mmio virtio_blk virtio_input virtio_net; do modprobe $m; done; sleep 1
r=/sys/class/rtc/rtc0; ls -1 $r/; cat $r/name $r/hctosys $r/max_user_freq; for f in $r/*; do [ -f $f ] && stat -c '%n %a' $f; done
lines() { dmesg -c | sed 's/^\[[ 0-9.]*\] //; s/after [0-9]* usecs/after N usecs/; s/ @ [0-9]*,/ @ N,/; s/elapsed [0-9.]* /elapsed T /; s/sync: [0-9.]* /sync: T /; s/after [0-9.]* msecs/after T msecs/' | grep -v ' pci ' | grep -v '^pci '; }
lines > /dev/null
cat $r/wakealarm; echo +2 > $r/wakealarm; echo "alarm $?"; echo +3 > $r/wakealarm; echo "again $?"; echo 0 > $r/wakealarm; echo "off $?"; cat $r/wakealarm; echo x > $r/wakealarm; echo "x $?"; echo 1 > $r/wakealarm; echo "past $?"
echo +2 > $r/wakealarm; echo freeze > /sys/power/state; echo "code $?"; cat $r/wakealarm; lines
echo +2 > $r/wakealarm; echo mem > /sys/power/state; echo "code $?"; lines | grep PM: | grep -v -e calling -e returned
dd if=/dev/vda bs=512 count=1 2>/dev/null | wc -c
cat /sys/power/wakeup_count /sys/power/pm_wakeup_irq /sys/power/suspend_stats/success
echo 1 > /sys/power/wakeup_count; echo $?; echo 7 > /sys/power/wakeup_count; echo $?
for w in /sys/class/wakeup/*; do for f in active_count event_count expire_count name wakeup_count; do echo "$f $(cat $w/$f)"; done; ls $w/ | tr '\n' ' '; done; echo
