# A balloon that nobody inflates: its driver comes and goes.
modprobe virtio_mmio
cat /sys/bus/virtio/devices/virtio0/uevent
modprobe virtio_balloon; echo "code $?"
lsmod
for f in device vendor status features modalias uevent; do echo "$f: $(cat /sys/bus/virtio/devices/virtio0/$f)"; done
find /sys/bus/virtio/devices/virtio0/
find /sys/module/virtio_balloon -maxdepth 1
ls /sys/module/virtio_balloon/drivers /sys/bus/virtio/drivers /sys/bus/virtio/drivers/virtio_balloon
readlink /sys/bus/virtio/drivers/virtio_balloon/module
cat /sys/module/virtio_balloon/refcnt
awk '/virtio/ { print $1, $3, $4, $5, $6 }' /proc/interrupts
ls /dev | grep -i ball; echo "code $?"
echo virtio0 > /sys/bus/virtio/drivers/virtio_balloon/unbind; echo "code $?"
cat /sys/bus/virtio/devices/virtio0/status
echo virtio0 > /sys/bus/virtio/drivers/virtio_balloon/bind; echo "code $?"
cat /sys/bus/virtio/devices/virtio0/status
rmmod virtio_balloon; echo "code $?"
cat /sys/bus/virtio/devices/virtio0/status /sys/bus/virtio/devices/virtio0/features
modprobe virtio_balloon oom_pages=5; echo "code $?"
modprobe -r virtio_balloon; lsmod
modprobe virtio:d00000005v00000000; lsmod
echo a003e00.virtio_mmio > /sys/bus/platform/drivers/virtio-mmio/unbind; echo "code $?"
ls /sys/bus/virtio/devices /sys/bus/virtio/drivers/virtio_balloon
echo a003e00.virtio_mmio > /sys/bus/platform/drivers/virtio-mmio/bind; echo "code $?"
ls /sys/bus/virtio/devices /sys/bus/virtio/drivers/virtio_balloon
cat /sys/bus/virtio/devices/virtio0/status
modinfo virtio_balloon
dmesg | tail -n 1 | sed 's/^\[[^]]*\] //'
