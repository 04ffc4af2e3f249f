# What a mouse and a tablet did, by events that a program writes, read as PS/2 packets.
modprobe virtio_input; modprobe virtio_mmio; modprobe evdev
for i in 0 1 2; do echo event$i $(cat /sys/class/input/event$i/device/name); done; ls /dev/input
word() { printf "\\$(printf %03o $(($1 & 255)))\\$(printf %03o $((($1 >> 8) & 255)))"; }
ev() { printf '\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0'; word $1; word $2; word $3; word $(($3 >> 16)); }
mouse=; tablet=
for i in 0 1 2; do case $(cat /sys/class/input/event$i/device/name) in *Mouse) mouse=/dev/input/event$i;; *Tablet) tablet=/dev/input/event$i;; esac; done
get() { timeout 1 dd bs=64 count=${2:-1} <&$1 2>/dev/null > /tmp/o; hexdump -C /tmp/o; }
{ ev 2 0 3; ev 0 0 0; } > /tmp/e; cat /tmp/e > $mouse
exec 3< /dev/input/mice; exec 4<> /dev/input/mouse0; exec 5<> /dev/psaux
echo nothing; get 3
{ ev 2 0 5; ev 2 1 3; ev 0 0 0; } > /tmp/e; cat /tmp/e > $mouse; echo right down; get 3; get 4
{ ev 2 0 200; ev 0 0 0; ev 2 0 200; ev 2 1 -300; ev 0 0 0; } > /tmp/e; cat /tmp/e > $mouse; echo far; get 3 4; get 4 1
{ ev 1 272 1; ev 0 0 0; ev 2 0 1; ev 0 0 0; ev 1 272 0; ev 1 274 1; ev 0 0 0; ev 1 274 0; ev 0 0 0; } > /tmp/e; cat /tmp/e > $mouse; echo buttons; get 3 5
{ ev 1 275 1; ev 0 0 0; ev 1 276 1; ev 1 273 1; ev 0 0 0; } > /tmp/e; cat /tmp/e > $mouse; echo more buttons; get 3 3
{ ev 1 275 0; ev 1 276 0; ev 1 273 0; ev 2 8 1; ev 0 0 0; } > /tmp/e; cat /tmp/e > $mouse; echo wheel without; get 3 3
{ ev 3 0 16384; ev 3 1 100; ev 0 0 0; } > /tmp/e; cat /tmp/e > $tablet; echo pen; get 3 4
{ ev 3 0 16500; ev 0 0 0; ev 1 330 1; ev 0 0 0; ev 1 330 0; ev 0 0 0; } > /tmp/e; cat /tmp/e > $tablet; echo pen on; get 3 4
for c in '\353' '\362' '\351' '\377' '\364'; do printf $c >&5; echo command $c; get 5; done
printf '\363\310\363\144\363\120' >&4; get 4; printf '\362' >&4; echo imps; get 4
{ ev 2 8 1; ev 2 0 2; ev 0 0 0; ev 2 8 -20; ev 0 0 0; ev 1 275 1; ev 0 0 0; } > /tmp/e; cat /tmp/e > $mouse; get 4 4
printf '\363\310\363\310\363\120' >&4; get 4; printf '\362' >&4; echo imex; get 4
{ ev 2 8 1; ev 2 0 2; ev 0 0 0; ev 2 8 -20; ev 0 0 0; ev 1 276 1; ev 0 0 0; } > /tmp/e; cat /tmp/e > $mouse; get 4 6
timeout 2 dd bs=1 count=2 <&4 2>/dev/null & { ev 2 0 1; ev 0 0 0; } > /tmp/e; cat /tmp/e > $mouse; wait; echo; get 4
i=0; while [ $i -lt 20 ]; do ev 1 272 1; ev 0 0 0; ev 1 272 0; ev 2 0 1; ev 0 0 0; i=$((i+1)); done > /tmp/e; cat /tmp/e > $mouse; echo many; get 3 40
rmmod virtio_input; echo $?; get 3; timeout 2 dd bs=3 count=1 <&4; printf '\362' >&4; echo $?; exec 4<&-; ls /dev/input
