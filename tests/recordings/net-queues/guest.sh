# Two CPUs and a multi-queue card (a hub has one queue, so mq stays off), module parameters.
show() { for p in /sys/module/virtio_net/parameters/*; do echo "$(basename $p): $(cat $p)"; done; for d in /sys/bus/virtio/devices/*; do echo "$(basename $d) $(cat $d/features) $(ls -1 $d/net/*/queues 2>&1 | tr '\n' ' ')"; done; }
modprobe virtio_mmio
modprobe virtio_net
show
cat /sys/class/net/eth0/queues/tx-0/xps_cpus /sys/class/net/eth0/queues/rx-0/rps_cpus
awk '/virtio/ { print $1, $4, $5, $6, $7 }' /proc/interrupts
rmmod virtio_net
modprobe virtio_net csum=0 gso=0
show
rmmod virtio_net
modprobe virtio_net napi_weight=32 napi_tx=0
show
echo Y > /sys/module/virtio_net/parameters/napi_tx; cat /sys/module/virtio_net/parameters/napi_tx
echo maybe > /sys/module/virtio_net/parameters/napi_tx
echo 1 > /sys/module/virtio_net/parameters/csum
rmmod virtio_net
modprobe virtio_net csum=maybe; echo "code $?"
lsmod
