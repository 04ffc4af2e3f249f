# Cache modes of the drives, switched from the guest.
modprobe virtio_mmio; modprobe virtio_blk
for d in vda vdb vdc; do echo "## $d $(cat /sys/block/$d/device/features) $(cat /sys/block/$d/ro)"; for f in cache_type queue/write_cache queue/fua queue/discard_max_bytes queue/write_zeroes_max_bytes queue/rotational queue/nomerges; do echo "$f $(cat /sys/block/$d/$f)"; done; done
for d in vda vdb vdc; do for w in "write through" "write back" rubbish; do echo "$w" > /sys/block/$d/cache_type; echo "$d $w $? $(cat /sys/block/$d/cache_type)"; done; done
for d in vda vdb vdc; do echo x > /dev/$d; echo "$d $?"; sync; awk '{ print $5, $7, $16 }' /sys/block/$d/stat; done
head -n 1 /dev/vdc
