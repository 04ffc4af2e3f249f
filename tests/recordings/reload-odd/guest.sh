# reload of each module in odd order
mods="virtio_mmio virtio_blk virtio_console virtio_net virtio_input evdev"
for m in $mods; do modprobe $m; done
sleep 1
state() {
  for d in /sys/bus/virtio/devices/virtio*; do [ -e "$d" ] || continue; echo "  $(basename $d) $(cat $d/status) $(cat $d/modalias) $(basename $(readlink $d/driver) 2>/dev/null)"; done
  echo "  blk: $(ls /sys/block | tr '\n' ' ') net: $(ls /sys/class/net | tr '\n' ' ') input: $(ls /sys/class/input | tr '\n' ' ')"
  echo "  irq: $(grep virtio /proc/interrupts | sed 's/:.*//' | tr -d ' ' | tr '\n' ' ')"
}
state
for m in virtio_net virtio_mmio evdev virtio_input virtio_blk virtio_console; do
  echo "rmmod $m"; rmmod $m; echo "rc $?"; state
  echo "modprobe $m"; modprobe $m; echo "rc $?"; sleep 1; state
done
for m in virtio_blk virtio_input virtio_console evdev virtio_net virtio_mmio; do rmmod $m; echo "rmmod $m rc $?"; done
state
for m in evdev virtio_console virtio_mmio virtio_net virtio_blk virtio_input; do modprobe $m; done
sleep 1
state
lsmod
cat /proc/modules | awk '{print $1,$2,$3,$4,$5}'
dmesg | grep -i virtio | sed 's/^\[[^]]*\] //'
