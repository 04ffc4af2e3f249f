# Three slots that need each other in a circle, on a tree that lists them from the highest address down.
dmesg | sed 's/^\[[ 0-9.]*\] //' | grep dependency
modprobe virtio_mmio
cd /sys/devices/platform
for d in a003*/virtio*; do echo "$(dirname $d) is $(basename $d)"; done
