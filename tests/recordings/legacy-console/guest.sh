modprobe virtio_mmio; modprobe virtio_console; sleep 1
for d in /sys/bus/virtio/devices/*; do echo "$(basename $d) $(cat $d/status) $(cat $d/features)"; ls $d; done
ls -l /dev/hvc* /dev/vport* 2>&1 | awk '{print $1,$3,$4,$5,$6,$NF}'
cat /sys/class/virtio-ports/*/name
echo "to console" > /dev/hvc0; echo "to hvc1" > /dev/hvc1; echo $?
for p in /dev/vport*; do timeout 1 sh -c "echo 'to $p' > $p"; echo "$p $?"; done
cat /sys/kernel/debug/virtio-ports/*
for i in 0 1; do echo virtio$i > /sys/bus/virtio/drivers/virtio_console/unbind; done
ls /dev/hvc* /dev/vport* 2>&1; ls /sys/class/virtio-ports | wc -l
for i in 1 0; do echo virtio$i > /sys/bus/virtio/drivers/virtio_console/bind; sleep 1; done
ls /sys/class/virtio-ports /sys/kernel/debug/virtio-ports
rmmod virtio_mmio; ls /dev/hvc* /dev/vport* 2>&1; modprobe virtio_mmio; sleep 1; ls /dev/hvc* /dev/vport*
rmmod virtio_console; dmesg | grep -i -e console -e hvc | tail -n 4 | sed 's/^\[[^]]*\] //'
