# Three slots that need each other in a circle.
cd /sys/devices/platform
show() {
  for link in $(ls /sys/class/devlink | grep virtio); do
    l=/sys/class/devlink/$link
    echo "$link: $(cat $l/status), $(cat $l/auto_remove_on), rpm $(cat $l/runtime_pm), sync $(cat $l/sync_state_only)"
  done
  for slot in a003a00 a003c00 a003e00; do
    d=$slot.virtio_mmio
    [ -e $d/waiting_for_supplier ] && echo "$d waits: $(cat $d/waiting_for_supplier)"
    [ -e $d/driver ] && echo "$d is $(cd $d; ls -d virtio*)"
  done
  cat /sys/kernel/debug/devices_deferred
}
dmesg | sed 's/^\[[ 0-9.]*\] //' | grep "dependency cycle"
echo "== boot"; show
echo "== transport"; modprobe virtio_mmio; show
modprobe virtio_blk
cat /sys/block/vda/serial /sys/block/vdb/serial /sys/block/vdc/serial; echo
echo a003c00.virtio_mmio > /sys/bus/platform/drivers/virtio-mmio/unbind; show
echo a003c00.virtio_mmio > /sys/bus/platform/drivers/virtio-mmio/bind; show
dmesg | sed 's/^\[[ 0-9.]*\] //' | grep "dependency cycle"
