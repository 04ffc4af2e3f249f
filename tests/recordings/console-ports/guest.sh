# A console and three serial ports: names, devices, writing, unplugging the driver.
try() { echo "\$ $1"; sh -c "$1"; echo "code $?"; }
modprobe virtio_mmio
modprobe virtio_console
sleep 1 # ports are announced by control messages, which a work item handles
ls -1 /dev/hvc* /dev/vport* /dev/virtio-ports /sys/class/virtio-ports
grep -e hvc -e virtio /proc/devices /proc/tty/drivers
cat /proc/consoles
for p in /sys/class/virtio-ports/*; do
  echo "## $p -> $(readlink $p)"
  ls -1 $p
  cat $p/dev $p/uevent
  cat $p/name
done
ls -1 /sys/kernel/debug/virtio-ports
for p in /sys/kernel/debug/virtio-ports/*; do echo "# $p"; cat $p; done
ls -1 /sys/class/tty/hvc0
cat /sys/class/tty/hvc0/dev /sys/class/tty/hvc0/uevent
readlink /sys/class/tty/hvc0
try "echo hello console > /dev/hvc0"
try "timeout 1 sh -c 'echo hello port > /dev/vport0p1'" # nobody listens: it waits
try "echo into file > /dev/vport0p2"
try "printf 'more\n' > /dev/vport0p2"
try "echo ring > /dev/vport0p3"
try "timeout 1 cat /dev/vport0p1"
try "timeout 1 dd if=/dev/vport0p2 of=/dev/null bs=1 count=1"
try "timeout 3 sh -c 'echo x > /dev/hvc1'"
try "timeout 3 sh -c 'echo x > /dev/hvc7'"
try "timeout 3 sh -c 'echo x > /dev/vport0p0'"
try "timeout 2 stty size < /dev/hvc0"
try "timeout 2 stty -a < /dev/hvc0"
sleep 8 > /dev/vport0p3 &
sleep 1
try "timeout 3 sh -c 'echo second > /dev/vport0p3'"
try "cat /sys/kernel/debug/virtio-ports/vport0p3"
lsmod
try "rmmod virtio_console"
for p in /sys/kernel/debug/virtio-ports/*; do echo "# $p"; cat $p; done
kill %1
sleep 1
lsmod
try "rmmod virtio_console"
ls -1 /dev/hvc* /dev/vport* /sys/class/virtio-ports /sys/kernel/debug/virtio-ports
grep -e hvc -e virtio /proc/devices
modprobe virtio_console
sleep 1 # ports are announced by control messages, which a work item handles
ls -1 /dev/hvc* /dev/vport*
cat /sys/class/virtio-ports/vport0p2/dev
