# Two cards on one hub: what goes out on one comes in on the other.
modprobe virtio_mmio
modprobe virtio_net
for n in eth0 eth1; do echo 1 > /proc/sys/net/ipv6/conf/$n/disable_ipv6; ip link set $n up; done
sleep 2
ip link
stats() { for n in eth0 eth1; do for f in rx_packets tx_packets rx_bytes tx_bytes rx_dropped multicast; do echo "$n $f $(cat /sys/class/net/$n/statistics/$f)"; done; done; }
stats
ip addr add 10.1.0.1/24 dev eth0
ip addr
ip route
arping -c 2 -w 3 -I eth0 10.1.0.9 | sed 's/Sent.*/sent/'
ping -c 1 -W 1 10.1.0.8 | head -n 1
stats
cat /proc/net/dev | awk '{ print $1, $2, $3, $10, $11 }'
cat /proc/net/arp
ip neigh
ip link set eth0 down
cat /sys/class/net/eth0/operstate /sys/class/net/eth1/operstate
ip link
