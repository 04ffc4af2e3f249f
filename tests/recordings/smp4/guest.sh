# Four processors: queues and interrupt lines.
for m in virtio_mmio virtio_blk virtio_net virtio_console virtio_input virtio-rng; do modprobe $m; done; sleep 1
head -n 1 /proc/interrupts; awk '/virtio/ { print $1, $6, $7, $8, $9 }' /proc/interrupts
ls /sys/block/vda/mq; for q in /sys/block/vda/mq/*; do echo "$(cat $q/cpu_list)|$(cat $q/nr_tags)"; done; ls /sys/class/net/eth0/queues; cat /sys/class/net/eth0/queues/tx-0/xps_cpus /sys/class/net/eth0/queues/rx-0/rps_cpus
cat /sys/devices/system/cpu/online; nproc; grep -c ^processor /proc/cpuinfo
for i in $(awk -F: '/virtio/ { print $1 }' /proc/interrupts); do echo "$i $(cat /proc/irq/$i/smp_affinity) $(cat /proc/irq/$i/smp_affinity_list)"; done
rmmod virtio_blk; modprobe virtio_blk num_request_queues=2; ls /sys/block/vda/mq; cat /sys/block/vda/mq/0/cpu_list
