# Links between the slots of three disks, by what the device tree says that they need.
cd /sys/devices/platform
show() {
  for link in $(ls /sys/class/devlink); do
    l=/sys/class/devlink/$link
    echo "$link: $(cat $l/status), $(cat $l/auto_remove_on), rpm $(cat $l/runtime_pm), sync $(cat $l/sync_state_only)"
  done
  for slot in a003a00 a003c00 a003e00; do
    d=$slot.virtio_mmio
    [ -e $d/waiting_for_supplier ] && echo "$d waits: $(cat $d/waiting_for_supplier)"
    [ -e $d/driver ] && echo "$d is $(cd $d; ls -d virtio*)"
  done
  cat /sys/kernel/debug/devices_deferred
  cat /proc/partitions
}
echo "== boot"; show
ls /sys/devices/virtual
ls -d a003*/supplier:* a003*/consumer:* 9030000.pl061/consumer:* gpio-keys/supplier:*
readlink a003a00.virtio_mmio/supplier:*
readlink a003e00.virtio_mmio/consumer:*
readlink /sys/class/devlink/*a003a00*
ls -ld /sys/class/devlink/*a003a00*/supplier /sys/class/devlink/*a003a00*/consumer | sed 's/.*root //; s/.*-> //'
find /sys/class/devlink/*a003a00*/ | sort
cat /sys/class/devlink/*a003a00*/uevent
echo "== transport"; modprobe virtio_mmio; show
echo "== disks"; modprobe virtio_blk; show
cat /sys/block/vda/serial /sys/block/vdb/serial /sys/block/vdc/serial
cd /sys/bus/platform/drivers/virtio-mmio
echo "== without the first supplier"; echo a003e00.virtio_mmio > unbind; cd /sys/devices/platform; show
cd /sys/bus/platform/drivers/virtio-mmio
echo "== a consumer alone"; echo a003a00.virtio_mmio > bind; echo "code $?"; cd /sys/devices/platform; show
cd /sys/bus/platform/drivers/virtio-mmio
echo "== the supplier again"; echo a003e00.virtio_mmio > bind; echo "code $?"; sleep 1; cd /sys/devices/platform; show
echo "== one in the middle"; cd /sys/bus/platform/drivers/virtio-mmio; echo a003c00.virtio_mmio > unbind; echo a003c00.virtio_mmio > bind; sleep 1; cd /sys/devices/platform; show
echo "== unloaded"; rmmod virtio_blk; rmmod virtio_mmio; show
echo "== loaded, the disks first"; modprobe virtio_blk; modprobe virtio_mmio; sleep 1; show
