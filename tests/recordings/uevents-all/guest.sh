# uevent files of every device that loading brings, and what drivers say about themselves.
for m in virtio_mmio virtio_blk virtio_console virtio_net virtio_input evdev; do modprobe $m; done; sleep 1
find /sys/devices/platform/a003[0-9a-f]00.virtio_mmio -name uevent | sort | while read f; do echo "# ${f#/sys/devices/platform/}"; cat $f; done
for d in /sys/bus/virtio/drivers/*; do echo "$(basename $d) $(readlink $d/module) $(ls $d | tr '\n' ' ')"; done
for m in virtio_blk virtio_net virtio_input virtio_console virtio_mmio; do echo "$m: $(ls /sys/module/$m | tr '\n' ' ') | $(ls /sys/module/$m/holders | tr '\n' ' ') | $(ls /sys/module/$m/drivers 2>/dev/null | tr '\n' ' ')"; done
cat /proc/modules | awk '{ print $1, $2, $3, $4, $5 }'; sed -n '/virtio/p' /proc/devices; cat /proc/misc | tail -n 3; modinfo virtio_blk virtio_net | grep -e alias -e depends -e parm
