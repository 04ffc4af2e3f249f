# Suppliers that never come: a device without a driver, a node that is no device, one that is switched off.
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
log() { dmesg -c | sed 's/^\[[ 0-9.]*\] //' | grep "deferred\|supplier\|virtio"; }
log >/dev/null
echo "== boot"; show
modprobe virtio_blk
echo "== transport"; modprobe virtio_mmio; log; show
sleep 1
echo "== another driver"; modprobe virtio_rng; log; show
sleep 6
echo "== after the timeout"; log; show; cat /proc/partitions
echo a003a00.virtio_mmio > /sys/bus/platform/drivers/virtio-mmio/bind; echo "code $?"
echo a003c00.virtio_mmio > /sys/bus/platform/drivers/virtio-mmio/bind; echo "code $?"
cat /sys/kernel/debug/devices_deferred
echo "== unbound and bound"
echo a003a00.virtio_mmio > /sys/bus/platform/drivers/virtio-mmio/unbind; show
echo a003a00.virtio_mmio > /sys/bus/platform/drivers/virtio-mmio/bind; echo "code $?"; log; show
