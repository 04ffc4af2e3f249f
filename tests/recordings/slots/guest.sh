# Devices in chosen slots, two of a kind, and one without a driver here.
modprobe virtio_mmio
for d in /sys/bus/virtio/devices/*; do echo "$(basename $d) -> $(readlink $d) $(cat $d/device) $(cat $d/status) $(cat $d/modalias)"; done
grep virtio /proc/iomem
for m in virtio_blk virtio_input virtio_net virtio_console; do modprobe $m; done
for d in /sys/bus/virtio/devices/*; do echo "$(basename $d) $(cat $d/status) $(cat $d/features) $(basename "$(readlink $d/driver)")"; done
awk '/virtio/ { print $1, $3, $4, $5, $6 }' /proc/interrupts
cat /proc/partitions
for n in eth0 eth1; do echo "$n $(readlink /sys/class/net/$n) $(cat /sys/class/net/$n/address) $(cat /sys/class/net/$n/ifindex)"; done
for i in 0 1; do echo "input$i $(readlink /sys/class/input/input$i)"; done
ls /sys/bus/virtio/devices/virtio3
cat /sys/bus/virtio/devices/virtio3/uevent
echo virtio3 > /sys/bus/virtio/drivers/virtio_blk/bind
echo virtio3 > /sys/bus/virtio/drivers_probe; echo "code $?"
modprobe virtio_balloon
cat /sys/bus/virtio/devices/virtio3/status
modprobe virtio-rng; echo "code $?"
lsmod
cat /sys/class/misc/hw_random/rng_available
for d in /sys/bus/virtio/devices/*; do echo "$(basename $d) $(cat $d/device) $(cat $d/status) $(cat $d/features) $(basename "$(readlink $d/driver)")"; done
