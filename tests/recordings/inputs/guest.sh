# Keyboard, mouse and tablet: what the input layer shows of each.
modprobe virtio_mmio
modprobe virtio_input
cat /proc/bus/input/devices
cat /proc/bus/input/handlers
ls -1 /sys/class/input /dev/input /sys/class/leds
modprobe evdev
cat /proc/bus/input/devices
cat /proc/bus/input/handlers
ls -1 /sys/class/input /dev/input
for d in /sys/class/input/input*; do
  echo "## $d -> $(readlink $d)"
  ls -1 $d
  cat $d/uevent
  for f in name phys uniq properties inhibited modalias id/bustype id/vendor id/product id/version capabilities/ev capabilities/key capabilities/rel capabilities/abs capabilities/msc capabilities/led capabilities/snd capabilities/ff capabilities/sw; do echo "$f: $(cat $d/$f)"; done
done
for e in /sys/class/input/event* /sys/class/input/mouse* /sys/class/input/mice; do
  echo "## $e -> $(readlink $e)"
  ls -1 $e
  cat $e/dev $e/uevent
done
for l in /sys/class/leds/*; do
  echo "## $l -> $(readlink $l)"
  ls -1 $l
  cat $l/brightness $l/max_brightness
  sed 's/.*\(\[.*\]\).*/\1/' $l/trigger
done
ls -l /dev/input | awk '{ print $1, $5, $6, $NF }'
echo 1 > /sys/class/leds/input2::capslock/brightness; cat /sys/class/leds/input2::capslock/brightness
echo 5 > /sys/class/leds/input2::capslock/brightness; cat /sys/class/leds/input2::capslock/brightness
echo x > /sys/class/leds/input2::capslock/brightness
echo 1 > /sys/class/input/input0/inhibited; cat /sys/class/input/input0/inhibited
awk '/virtio/ { print $1, $3, $4, $5, $6 }' /proc/interrupts
