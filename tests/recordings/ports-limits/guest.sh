modprobe virtio_mmio; modprobe virtio_console; sleep 1
ls -l /dev/virtio-ports | awk '{ print $9, $11 }'; ls /dev/hvc* /dev/vport* ; for p in /sys/class/virtio-ports/*; do echo $(basename $p) $(cat $p/dev) "$(cat $p/name 2>&1)" $(readlink $p/device); done
for p in /sys/class/virtio-ports/*; do cat $p/uevent; ls $p; done; find /sys/kernel/debug/virtio-ports -type f | sort | while read f; do echo $f; cat $f; done
cat /sys/bus/virtio/devices/*/features; dmesg | grep -e hvc -e vport -e virtio | cut -c16-
for v in /dev/vport*; do timeout 1 sh -c "echo hi > $v"; echo "$v $?"; done; rmmod virtio_console; echo $?; ls /dev/hvc* /dev/vport* 2>&1; modprobe virtio_console; sleep 1; ls /dev/hvc* /dev/vport*
