# What busybox's modprobe takes from modprobe.conf, modprobe.d and the kernel's command line, and what it does not.
mkdir -p /etc/modprobe.d/sub
cat > /etc/modprobe.d/a.conf <<'X'
# comment
  options   virtio_blk   queue_depth=16   # tail
options virtio-blk num_request_queues=2
options virtio_mmio \
  frob=1
alias disk virtio_blk
alias disk virtio_rng
alias net* virtio_net
alias in virtio_input
options in nothing=1
softdep virtio_blk pre: virtio-rng post: virtio_balloon
blacklist virtio_balloon
install virtio_input echo installed
remove virtio_blk echo removed
what is this
options
options virtio_console
X
echo "options virtio_blk poll_queues=1" > /etc/modprobe.d/b.conf
echo "options virtio_blk poll_queues=0" > /etc/modprobe.d/sub/c.conf
echo "options virtio_blk bogus=1" > /etc/modprobe.d/ignored
echo "options virtio_blk bogus=2" > /etc/modprobe.conf
for m in virtio_blk virtio-mmio disk netfoo virtio_input in virtio_balloon virtio_console nix virtio:d00000005vFFFFFFFF virtio:d00000001vFFFFFFFF; do echo "== $m"; modprobe -D $m; echo "$?"; modprobe -b -D $m; echo "$?"; done
echo "== args"; modprobe -D virtio_blk queue_depth=32
echo "== all"; modprobe -a -D disk in
insmod /lib/modules/*/failover.ko; insmod /lib/modules/*/net_failover.ko; insmod /lib/modules/*/virtio_net.ko
cat /sys/module/virtio_net/parameters/csum
modprobe virtio_mmio
modprobe -b virtio_balloon; echo $?; lsmod; modprobe virtio:d00000005vFFFFFFFF; echo $?; lsmod
modprobe -b virtio:d00000005vFFFFFFFF; echo $?
modprobe disk; echo $?; lsmod; modprobe in; cat /sys/module/virtio_blk/parameters/*
modprobe -r disk; echo $?; lsmod
modprobe disk poll_queues=0; cat /sys/module/virtio_blk/parameters/*; cat /sys/block/vda/mq/0/nr_tags
dmesg | sed -n 's/^\[[ 0-9.]*\] \(.*param.*\)/\1/p'
