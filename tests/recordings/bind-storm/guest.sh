# Everything unbound and bound again, many times, in changing orders.
for m in evdev virtio_input virtio_net virtio_blk virtio_mmio; do modprobe $m; done
v=/sys/bus/virtio/drivers; p=/sys/bus/platform/drivers/virtio-mmio
show() {
  for d in /sys/bus/virtio/devices/*; do
    [ -e $d ] && echo "$(basename $d) $(basename $(dirname $(readlink $d))) $(basename "$(readlink $d/driver)") $(cat $d/status)"
  done
  echo "$(ls /sys/block) | $(ls /sys/class/net) | $(ls /sys/class/input)" | tr '\n' ' '; echo
  cat /proc/interrupts | awk '/virtio/ { print $1, $(NF - 1), $NF }'
}
show
for i in 1 2 3; do
  for d in virtio_blk virtio_net virtio_input; do for x in $v/$d/virtio*; do n=$(basename $x); echo $n > $v/$d/unbind; done; done
  show
  for d in virtio_input virtio_blk virtio_net; do for x in 0 1 2 3 4; do echo virtio$x > $v/$d/bind; done; done 2>&1 | sort | uniq -c
  show
done
for i in 1 2; do for x in $p/a00*; do n=$(basename $x); echo $n > $p/unbind; echo $n > $p/bind; done; done
show
for x in a003e00 a003600 a003a00; do echo $x.virtio_mmio > $p/unbind; done
show
for x in a003a00 a003600 a003e00; do echo $x.virtio_mmio > /sys/bus/platform/drivers_probe; done
show
for x in 4 3 2 1 0; do echo virtio$x > /sys/bus/virtio/drivers_probe; echo $?; done
echo virtio0 > $v/virtio_net/bind; echo $?
echo > $v/virtio_blk/bind; echo $?
echo -n virtio1 > $v/$(basename $(readlink /sys/bus/virtio/devices/virtio1/driver))/unbind; echo $?
echo 'virtio1 ' > /sys/bus/virtio/drivers_probe; echo $?
echo -n virtio1 > /sys/bus/virtio/drivers_probe; echo $?
show
cat /sys/block/vd*/diskseq; cat /sys/class/net/eth*/ifindex
dmesg | sed -n 's/^\[[ 0-9.]*\] \(.*virtio.*\)/\1/p' | tail -n 20
