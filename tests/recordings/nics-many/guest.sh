# Five cards: names, numbers, renaming, taking away from the middle, two CPUs.
t() { echo "\$ $1"; sh -c "$1" 2>&1; echo "code $?"; }
modprobe virtio_mmio; modprobe virtio_net
show() { for i in $(ls /sys/class/net); do echo "$i $(cat /sys/class/net/$i/ifindex) $(cat /sys/class/net/$i/address) $(cat /sys/class/net/$i/mtu) $(cat /sys/class/net/$i/operstate) $(basename "$(readlink -f /sys/class/net/$i/device)") $(ls /sys/class/net/$i/queues | wc -l)"; done; }
show
awk '/virtio/ { print $1, $4, $5, $6, $7 }' /proc/interrupts
t "ip link set eth2 name lan0"
t "ip link set eth1 name lan0"
t "ip link set eth0 up; ip link set eth0 name wan"
sleep 1
show
echo virtio1 > /sys/bus/virtio/drivers/virtio_net/unbind; show
echo virtio1 > /sys/bus/virtio/drivers/virtio_net/bind; show
echo virtio2 > /sys/bus/virtio/drivers/virtio_net/unbind; echo virtio3 > /sys/bus/virtio/drivers/virtio_net/unbind
echo virtio3 > /sys/bus/virtio/drivers/virtio_net/bind; sleep 1; echo virtio2 > /sys/bus/virtio/drivers/virtio_net/bind; sleep 1; show
t "ip link set eth3 mtu 1200; ip link set eth3 address 02:00:00:00:00:07; ip link show eth3"
t "ip link set eth4 promisc on; cat /sys/class/net/eth4/flags; ip link set eth4 promisc off"
t "ifconfig eth3 up; ifconfig eth3 | head -n 2"
sleep 1
t "ip link set nosuch up"; t "ip link set eth0 mtu 70000"; t "cat /sys/class/net/eth0/speed"
for i in $(ls /sys/class/net); do echo "$i $(cat /sys/class/net/$i/name_assign_type 2>&1) $(cat /sys/class/net/$i/addr_assign_type) $(cat /sys/class/net/$i/carrier 2>&1)"; done
cat /proc/net/dev | awk '{ print $1, $4, $5 }'
rmmod virtio_net; ls /sys/class/net; modprobe virtio_net; show
dmesg | grep -e 'eth[0-9]' -e lan0 | sed 's/^\[[ 0-9.]*\] //'
