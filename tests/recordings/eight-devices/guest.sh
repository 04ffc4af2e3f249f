# eight devices, two cpus
for m in virtio_input virtio_blk virtio_balloon virtio-rng virtio_net virtio_console evdev virtio_mmio; do modprobe $m || echo "fail $m"; done
sleep 1
for d in /sys/bus/virtio/devices/*; do
  printf '%s %s %s %s %s\n' "$(basename "$d")" "$(cat "$d/device")" "$(cat "$d/vendor")" "$(cat "$d/status")" "$(basename "$(readlink "$d/driver")")"
  cat "$d/features"
done
for d in /sys/bus/virtio/devices/*; do find "$d/" -maxdepth 2 | sort; done
cat /proc/interrupts | grep virtio | sed 's/^ *//' | awk '{print $1, $4, $5, $6, $7}'
cat /proc/iomem | grep -i virtio
cat /proc/bus/input/devices
ls -l /dev/input | awk '{print $1, $5, $6, $NF}'
cat /proc/misc
lsmod
