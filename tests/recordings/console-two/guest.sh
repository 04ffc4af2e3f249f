# Two controllers: one plain console without multiport, one with port numbers chosen.
try() { echo "\$ $1"; sh -c "$1"; echo "code $?"; }
modprobe virtio_console
modprobe virtio_mmio
sleep 1
for d in /sys/bus/virtio/devices/*; do echo "$(basename $d) $(cat $d/features)"; ls -1 $d/virtio-ports; done
ls -1 /dev/hvc* /dev/vport*
for p in /sys/class/virtio-ports/*; do echo "$(basename $p) $(cat $p/dev) $(cat $p/name 2>&1)"; done
for p in /sys/kernel/debug/virtio-ports/*; do echo "# $p"; cat $p; done
awk '/virtio/ { print $1, $3, $4, $5, $6 }' /proc/interrupts
try "echo plain > /dev/hvc0"
try "echo multi > /dev/hvc1"
try "echo third > /dev/hvc2"
try "stty size < /dev/hvc0"
ls -1 /sys/devices/virtual/tty
echo virtio0 > /sys/bus/virtio/drivers/virtio_console/unbind
ls -1 /dev/hvc* /dev/vport*
for p in /sys/class/virtio-ports/*; do echo "$(basename $p) $(cat $p/dev)"; done
try "echo again > /dev/hvc1"
echo virtio0 > /sys/bus/virtio/drivers/virtio_console/bind
sleep 1
for p in /sys/class/virtio-ports/*; do echo "$(basename $p) $(cat $p/dev)"; done
for p in /sys/kernel/debug/virtio-ports/*; do echo "# $p"; cat $p; done
try "echo once more > /dev/hvc1"
