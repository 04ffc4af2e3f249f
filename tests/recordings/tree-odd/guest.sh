# A tree with odd nodes: AMBA devices without clocks, registers or room of their own, two nodes with
# one name, buses that cannot be translated.
find /sys/devices/platform -name uevent | grep -v -e virtio_mmio@ -e /virtio | sort
for d in /sys/bus/amba/devices/*; do
  echo "$d"
  cat $d/id $d/uevent $d/resource
  readlink $d/driver
  readlink $d/of_node
done
grep -e p1 -e p2 -e p4 -e dup -e mfd /proc/iomem
echo add > /sys/bus/amba/devices/a001000.p1/uevent
cat /sys/kernel/debug/devices_deferred
for d in bus bus/bus:late bus/bus:spi/bus:spi:sub@1/bus:spi:sub@1:leaf@5; do
  cat /sys/devices/platform/$d/modalias /sys/devices/platform/$d/uevent
  readlink /sys/devices/platform/$d/of_node
done
dmesg | grep -e 'OF: ' -e 'sysfs: ' -e 'probe of' | sed 's/^[^]]*] //'
modprobe virtio_mmio
cat /sys/kernel/debug/devices_deferred
dmesg | grep -e 'OF: ' -e 'sysfs: ' -e 'probe of' -e virtio | sed 's/^[^]]*] //'
ls /sys/bus/virtio/devices
