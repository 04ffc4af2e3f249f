# Who may bind what: switches and overrides of both buses, step by step.
t() { echo "\$ $1"; sh -c "$1" 2>&1; echo "code $?"; }
b=/sys/bus/platform; p=/sys/devices/platform
st() { for x in a003c00 a003e00; do echo "$x $(basename "$(readlink $p/$x.virtio_mmio/driver)") $(cat $p/$x.virtio_mmio/driver_override) $(ls -d $p/$x.virtio_mmio/virtio* 2>/dev/null | sed 's/.*\///')"; done; }
t "echo 0 > $b/drivers_autoprobe"
modprobe virtio_mmio; st
t "ls $b/drivers/virtio-mmio"
t "echo a003e00.virtio_mmio > $b/drivers_probe"; st
t "echo wrong > $p/a003c00.virtio_mmio/driver_override"
t "echo a003c00.virtio_mmio > $b/drivers_probe"; st
t "echo a003c00.virtio_mmio > $b/drivers/virtio-mmio/bind"; st
t "echo virtio-mmio > $p/a003c00.virtio_mmio/driver_override"
t "echo a003c00.virtio_mmio > $b/drivers/virtio-mmio/bind"; st
t "echo > $p/a003c00.virtio_mmio/driver_override"; st
t "echo wrong > $p/a003e00.virtio_mmio/driver_override"; st
t "echo a003e00.virtio_mmio > $b/drivers/virtio-mmio/unbind"
t "echo a003e00.virtio_mmio > $b/drivers/virtio-mmio/bind"; st
t "cat $p/a003e00.virtio_mmio/uevent $p/a003c00.virtio_mmio/uevent"
t "ls $p/a003e00.virtio_mmio"
t "ls $p/a003c00.virtio_mmio"
t "echo -n '' > $p/a003e00.virtio_mmio/driver_override"; st
t "printf '\n' > $p/a003e00.virtio_mmio/driver_override"; st
t "echo a003e00.virtio_mmio > $b/drivers/virtio-mmio/bind"; st
t "echo virtio-mmio > $p/a000000.virtio_mmio/driver_override"
t "echo a000000.virtio_mmio > $b/drivers/virtio-mmio/bind"
t "echo virtio-mmio > $p/psci/driver_override; echo timer > $b/drivers/virtio-mmio/bind"
t "cat $p/timer/driver_override $p/timer/modalias"
t "echo 1 > $b/drivers_autoprobe; cat $b/drivers_autoprobe"
t "echo 0 > /sys/bus/virtio/drivers_autoprobe"
modprobe virtio_blk; modprobe virtio_input
for d in /sys/bus/virtio/devices/*; do echo "$d $(cat $d/status) $(cat $d/modalias) $(basename "$(readlink $d/driver)")"; done
t "echo virtio1 > /sys/bus/virtio/drivers_probe"
t "echo virtio0 > /sys/bus/virtio/drivers/virtio_blk/bind"
t "echo virtio0 > /sys/bus/virtio/drivers/virtio_input/bind"
for d in /sys/bus/virtio/devices/*; do echo "$d $(cat $d/status) $(basename "$(readlink $d/driver)")"; done
rmmod virtio_blk; modprobe virtio_blk; ls /sys/block
t "echo 1 > /sys/bus/virtio/drivers_autoprobe"; ls /sys/block
rmmod virtio_blk; modprobe virtio_blk; ls /sys/block
cat /sys/kernel/debug/devices_deferred
