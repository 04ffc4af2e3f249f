# initcall_blacklist also stops the init functions of modules.
try() { echo "\$ $1"; sh -c "$1"; echo "code $?"; }
cat /proc/cmdline
try "modprobe virtio_mmio"
try "modprobe virtio_blk"
try "insmod /lib/modules/*/virtio_blk.ko"
try "modprobe virtio_net"
try "modprobe evdev"
try "lsmod"
try "ls /sys/bus/virtio/drivers /sys/class/net"
dmesg | sed 's/^\[[ 0-9.]*\] //' | grep -e blacklist -e virtio
