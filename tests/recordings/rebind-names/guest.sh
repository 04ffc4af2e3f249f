show() { echo "--- $1"; for b in /sys/block/vd*; do [ -e $b ] && echo "$(basename $b) $(cat $b/serial) $(basename $(readlink -f $b/device)) $(cat $b/dev) seq=$(cat $b/diskseq)"; done; for n in /sys/class/net/eth*; do [ -e $n ] && echo "$(basename $n) $(cat $n/address) $(basename $(readlink -f $n/device)) if=$(cat $n/ifindex)"; done; for i in /sys/class/input/input*; do [ -e $i ] && echo "$(basename $i) $(cat $i/name) $(basename $(readlink -f $i/device))"; done; ls /dev/input; }
echo 0 > /sys/bus/virtio/drivers_autoprobe
for m in virtio_net evdev virtio_mmio virtio_blk virtio_input; do modprobe $m; done
show start
for i in 5 0 3 6 1 2 4; do echo virtio$i > /sys/bus/virtio/drivers_probe; echo "probe $i: $?"; done
show probed
for x in a003e00 a003a00 a003600; do echo $x.virtio_mmio > /sys/bus/platform/drivers/virtio-mmio/unbind; done
show "three gone"; ls /sys/bus/virtio/devices
for x in a003600 a003e00 a003a00; do echo $x.virtio_mmio > /sys/bus/platform/drivers/virtio-mmio/bind; done
ls /sys/bus/virtio/devices; for d in /sys/bus/virtio/devices/*; do echo "$(readlink $d) $(cat $d/status)"; done
echo 1 > /sys/bus/virtio/drivers_autoprobe
show "autoprobe on"
for d in virtio_blk virtio_net virtio_input; do rmmod $d; modprobe $d; done
show reloaded
rmmod virtio_mmio; show "no transport"; modprobe virtio_mmio; show transport
