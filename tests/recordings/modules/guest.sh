# Everything about modules, on two CPUs.
for m in evdev virtio_input virtio_blk virtio_net virtio_mmio virtio_console; do modprobe $m; done
sleep 1
lsmod
sed 's/0x[0-9a-f]*$/ADDR/' /proc/modules
for m in virtio_mmio virtio_blk virtio_console virtio_net virtio_input evdev net_failover failover; do
  echo "## $m"
  ls -1 /sys/module/$m
  for f in coresize initsize initstate refcnt taint; do echo "$f: $(cat /sys/module/$m/$f)"; done
  ls -1 /sys/module/$m/holders /sys/module/$m/notes
  [ -d /sys/module/$m/parameters ] && for p in /sys/module/$m/parameters/*; do echo "$(basename $p) $(stat -c %a $p): $(cat $p)"; done
  [ -d /sys/module/$m/drivers ] && for l in /sys/module/$m/drivers/*; do echo "$(basename $l) -> $(readlink $l)"; done
  ls -1 /sys/module/$m/sections | wc -l
done
for d in /sys/bus/virtio/drivers/* /sys/bus/platform/drivers/virtio-mmio; do echo "$(basename $d) $(readlink $d/module)"; done
ls -d /sys/module/virtio* /sys/module/hvc* /sys/module/input* /sys/module/mousedev /sys/module/block /sys/module/printk
ls /sys/module/block/parameters /sys/module/mousedev/parameters
for p in /sys/module/mousedev/parameters/*; do echo "$(basename $p): $(cat $p)"; done
head -n 1 /proc/interrupts
awk '/virtio/ { print $1, $4, $5, $6, $7 }' /proc/interrupts
for m in virtio_console virtio_net net_failover failover virtio_blk virtio_input evdev virtio_mmio; do rmmod $m; echo "rmmod $m: $?"; done
lsmod
cat /proc/modules
