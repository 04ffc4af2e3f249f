# Parameters on the command line, at modprobe, and in sysfs.
t() { echo "\$ $1"; sh -c "$1" 2>&1; echo "code $?"; }
cat /proc/cmdline
p() { for f in /sys/module/$1/parameters/*; do echo "$(basename $f) $(stat -c %a $f) $(cat $f)"; done; }
t "modprobe virtio_mmio"
t "modprobe virtio_blk"; p virtio_blk
cat /sys/block/vda/mq/0/nr_tags /sys/block/vda/queue/nr_requests; ls /sys/block/vda/mq
for v in 1 0 7 -1 x "" 0x10 010 4294967296; do t "echo $v > /sys/module/virtio_blk/parameters/poll_queues"; cat /sys/module/virtio_blk/parameters/poll_queues; done
t "echo 1 > /sys/module/virtio_blk/parameters/queue_depth"
echo virtio1 > /sys/bus/virtio/drivers/virtio_blk/unbind; echo virtio1 > /sys/bus/virtio/drivers/virtio_blk/bind; ls /sys/block/vda/mq; cat /sys/block/vda/queue/io_poll
t "rmmod virtio_blk"
for a in "queue_depth=16" "queue_depth=0" "queue_depth=-1" "queue_depth" "queue_depth=" "queue-depth=8" "queue_depth=8 queue_depth=24" "num_request_queues=1 poll_queues=1" "nosuch" "nosuch=1 queue_depth=4"; do
  t "modprobe virtio_blk $a"; p virtio_blk 2>&1 | head -n 3; cat /sys/block/vda/mq/0/nr_tags; rmmod virtio_blk 2>/dev/null
done
t "modprobe virtio_net"; p virtio_net; t "echo N > /sys/module/virtio_net/parameters/napi_tx"; p virtio_net
for v in y 0 on off maybe 2; do t "echo $v > /sys/module/virtio_net/parameters/napi_tx"; cat /sys/module/virtio_net/parameters/napi_tx; done
t "rmmod virtio_net"
for a in "csum=0" "gso=n csum=N" "napi_weight=1000" "napi_weight=-5" "csum=2" "napi_tx" "csum gso=off"; do t "modprobe virtio_net $a"; p virtio_net 2>&1 | head -n 4; cat /sys/bus/virtio/devices/virtio0/features; rmmod virtio_net 2>/dev/null; done
t "modprobe evdev x=1"; t "modprobe virtio_input y"; t "modprobe virtio_console z=2"
dmesg | sed -n 's/^\[[ 0-9.]*\] \(.*\(virtio\|evdev\).*\(param\|unknown\|invalid\).*\)/\1/p'
