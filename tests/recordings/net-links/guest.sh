# Flags and names of links.
modprobe virtio_mmio; modprobe virtio_net
for n in 0 1 2; do echo 1 > /proc/sys/net/ipv6/conf/eth$n/disable_ipv6; done
ip link; for n in 0 1 2; do ip link set eth$n up; done; sleep 2; ip link | grep -v link/
ip link set eth1 promisc on; ip link set eth1 allmulticast on; ip link show eth1; cat /sys/class/net/eth1/flags
ip link set eth1 promisc off; ip link set eth1 allmulticast off; ip link show eth1
ip link set eth0 mtu 9000; cat /sys/class/net/eth0/mtu; ip link set eth1 mtu 9000; cat /sys/class/net/eth1/mtu; ip link set eth1 mtu 9001; cat /sys/class/net/eth1/mtu
ip link set eth2 name wan; ip link set eth2 down; ip link set eth2 name wan; ls /sys/class/net; ip link set wan up; sleep 1; cat /sys/class/net/wan/operstate
ip link set wan address 52:54:00:00:00:99; cat /sys/class/net/wan/address /sys/class/net/wan/addr_assign_type; ip link set wan txqueuelen 10; cat /sys/class/net/wan/tx_queue_len
echo virtio0 > /sys/bus/virtio/drivers/virtio_net/unbind; ls /sys/class/net; echo virtio0 > /sys/bus/virtio/drivers/virtio_net/bind; ls /sys/class/net; cat /sys/class/net/eth*/address
for n in eth0 eth1 eth2 wan; do echo "$n $(cat /sys/class/net/$n/ifindex) $(cat /sys/class/net/$n/carrier 2>&1)"; done
ip link set lo up; cat /sys/class/net/lo/operstate; ip link show lo; rmmod virtio_net; ip link
