# A source of random bytes and a balloon on virtio-mmio version 1; the default quality is given.
modprobe virtio_rng
modprobe virtio_balloon
lsmod
modprobe virtio_mmio
for d in /sys/bus/virtio/devices/*; do echo "$(basename $d) $(cat $d/device) $(cat $d/status) $(cat $d/features) $(basename "$(readlink $d/driver)")"; done
for f in rng_available rng_current rng_selected rng_quality; do cat /sys/class/misc/hw_random/$f; done
grep . /sys/module/rng_core/parameters/*
head -c 1000 /dev/hwrng | wc -c
rmmod virtio_mmio; echo "code $?"
cat /sys/class/misc/hw_random/rng_current
modprobe virtio_mmio
cat /sys/class/misc/hw_random/rng_current
rmmod virtio_balloon virtio_rng; echo "code $?"
for d in /sys/bus/virtio/devices/*; do echo "$(basename $d) $(cat $d/status) $(cat $d/features)"; done
cat /proc/modules | cut -d ' ' -f 1-5
