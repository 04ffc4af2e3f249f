# The orders of directories outside sysfs: /dev newest first, /proc by length and then name.
for m in virtio_mmio virtio_blk virtio_net virtio_input evdev virtio_console; do modprobe $m; done
sleep 1
find /dev | grep -v 'tty[0-9]'
find /proc -maxdepth 1 | grep -v '/[0-9]*$'
find /proc/irq | grep -e '/1[3-9]' -e '/20'
find /proc/bus /proc/tty
find /sys/kernel/debug -maxdepth 1 | head -n 12
find /sys/bus /sys/class /sys/devices /sys/module /sys/firmware -maxdepth 1
find /proc/device-tree/ | grep -e chosen -e pl011 -e a003e00
for f in compatible interrupts reg dma-coherent name; do echo $f; hexdump -C /proc/device-tree/virtio_mmio@a003e00/$f; done
for f in compatible clock-names interrupts reg; do echo $f; hexdump -C /proc/device-tree/pl011@9000000/$f; done
cat /proc/device-tree/chosen/stdout-path /proc/device-tree/chosen/bootargs | tr '\000' '\n'
rmmod virtio_blk; modprobe virtio_blk
find /dev | head -n 4
touch /dev/mine; mkdir /dev/dir; find /dev | head -n 4; ls /dev/dir
mkdir /tmp/a; touch /tmp/b /tmp/c; find /tmp
