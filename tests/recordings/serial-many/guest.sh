# Three serial devices: consoles and ports with and without names, opened, written, taken away one by one.
t() { echo "\$ $1"; sh -c "$1" 2>&1; echo "code $?"; }
modprobe virtio_mmio; modprobe virtio_console; sleep 1
show() {
  for p in /sys/class/virtio-ports/*; do echo "$(basename $p) $(cat $p/dev) $(cat $p/name 2>/dev/null) $(basename "$(readlink -f $p/device)")"; done
  ls -1 /dev/vport* /dev/hvc* | tr '\n' ' '; echo
  grep -e virtio-portsdev -e hvc /proc/devices
}
show
for f in /sys/kernel/debug/virtio-ports/*; do echo "# $(basename $f)"; grep -v -e bytes -e stats $f; done
awk '/virtio/ { print $1, $NF }' /proc/interrupts
t "echo one > /dev/vport0p1; echo two > /dev/vport0p1"
t "echo a > /dev/hvc0; echo b > /dev/hvc1; echo c > /dev/hvc2"
t "echo ring > /dev/vport1p2"
t "exec 3<>/dev/vport2p3; cat /dev/vport2p3"
t "echo x > /dev/vport2p0"
t "ls -l /dev/vport2p3 | awk '{ print \$1, \$5, \$6 }'"
cat /proc/consoles; cat /proc/tty/drivers | grep -e hvc
for x in 1 0 2; do echo virtio$x > /sys/bus/virtio/drivers/virtio_console/unbind; show; done
for x in 2 0 1; do echo virtio$x > /sys/bus/virtio/drivers/virtio_console/bind; sleep 1; done
show
for f in /sys/kernel/debug/virtio-ports/*; do echo "# $(basename $f)"; grep -e vtermno -e console $f; done
for p in /sys/class/virtio-ports/*; do cat $p/uevent; done
rmmod virtio_console; show; modprobe virtio_console; sleep 1; show
