# Modules that the kernel's command line forbids.
t() { echo "\$ $1"; sh -c "$1" 2>&1; echo "code $?"; }
t "modprobe virtio_mmio"; t "modprobe virtio_blk"; t "modprobe virtio_rng"; t "modprobe virtio_input"; t "insmod /lib/modules/*/virtio_blk.ko"; t "modprobe -D virtio_blk"; t "modprobe virtio:d00000002v554D4551"
lsmod; ls /sys/module | grep virtio
cat /sys/module/kernel/parameters/* 2>/dev/null | head -3; cat /proc/sys/kernel/modules_disabled
dmesg | sed -n 's/^\[[ 0-9.]*\] \(.*\(lacklist\|odule\).*\)/\1/p'
