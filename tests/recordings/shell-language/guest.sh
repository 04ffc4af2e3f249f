#!/bin/sh
# shell features that a judge's scripts use
set -u
modprobe virtio_mmio && modprobe virtio_blk || exit 1
count=0
for d in /sys/bus/virtio/devices/*; do count=$((count + 1)); done
echo "count=$count hex=$(printf '%#x' $count) pad=$(printf '%03d' $count)"
id_of() { local d=$1; d=$(cat "/sys/bus/virtio/devices/$d/device"); printf '%d\n' "$d"; }
for i in 0 1 2 3; do
  case $(id_of virtio$i) in
    1) t=net ;; 2) t=blk ;; 3) t=console ;; 18) t=input ;; *) t=unknown ;;
  esac
  echo "virtio$i is $t"
done
cat <<END
block: $(ls /sys/block | tr '\n' ' ')
size: $(cat /sys/block/vda/size) sectors, $(( $(cat /sys/block/vda/size) * 512 / 1024 )) KiB
END
cat <<'END'
raw $count `date`
END
cat <<-END
	tabs are gone
	count ${count}
	END
i=0; while [ $i -lt 3 ]; do i=$((i+1)); [ $i -eq 2 ] && continue; echo "i $i"; done
until [ $i -le 0 ]; do i=$((i-1)); done; echo "done $i"
x=/sys/bus/virtio/devices/virtio0; echo "${x##*/} ${x%/*} ${x#/sys} ${#x} ${y:-def} ${z:=zed} $z ${x:+set}"
echo "a b c d" | { read -r a b rest; echo "$a|$b|$rest"; }
IFS=:; set -- a:b:c; for p in $1; do echo "p=$p"; done; unset IFS
set -- one "two three" four; echo "$# $2 $*"; shift; echo "$# $1"; for a; do echo "<$a>"; done
printf '%s-%s\n' a b c d; printf '%5s|%-5s|%05d|%x|%o|%c\n' ab cd 42 255 8 xyz
printf 'tab\there\n\101\n'; printf "%b\n" 'a\tb'; printf '%%\n'
echo -e "a\tb\nc"; echo -n "no newline"; echo
ls /sys/bus/virtio/devices | sort -r | head -n 2
ls /sys/bus/virtio/devices | wc -l
printf '3\n10\n2\n' | sort -n; printf 'b 2\na 1\n' | sort -k2 -n -r; printf 'a\na\nb\n' | uniq -c
grep -c processor /proc/cpuinfo
cat /proc/partitions | tail -n +3 | awk '{ s += $3 } END { print "blocks", s }'
find /sys/bus/virtio/devices -type l | sort | xargs -n1 basename
find /sys/bus/virtio/devices/ -mindepth 1 -maxdepth 1 -exec readlink {} \; | sort
echo "virtio:d00000002v554D4551" | sed -n 's/^virtio:d\([0-9A-F]*\)v\([0-9A-F]*\)$/id=\1 vendor=\2/p'
echo "Hello" | tr 'a-z' 'A-Z' | tr -d L | rev 2>/dev/null
cut -d' ' -f1 /proc/cmdline; cut -c1-7 /proc/version
echo abc | hexdump -C; echo abc | od -An -tx1; echo abc | md5sum; echo abc | sha1sum; echo abc | sha256sum; echo abc | cksum
seq 1 3 | paste -s -d, - ; seq -w 8 10; expr 3 + 4; expr length hello; expr substr hello 2 3; basename /a/b.c .c; dirname /a/b
[ -d /sys/block/vda ] && echo dir; [ -b /dev/vda ] && echo blk; [ -c /dev/null ] && echo chr; [ -L /sys/block/vda ] && echo link; [ ! -e /nope ] && echo none
test 5 -gt 3 -a 2 -lt 3 && echo and; [ "a" = "a" ] || echo no; [[ a == a ]] && echo dbl
( cd /sys/bus/virtio && pwd; exit 3 ); echo "sub $?"
{ echo out; echo err >&2; } 2>/dev/null | cat
false || echo "or $?"; true && echo and; ! false && echo not
trap 'echo bye' EXIT
f() { return 7; }; f; echo "f $?"
eval 'echo ev $count'; n=count; eval "echo \$$n"
echo $(( (1 << 4) | 3 )) $((0x1f)) $((7 % 3)) $((-7 / 2)) $((5 > 3 ? 1 : 0))
echo "${x}"; echo '$x'; echo \$x; echo "q\"q"
echo a{b,c}d ~ *nomatch*
type modprobe cd 2>&1 | sed 's/.*is/is/'; command -v sh; which sh
wait; sleep 0.1 & wait $!; echo "bg $?"
exit 0
