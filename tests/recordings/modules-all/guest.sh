# All modules that the system has, also those whose devices nobody models: in their file's order, and by need.
ls -1 /lib/modules/$(uname -r); modprobe -l | sed 's/.*\///'
log() { dmesg -c | sed 's/^\[[ 0-9.]*\] //; s/after [0-9]* usecs/after N usecs/; s/@ [0-9]*/@ N/' | grep -v 'returned 19'; }
log > /dev/null
for m in virtio_pci virtio_scsi sd_mod 9p 9pnet_virtio t10_pi crc64_rocksoft_generic fscache virtio:d00000009v554D4551; do modprobe $m; echo "$m $?"; done
lsmod; cut -d' ' -f1-5 /proc/modules; log; ls /sys/bus/virtio/drivers; modprobe -D sd_mod
for m in fscache 9p 9pnet_virtio 9pnet sd_mod virtio_scsi scsi_mod virtio_pci virtio_pci_modern_dev virtio_pci_legacy_dev; do rmmod $m; echo "$m $?"; done; lsmod
for k in /lib/modules/$(uname -r)/*.ko; do insmod $k 2>&1; echo "$k $?"; done; lsmod; log
for d in /sys/bus/virtio/devices/*; do echo "${d##*/} $(readlink $d/driver)"; done
modprobe -r virtio_scsi sd_mod 9p 9pnet_virtio; echo $?; lsmod
