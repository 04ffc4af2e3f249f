# The same on the platform bus: the virtio device goes and comes with its slot.
for m in virtio_mmio virtio_blk virtio_input virtio_net; do modprobe $m; done
drv=/sys/bus/platform/drivers/virtio-mmio
try() { echo "\$ $1"; sh -c "$1"; echo "code $?"; }
state() { ls -1 $drv; for d in /sys/bus/virtio/devices/*; do echo "$(basename $d) -> $(readlink $d)"; done; ls /sys/block /sys/class/net /sys/class/input; grep virtio /proc/iomem; }
state
try "echo a003800.virtio_mmio > $drv/unbind"
state
try "ls -1 /sys/devices/platform/a003800.virtio_mmio"
try "cat /sys/devices/platform/a003800.virtio_mmio/uevent"
try "echo a003800.virtio_mmio > $drv/unbind"
try "echo a003c00.virtio_mmio > $drv/unbind"
try "echo a003c00.virtio_mmio > $drv/bind"
try "echo a003800.virtio_mmio > $drv/bind"
try "echo a003800.virtio_mmio > $drv/bind"
state
try "echo a000000.virtio_mmio > $drv/bind"
try "echo a003800 > $drv/bind"
try "echo 9000000.pl011 > $drv/bind"
try "echo pmu > $drv/bind"
try "echo a003a00.virtio_mmio > /sys/bus/platform/drivers_probe"
try "echo a003a00.virtio_mmio > $drv/unbind"
try "echo nosuch > /sys/devices/platform/a003a00.virtio_mmio/driver_override"
try "cat /sys/devices/platform/a003a00.virtio_mmio/driver_override"
try "echo a003a00.virtio_mmio > $drv/bind"
try "echo a003a00.virtio_mmio > /sys/bus/platform/drivers_probe"
try "echo virtio-mmio > /sys/devices/platform/a003a00.virtio_mmio/driver_override"
try "echo a003a00.virtio_mmio > /sys/bus/platform/drivers_probe"
try "echo > /sys/devices/platform/a003a00.virtio_mmio/driver_override"
try "cat /sys/devices/platform/a003a00.virtio_mmio/driver_override"
state
try "echo virtio-mmio > /sys/devices/platform/pmu/driver_override"
try "echo pmu > $drv/bind"
try "cat /sys/devices/platform/a003a00.virtio_mmio/waiting_for_supplier"
try "cat /sys/devices/platform/a000000.virtio_mmio/waiting_for_supplier"
rmmod virtio_mmio
try "ls -1 /sys/devices/platform/a003800.virtio_mmio"
