# One card: before and after it is brought up.
try() { echo "\$ $1"; sh -c "$1"; echo "code $?"; }
attrs() {
  for f in $(ls /sys/class/net/eth0); do [ -f /sys/class/net/eth0/$f ] && echo "$f: $(cat /sys/class/net/eth0/$f 2>&1)"; done
}
modprobe virtio_mmio
modprobe virtio_net
attrs
ls -1 /sys/class/net/eth0/statistics /sys/class/net/eth0/queues /sys/class/net/eth0/queues/* /sys/class/net/eth0/queues/tx-0/byte_queue_limits
cat /sys/class/net/eth0/queues/rx-0/virtio_net/mergeable_rx_buffer_size
cat /sys/class/net/eth0/uevent
cat /sys/class/net/eth0/device/features
echo 0 > /proc/sys/net/ipv6/conf/all/disable_ipv6; echo 1 > /proc/sys/net/ipv6/conf/eth0/disable_ipv6
try "ip link"
try "ifconfig -a"
try "ip link show eth0"
try "ip link set eth0 up"
sleep 2 # the link watch runs later
attrs
try "ip link"
try "ifconfig"
try "ip addr"
try "ip link set eth0 mtu 9000; ip link show eth0"
try "ip link set eth0 mtu 1400; cat /sys/class/net/eth0/mtu"
try "ip link set eth0 mtu 70000; cat /sys/class/net/eth0/mtu"
try "ip link set eth0 mtu 60; cat /sys/class/net/eth0/mtu"
try "echo 1300 > /sys/class/net/eth0/mtu; cat /sys/class/net/eth0/mtu"
try "ip link set eth0 address 52:54:00:aa:bb:cc; cat /sys/class/net/eth0/address"
try "ip link set eth0 down; cat /sys/class/net/eth0/operstate /sys/class/net/eth0/flags"
try "ip link set eth0 address 52:54:00:aa:bb:cc; cat /sys/class/net/eth0/address"
try "ip link set eth0 address 01:00:00:00:00:01"
try "cat /sys/class/net/eth0/addr_assign_type"
try "ip link set eth0 promisc on; cat /sys/class/net/eth0/flags"
try "ip link set eth0 name lan0; ls /sys/class/net; cat /sys/class/net/lan0/name_assign_type"
try "ip link set lan0 txqueuelen 77; cat /sys/class/net/lan0/tx_queue_len"
try "ip link set nosuch up"
try "ifconfig nosuch"
try "ip link set lan0 name eth0; ip link"
try "cat /proc/net/dev"
try "echo 0x1103 > /sys/class/net/eth0/flags; cat /sys/class/net/eth0/flags"
try "echo hello > /sys/class/net/eth0/ifalias; cat /sys/class/net/eth0/ifalias"
try "echo 0 > /sys/class/net/eth0/carrier"
try "rmmod virtio_net; ip link; ls -1 /sys/class/net"
