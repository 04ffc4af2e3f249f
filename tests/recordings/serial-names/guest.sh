modprobe virtio_mmio; modprobe virtio_console; modprobe virtio_blk
sleep 1
ls /dev/vport* /dev/hvc* /dev/virtio-ports 2>&1
for p in /sys/class/virtio-ports/*; do echo "$(basename $p): $(cat $p/name) $(cat $p/dev) $(cat $p/uevent | tr '\n' ' ')"; done
cat /sys/kernel/debug/virtio-ports/* 
echo test > /dev/hvc0; echo $?
timeout 1 sh -c "echo test > /dev/vport1p1"; echo $?
stty -F /dev/hvc0 2>&1; stty -F /dev/hvc0 -a 2>&1
cat /sys/class/tty/hvc0/dev; cat /proc/consoles; cat /proc/tty/drivers | grep hvc
cat /proc/tty/drivers
ls /sys/class/tty | grep -c . ; ls /sys/class/tty | grep -e hvc -e AMA
echo virtio1 > /sys/bus/virtio/drivers/virtio_console/unbind; ls /sys/class/virtio-ports; ls /dev/hvc*
echo virtio1 > /sys/bus/virtio/drivers/virtio_console/bind; sleep 1; ls /sys/class/virtio-ports; ls /dev/hvc*
rmmod virtio_console; ls /dev/hvc* /dev/vport*; cat /proc/devices | grep -e hvc -e virtio
