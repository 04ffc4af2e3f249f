dmesg -c > /dev/null; modprobe virtio_mmio; modprobe virtio_blk; modprobe virtio_input
dmesg | cut -c16- | sed 's/ 0x[0-9a-f]*/ ADDR/; s/after [0-9]* usecs/after N usecs/; s/@ [0-9]*/@ N/'; cat /sys/module/virtio_blk/parameters/queue_depth /sys/block/vda/queue/nr_requests
dmesg -c > /dev/null; rmmod virtio_blk; rmmod virtio_input; dmesg | cut -c16- | sed 's/after [0-9]* usecs/after N usecs/; s/@ [0-9]*/@ N/'
dmesg -c > /dev/null; echo 'module virtio_blk +p' > /sys/kernel/debug/dynamic_debug/control; echo $?; echo 'file nothing.c +p' > /sys/kernel/debug/dynamic_debug/control; echo $?; echo 'rubbish' > /sys/kernel/debug/dynamic_debug/control; echo $?; echo 'file drivers/base/bus.c -p' > /sys/kernel/debug/dynamic_debug/control; echo $?; dmesg | cut -c16-
