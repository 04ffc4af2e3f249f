# The power directory of each kind of device.
for m in virtio_mmio virtio_blk virtio_console virtio_net virtio_input evdev; do modprobe $m; done
sleep 1
p=/sys/devices/platform
for d in $p/a000000.virtio_mmio $p/a003800.virtio_mmio $p/a003800.virtio_mmio/virtio0 /sys/block/vda $p/a003a00.virtio_mmio/virtio1/net/eth0 \
  /sys/class/input/input0 /sys/class/input/event0 /sys/class/leds/input0::numlock /sys/class/virtio-ports/vport3p0 /sys/class/tty/hvc0 \
  /sys/class/tty/ttyAMA0 $p/9000000.pl011 /sys/class/bdi/254:0 /sys/class/net/lo; do
  echo "## $d"
  find $d/power/ -type f | while read f; do case $f in *_time*) echo "$(basename $f)";; *) echo "$(basename $f) $(stat -c %a $f): $(cat $f 2>&1)";; esac; done
done
f=/sys/bus/virtio/devices/virtio0/power
echo on > $f/control; cat $f/control $f/runtime_status $f/runtime_usage $f/runtime_enabled
echo auto > $f/control; cat $f/control
echo rubbish > $f/control
echo enabled > $f/async; cat $f/async
echo 100 > $f/autosuspend_delay_ms
echo 1 > $f/runtime_usage
ls -1 $p $p/a003800.virtio_mmio/power
