# Three slots that need each other in the worst order, at one strength of fw_devlink.
modprobe virtio_blk; modprobe virtio_mmio; sleep 1
for d in /sys/bus/virtio/devices/*; do echo "$(basename $d) is $(readlink $d | cut -d/ -f6)"; done
for b in vda vdb vdc; do echo "$b is $(cat /sys/block/$b/serial)"; done
for l in /sys/class/devlink/platform:a003*; do [ -e $l ] && echo "$(basename $l): $(cat $l/status), rpm $(cat $l/runtime_pm)"; done
