# Event files: opened, written to, held while their driver goes.
modprobe virtio_input; modprobe virtio_mmio; ls /dev/input; modprobe evdev; ls -l /dev/input | awk '{ print $1, $5, $6, $NF }'
for e in 0 1 2; do timeout 1 hexdump -C /dev/input/event$e; echo "event$e $?"; done
for i in /sys/class/input/input*; do echo "$(cat $i/name) $(cat $i/phys) $(cat $i/modalias | cut -c1-40)"; grep . $i/capabilities/*; done
printf 'short' > /dev/input/event0; echo $?; dd if=/dev/zero of=/dev/input/event0 bs=24 count=1 2>/dev/null; echo $?
exec 3< /dev/input/event0; exec 4< /dev/input/event2; lsmod; rmmod evdev; echo $?
rmmod virtio_input; echo $?; ls /dev/input; timeout 1 head -c 24 <&3; echo $?; exec 3<&-; rmmod evdev; echo $?; exec 4<&-; rmmod evdev; echo $?; lsmod
modprobe virtio_input; modprobe evdev; ls /dev/input; cat /proc/bus/input/devices | grep -e Name -e Handlers
