# Two cards: the order of the probes names them, and a name that is taken is refused.
v=/sys/bus/virtio
show() { for n in eth0 eth1; do echo "$1: $n is $(cat /sys/class/net/$n/address)"; done; }
echo 0 > $v/drivers_autoprobe; modprobe virtio_mmio; modprobe virtio_net
echo virtio0 > $v/drivers_probe; echo virtio1 > $v/drivers_probe; show "virtio0 first"
for d in virtio0 virtio1; do echo $d > $v/drivers/virtio_net/unbind; done
echo virtio1 > $v/drivers_probe; echo virtio0 > $v/drivers_probe; show "virtio1 first"
ip link set eth0 name eth1; echo "code $?"
ip link set eth0 name lan0; ip link set eth1 name eth0; ip link set lan0 name eth1; show "by a third name"
