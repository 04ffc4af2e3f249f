# The virtio switch is off: each device gets its driver by drivers_probe, and goes by unbind, in three orders.
echo 0 > /sys/bus/virtio/drivers_autoprobe
for m in virtio_mmio virtio_blk virtio_net virtio_input virtio_console evdev; do modprobe $m; done
st() { for d in /sys/bus/virtio/devices/*; do printf '%s %s %s\n' "$(basename $d)" "$(cat $d/status)" "$(basename "$(readlink $d/driver)")"; done; }
for order in "0 1 2 3" "3 1 0 2" "2 0 3 1"; do
  echo "## $order"
  for i in $order; do echo virtio$i > /sys/bus/virtio/drivers_probe; echo "virtio$i $?"; done
  sleep 1; st; ls /sys/block /sys/class/net /sys/class/virtio-ports
  for i in $order; do d=$(basename "$(readlink /sys/bus/virtio/devices/virtio$i/driver)"); echo virtio$i > /sys/bus/virtio/drivers/$d/unbind; echo "$d $?"; done
  st
done
cat /sys/bus/virtio/drivers_autoprobe
