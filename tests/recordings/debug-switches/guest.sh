# The list of debug messages, and how parts of it are switched: by file, function, line and text.
c=/sys/kernel/debug/dynamic_debug/control
head -n 1 $c; ls -l $c | cut -c1-10
show() { grep -e 'drivers/base/dd.c' -e 'drivers/base/bus.c' -e 'drivers/base/platform.c' -e 'drivers/base/class.c' -e kernel/async.c $c | grep -v '=_'; }
log() { dmesg -c | sed 's/^\[[ 0-9.]*\] //; s/^\[[0-9]*\] /[N] /' | sed 's/@ [0-9]*/@ N/; s/after [0-9]* usec/after N usec/' | grep -v 'Extended\|virtio_mmio with driver\|virtio-mmio with device'; }
grep drivers/base/ $c | grep -e '/dd.c' -e '/core.c' -e '/bus.c'
show; log > /dev/null
set_() { echo "$1" > $c; echo "$1 -> $?"; }
set_ 'file drivers/base/dd.c func really_probe +pfl'; show
set_ 'file dd.c line 600-700 +mt'; set_ 'file drivers/base/bus.c format "add d" +p'; set_ 'module async +p'; show
modprobe virtio_mmio; sleep 1; log; modprobe virtio_blk; sleep 1; log
set_ 'file dd.c =_'; set_ 'func bus_add_d* =pmfl'; show; rmmod virtio_blk; modprobe virtio_blk; sleep 1; log
set_ 'line 1-2-3 +p'; set_ 'line 9-3 +p'; set_ 'line x +p'; set_ 'func really_probe'; set_ 'func +p'; set_ 'file dd.c +pz'; set_ '+p nothing'; set_ 'format nowhere +p'; set_ 'func really_probe +p; nonsense; func driver_bound +p'; show; log
set_ 'file drivers/base/* -p'; set_ 'module async -p'; show
