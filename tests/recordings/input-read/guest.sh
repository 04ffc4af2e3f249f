modprobe virtio_mmio; modprobe evdev; modprobe virtio_input
ls /dev/input
timeout 1 hexdump -C /dev/input/event0; echo $?
timeout 1 cat /dev/input/mice | hexdump -C; echo $?
timeout 1 dd if=/dev/input/event1 bs=24 count=1 | hexdump -C
dd if=/dev/input/event0 bs=1 count=1 2>&1 | head -1
dd if=/dev/input/event0 bs=24 count=1 iflag=nonblock 2>&1 | head -2
cat /proc/bus/input/devices; cat /proc/bus/input/handlers
for e in /sys/class/input/event*; do echo "$(basename $e) $(cat $e/dev) $(cat $e/device/name) $(cat $e/device/phys) $(cat $e/device/capabilities/ev) $(cat $e/device/capabilities/key | wc -c)"; done
for i in /sys/class/input/input*; do echo "$i"; cat $i/modalias $i/uniq $i/properties; grep . $i/capabilities/* $i/id/*; done
printf '\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\021\0\0\0\001\0\0\0' > /dev/input/event0; echo $?
cat /sys/class/leds/*/brightness
printf 'short' > /dev/input/event0; echo $?
ls /sys/class/leds; cat /sys/class/leds/input*numlock/trigger | tr ' ' '\n' | grep '\['
