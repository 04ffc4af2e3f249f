# Names stay with who comes first: three of each while something holds them.
s() { for n in /sys/class/net/eth* /sys/class/net/x*; do [ -e $n ] && echo "${n##*/} $(cat $n/address) $(cat $n/ifindex)"; done; for b in /sys/block/vd*; do [ -e $b ] && echo "${b##*/} $(cat $b/serial) $(cat $b/diskseq) $(cat $b/dev)"; done; ls /sys/class/virtio-ports | tr '\n' ' '; ls /sys/class/tty | grep hvc | tr '\n' ' '; cat /proc/consoles | grep hvc; echo; }
modprobe virtio_mmio; modprobe virtio_net; modprobe virtio_blk; modprobe virtio_console; sleep 1; s
exec 3< /dev/vdb; echo virtio1 > /sys/bus/virtio/drivers/virtio_net/unbind 2>/dev/null
for i in 7 6 5; do echo virtio$i > /sys/bus/virtio/drivers/virtio_blk/unbind; done; s
for i in 5 7 6; do echo virtio$i > /sys/bus/virtio/drivers/virtio_blk/bind; done; s
exec 3<&-; s
echo virtio6 > /sys/bus/virtio/drivers/virtio_blk/unbind; echo virtio6 > /sys/bus/virtio/drivers/virtio_blk/bind; s
ip link set eth1 name eth7; ip link set eth0 name x1; for i in 2 3 4; do echo virtio$i > /sys/bus/virtio/drivers/virtio_net/unbind; echo virtio$i > /sys/bus/virtio/drivers/virtio_net/bind; done; sleep 1; s
for i in 0 1; do echo virtio$i > /sys/bus/virtio/drivers/virtio_console/unbind; done; s; for i in 1 0; do echo virtio$i > /sys/bus/virtio/drivers/virtio_console/bind; sleep 1; done; s
exec 4<> /dev/hvc0; echo virtio1 > /sys/bus/virtio/drivers/virtio_console/unbind; echo virtio1 > /sys/bus/virtio/drivers/virtio_console/bind; sleep 1; s; exec 4<&-; sleep 1; s
