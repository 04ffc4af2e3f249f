for m in virtio_mmio virtio_blk virtio_console virtio_net virtio_input evdev; do modprobe $m; done; sleep 1
cd /sys/block/vda && grep -r . queue mq 2>/dev/null | sort
cd /sys/class/net/eth0/ && grep -s . * | grep -v -e carrier_ -e ifindex | sort
cd /sys/class/input/event0 && grep -s . * device/* device/id/* device/capabilities/*
cd /sys/class/tty/hvc0 && grep -s . *
cd /sys/class/virtio-ports/vport3p0 && grep -s . *
grep -r . /sys/module/virtio_blk/parameters /sys/module/virtio_net/parameters /sys/module/virtio_console 2>/dev/null | grep -v -e sections -e notes | sort
grep -H . /sys/bus/virtio/devices/*/device /sys/bus/virtio/devices/*/vendor /sys/bus/virtio/devices/*/status
grep -rl virtio /sys/bus/virtio/devices/*/uevent
grep -c . /sys/bus/virtio/devices/virtio0/features
grep -o 'd0000000[0-9]' /sys/bus/virtio/devices/*/modalias
grep -L 0x0000 /sys/bus/virtio/devices/*/device; grep -n virtio /proc/modules | cut -d: -f1,2 | cut -d' ' -f1
