# Without the virtio bus.
try() { echo "\$ $1"; sh -c "$1"; echo "code $?"; }
for m in virtio_blk virtio_net virtio_console virtio_input; do try "modprobe $m"; done
lsmod
ls /sys/bus | grep virtio
ls /sys/bus/virtio
dmesg | sed 's/^\[[ 0-9.]*\] //' | grep -e blacklist -e virtio
