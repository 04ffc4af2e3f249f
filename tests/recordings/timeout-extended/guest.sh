# A driver every nine seconds: each starts the ten seconds of the time-out again.
show() { echo "$1: clock $([ -e /sys/bus/amba/devices/9010000.pl031/driver ] && echo bound || echo waits)"; dmesg -c | sed 's/^\[[ 0-9.]*\] //' | grep -e 'deferred probe' -e 'as rtc0'; }
dmesg -c >/dev/null
show "at the start"
for m in virtio_blk virtio_input virtio_console; do
  sleep 9
  show "9 seconds later"
  modprobe $m
  show "$m loaded"
done
sleep 9
show "9 seconds later"
sleep 2
show "2 seconds later"
