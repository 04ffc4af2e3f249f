# Coldplug: modules by the names that devices give themselves, round by round until no device brings new ones.
round() {
  for m in $(find /sys/devices -name modalias | sort); do
    alias=$(cat $m)
    modprobe -q "$alias" 2>/dev/null && echo "$(dirname $m | cut -d/ -f4-): $alias"
  done
}
echo "== first"; round
echo "== second"; round
echo "== third"; round
lsmod | cut -d' ' -f1
for d in /sys/bus/virtio/devices/*; do echo "$(basename $d): $(basename $(readlink $d/driver))"; done
echo add > /sys/bus/virtio/devices/virtio0/uevent; echo "code $?"
cat /sys/bus/virtio/devices/virtio0/uevent
