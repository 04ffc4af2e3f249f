# Trees by find and ls in many forms, and the modules after each step.
for m in virtio_mmio virtio_blk virtio_input evdev virtio_console; do modprobe $m; lsmod; done
sleep 1
find /sys/bus/virtio /sys/module/virtio_blk /sys/class/block /sys/class/input -maxdepth 3 | grep -v sections
find /sys/devices/platform -maxdepth 2 -name 'virtio*'
find /sys -name '*virtio*' -maxdepth 4 | sort
find /dev -name 'vd*' -o -name 'hvc0' -o -name 'event*' | sort
ls -l /sys/bus/virtio/devices /sys/block /sys/class/input /sys/bus/virtio/drivers/virtio_blk | awk '{ print $1, $2, $3, $4, $5, $9, $10, $11 }'
ls -la /sys/bus/virtio/devices/virtio0/ | awk '{ print $1, $2, $5, $9, $10, $11 }'
ls -l /dev/vda /dev/hvc0 /dev/input/event0 /dev/null | awk '{ print $1, $2, $3, $4, $5, $6, $10 }'
ls /sys/bus/virtio/devices/virtio0/block/vda /sys/bus/platform/drivers/virtio-mmio
ls -C /sys/module | head -n 5
ls -x /sys/bus | head -n 3
ls -1 /sys/bus/platform/devices | head -n 5
ls /sys/bus/platform/drivers | wc -l
ls -d /sys/class/*
ls /sys/devices/virtual /sys/devices/system /sys/class/misc /sys/class/rtc /sys/class/gpio
ls -F /sys/class/block /sys/devices/platform/a003e00.virtio_mmio
readlink /sys/class/block/vda; readlink /sys/dev/block/254:0; readlink /sys/class/rtc/rtc0; readlink /sys/dev/char/4:64
for d in 0 1 2; do cat /sys/bus/virtio/devices/virtio$d/uevent /sys/bus/virtio/devices/virtio$d/modalias; done
cat /sys/class/rtc/rtc0/uevent /sys/devices/platform/serial8250/uevent /sys/class/vc/vcs/uevent
stat -c '%A %h %n' /sys/bus /sys/bus/virtio /sys/bus/virtio/devices /sys/bus/virtio/drivers/virtio_blk /sys/block/vda/queue
stat -c '%N' /sys/block/vda
test -d /sys/module/block && cat /sys/module/block/parameters/events_dfl_poll_msecs
cat /sys/module/printk/parameters/time /sys/module/kernel/parameters/panic
cat /sys/power/state; cat /sys/kernel/fscaps; cat /sys/devices/system/cpu/online /sys/devices/system/cpu/possible
grep -c . /proc/cpuinfo; grep -r . /sys/bus/virtio/devices/virtio1/modalias
echo 0 > /sys/bus/virtio/devices/virtio0/power/async; echo on > /sys/bus/i2c/drivers_probe
echo nosuch > /sys/bus/platform/drivers/syscon/bind; echo nosuch > /sys/bus/pci/drivers/pcieport/unbind
echo 0 > /sys/bus/i2c/drivers_autoprobe; cat /sys/bus/i2c/drivers_autoprobe
wc -c /sys/bus/virtio/devices/virtio0/status /sys/block/vda/size | head -n 2
