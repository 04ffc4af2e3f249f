# The same tree when also what devices can do without is waited for.
show() {
  for link in $(ls /sys/class/devlink); do
    l=/sys/class/devlink/$link
    [ -e $l ] && echo "$link: $(cat $l/status), rpm $(cat $l/runtime_pm), sync $(cat $l/sync_state_only)"
  done
  for d in a003a00.virtio_mmio a003c00.virtio_mmio a003e00.virtio_mmio board board/b000000.chip board/board:user board/board:reset; do
    d=/sys/devices/platform/$d
    [ -e $d/waiting_for_supplier ] && echo "${d##*/} waits: $(cat $d/waiting_for_supplier)"
    [ -e $d/driver ] && echo "${d##*/} has a driver"
  done
  cat /sys/kernel/debug/devices_deferred
}
dmesg | sed 's/^\[[ 0-9.]*\] //' | grep "dependency cycle\|Failed to create device link"
ls /sys/devices/platform/board
echo "== boot"; show
cd /sys/devices/platform; ls -d */supplier:* */consumer:* */*/supplier:* */*/consumer:*
find /sys/devices -name waiting_for_supplier | sort
echo "== transport"; modprobe virtio_mmio; show
echo "== disks"; modprobe virtio_blk
for d in /sys/block/vd*; do [ -e $d/serial ] && echo "$(cat $d/serial)"; done | sort
echo "== unbind"; echo a003c00.virtio_mmio > /sys/bus/platform/drivers/virtio-mmio/unbind; show
echo "== timeout"; sleep 22; show
for d in /sys/block/vd*; do [ -e $d/serial ] && echo "$(cat $d/serial)"; done | sort
find /sys/devices -name waiting_for_supplier | sort | wc -l
dmesg | sed 's/^\[[ 0-9.]*\] //' | grep "deferred probe pending"
