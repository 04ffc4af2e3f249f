# Two sources of random bytes: who is used, who reads, and what is left when they go.
rng=/sys/class/misc/hw_random
show() { for f in rng_available rng_current rng_selected rng_quality; do echo "$f: $(cat $rng/$f 2>&1)"; done; }
cat /proc/misc
ls -l $rng | awk '{ print $1, $2, $5 }'
find /sys/class/misc /sys/devices/virtual/misc/hw_random
for d in /sys/class/misc/*; do echo "$d $(readlink $d) $(cat $d/dev)"; cat $d/uevent; done
ls -l /dev/hwrng | awk '{ print $1, $5, $6, $NF }'
show
dd if=/dev/hwrng bs=16 count=1; echo "code $?"
cat /dev/hwrng; echo "code $?"
echo virtio_rng.0 > $rng/rng_current; echo "code $?"
echo 5 > $rng/rng_quality; echo "code $?"
echo x > $rng/rng_available; echo "code $?"
find /sys/module/rng_core
grep . /sys/module/rng_core/parameters/*
modprobe rng-core; echo "code $?"
rmmod rng_core; echo "code $?"
modprobe virtio_mmio
modprobe virtio-rng; echo "code $?"
lsmod
show
grep . /sys/module/rng_core/parameters/*
for d in /sys/bus/virtio/devices/*; do echo "$(basename $d) $(cat $d/device) $(cat $d/status) $(cat $d/features) $(cat $d/modalias)"; done
find /sys/bus/virtio/devices/virtio0/
find /sys/module/virtio_rng -maxdepth 1
ls /sys/module/virtio_rng/drivers /sys/bus/virtio/drivers/virtio_rng
cat /sys/bus/virtio/devices/virtio1/uevent
awk '/virtio/ { print $1, $3, $4, $5, $6 }' /proc/interrupts
head -c 16 /dev/hwrng | wc -c
dd if=/dev/hwrng bs=1 count=5 2>/dev/null | wc -c
dd if=/dev/hwrng bs=100 count=3 2>/dev/null | wc -c
dd if=/dev/hwrng bs=4096 count=1 2>/dev/null | wc -c
dd if=/dev/zero of=/dev/hwrng count=1; echo "code $?"
echo hello > /dev/hwrng; echo "code $?"
echo virtio_rng.7 > $rng/rng_current; echo "code $?"; show
echo virtio_rng.1 > $rng/rng_current; echo "code $?"; show
head -c 100 /dev/hwrng | wc -c
echo > $rng/rng_current; echo "code $?"; show
echo none > $rng/rng_current; echo "code $?"; show
echo 500 > $rng/rng_quality; echo "code $?"; show
for q in 1025 -1 abc 0x10 5; do echo $q > $rng/rng_quality; echo "$q: code $?"; done; show
echo virtio_rng.0 > $rng/rng_current; show
sleep 100 < /dev/hwrng &
sleep 1
echo virtio0 > /sys/bus/virtio/drivers/virtio_rng/unbind; echo "code $?"; show
cat /sys/bus/virtio/devices/virtio0/status
echo virtio0 > /sys/bus/virtio/drivers/virtio_rng/bind; echo "code $?"; show
echo virtio_rng.1 > $rng/rng_current
echo virtio1 > /sys/bus/virtio/drivers/virtio_rng/unbind; show
rmmod virtio_rng; echo "code $?"
show
kill $!
head -c 3 /dev/hwrng; echo "code $?"
for d in /sys/bus/virtio/devices/*; do echo "$(basename $d) $(cat $d/status) $(cat $d/features)"; done
echo 300 > /sys/module/rng_core/parameters/default_quality; echo "code $?"
echo 70000 > /sys/module/rng_core/parameters/default_quality; echo "code $?"
modprobe virtio:d00000004v00000000; lsmod
show
echo 700 > /sys/module/rng_core/parameters/current_quality; sleep 3; show
modprobe -r virtio-rng; echo "code $?"; lsmod
modinfo virtio_rng virtio_balloon
modinfo virtio-rng rng_core; modprobe -D virtio-rng
insmod /lib/modules/$(uname -r)/virtio-rng.ko; echo "code $?"; insmod /lib/modules/$(uname -r)/virtio-rng.ko; echo "code $?"
show
