# Two CPUs, several request queues, and the driver's parameters.
params() { for p in /sys/module/virtio_blk/parameters/*; do echo "$(basename $p): $(cat $p)"; done; }
show() {
  for d in vda vdb; do
    echo "## $d"
    find /sys/block/$d/mq/ | while read f; do [ -f $f ] && echo "$f: $(cat $f)"; [ -d $f ] && echo "$f"; done
    cat /sys/block/$d/queue/nr_requests /sys/block/$d/queue/scheduler /sys/block/$d/queue/rq_affinity
  done
  awk '/virtio/ { print $1, $4, $5, $6, $7 }' /proc/interrupts
  head -n 1 /proc/interrupts
}
modprobe virtio_mmio
modprobe virtio_blk; params; show; rmmod virtio_blk
modprobe virtio_blk num_request_queues=1; echo "code $?"; params; show; rmmod virtio_blk
modprobe virtio_blk poll_queues=1 queue_depth=32; echo "code $?"; params; show; cat /sys/block/vda/queue/io_poll; rmmod virtio_blk
modprobe virtio_blk num_request_queues=9; echo "code $?"; params; rmmod virtio_blk
modprobe virtio_blk num_request_queues=abc; echo "code $?"; lsmod; ls /sys/block
modprobe virtio_blk nosuch=1; echo "code $?"; lsmod; ls /sys/block; rmmod virtio_blk
modprobe virtio_blk; echo 3 > /sys/module/virtio_blk/parameters/num_request_queues; params
echo 3 > /sys/module/virtio_blk/parameters/queue_depth
echo x > /sys/module/virtio_blk/parameters/poll_queues
echo virtio1 > /sys/bus/virtio/drivers/virtio_blk/unbind
echo 1 > /sys/module/virtio_blk/parameters/num_request_queues
echo virtio1 > /sys/bus/virtio/drivers/virtio_blk/bind
show
