# Cards with different options: features and what follows from them.
modprobe virtio_mmio
modprobe virtio_net
ls /sys/class/net
for i in 0 1 2 3 4 5 6; do
  d=/sys/bus/virtio/devices/virtio$i
  n=$(ls $d/net 2>/dev/null)
  echo "## virtio$i $n $(cat $d/status) $(cat $d/features)"
  [ -n "$n" ] || continue
  for f in address addr_assign_type mtu flags ifindex tx_queue_len speed duplex carrier operstate; do echo "$f: $(cat $d/net/$n/$f 2>&1)"; done
  find $d/net/$n/queues | grep -v byte_queue | sort
  echo 1 > /proc/sys/net/ipv6/conf/$n/disable_ipv6
  ip link set $n up
  sleep 2 # the link watch runs later
  for f in speed duplex carrier operstate flags carrier_changes; do echo "$f: $(cat $d/net/$n/$f 2>&1)"; done
done
ip link | grep -v link/
awk '/virtio/ { print $1, $4, $5, $6, $7 }' /proc/interrupts
