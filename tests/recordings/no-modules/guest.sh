# A kernel that was told to load no modules.
t() { echo "\$ $1"; sh -c "$1" 2>&1; echo "code $?"; }
t "modprobe virtio_mmio"; t "modprobe -q virtio_blk"; t "insmod /lib/modules/*/virtio_blk.ko"; t "rmmod virtio_blk"; t "insmod nix"; t "modprobe nix"
lsmod; cat /proc/sys/kernel/modules_disabled; ls /sys/bus/virtio/drivers
