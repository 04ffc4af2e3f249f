modprobe evdev; modprobe virtio_mmio; modprobe virtio_input
cat /proc/bus/input/devices; for e in /sys/class/input/event* /sys/class/input/mouse*; do echo $(basename $e) $(cat $e/dev) $(readlink $e/device); done
grep -r . /sys/class/input/input*/id /sys/class/input/input*/uniq /sys/class/input/input*/properties; cat /sys/class/input/input0/uevent /sys/class/input/input1/modalias /sys/class/input/input5/uevent
for e in 0 3 5; do timeout 1 hexdump /dev/input/event$e; echo $?; dd if=/dev/input/event$e bs=10 count=1 2>&1 | head -n 1; done
cd /sys/bus/virtio/drivers/virtio_input; echo virtio2 > unbind; echo virtio4 > unbind; ls /dev/input; echo virtio4 > bind; echo virtio2 > bind; ls /dev/input; echo virtio2 > bind; echo $?; echo virtio9 > unbind; echo $?; ls
for l in /sys/class/leds/*; do echo $(basename $l) $(cat $l/brightness $l/max_brightness) $(cat $l/trigger | cut -c1-60); echo 1 > $l/brightness; cat $l/brightness; done 2>&1 | head -n 30; dmesg | grep input | cut -c16-
