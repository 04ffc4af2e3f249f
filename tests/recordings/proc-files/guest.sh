# /proc and the character devices before and after loading.
show() {
  for f in /proc/devices /proc/misc /proc/consoles /proc/tty/drivers /proc/partitions /proc/modules /proc/ioports /proc/filesystems /proc/bus/input/handlers /proc/net/dev; do
    echo "# $f"; sed 's/0x[0-9a-f]*$/ADDR/' $f
  done
  echo "# /proc/iomem"; grep -v -e Kernel -e reserved /proc/iomem
  echo "# /proc/interrupts"; awk '/GIC/ { print $1, $3, $4, $5, $6 }' /proc/interrupts
  tail -n 8 /proc/interrupts | awk '{ $2 = ""; print }'
  ls -1 /dev | grep -v -e '^tty[0-9]'
}
show
for m in virtio_mmio virtio_blk virtio_console virtio_net virtio_input evdev; do modprobe $m; done
sleep 1
show
cat /proc/cmdline
cat /proc/version | cut -d ' ' -f 1-3
cat /proc/mounts
ls -1 /proc | grep -v '^[0-9]'
ls -1 /proc/irq | sort -n
for i in 13 17 18 19 20; do ls -1 /proc/irq/$i; cat /proc/irq/$i/spurious | head -n 0; cat /proc/irq/$i/smp_affinity; done
ls -1 /sys/kernel/irq/17
for f in actions chip_name hwirq name type wakeup; do echo "$f: $(cat /sys/kernel/irq/17/$f)"; done
cat /sys/kernel/debug/devices_deferred
find /sys/kernel/debug/virtio-ports
ls -1 /sys/kernel/debug
