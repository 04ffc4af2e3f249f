# modprobe by modalias, module parameters, dependency listing
modprobe virtio_mmio
for d in /sys/bus/virtio/devices/*; do
  a=$(cat $d/modalias); echo "$a"; modprobe "$a"; echo "rc=$?"
done
lsmod | sort
modprobe -D virtio_net; true
modprobe -v evdev
for m in /sys/module/virtio_*; do n=$(basename $m); echo "$n refcnt=$(cat $m/refcnt 2>/dev/null) state=$(cat $m/initstate 2>/dev/null)"; ls $m/parameters 2>/dev/null | while read p; do echo "  $p=$(cat $m/parameters/$p)"; done; done
ls /sys/module/virtio_mmio /sys/module/virtio_ring /sys/module/virtio 2>&1
modprobe -r virtio_net; echo $?; lsmod | sort
modprobe -r virtio_blk virtio_console; echo $?; lsmod | sort
modprobe -r virtio_mmio; echo $?
modprobe -r evdev virtio_input; echo $?; lsmod
