# every readable file below every virtio device
for m in virtio_mmio virtio_blk virtio_console virtio_net virtio_input evdev; do modprobe $m; done
sleep 1
for d in /sys/bus/virtio/devices/*; do
  echo "##### $d"
  find "$d/" -type f | sort | while read -r f; do
    case "$f" in */stat|*_time*|*/inflight|*/statistics/*|*/byte_queue_limits/*|*/ifindex|*/iflink) continue;; esac
    v=$(cat "$f" 2>&1)
    echo "${f#/sys/bus/virtio/devices/}: $v"
  done
done
