# The serial port that the scripts print to.
try() { echo "\$ $1"; sh -c "$1"; echo "code $?"; }
dmesg | grep -e pl011 -e ttyAMA -e PL011 -e 'Serial:' | sed 's/^\[[ 0-9.]*\] //'
ls -1 /sys/class/tty/ttyAMA0 /sys/devices/platform/9000000.pl011
readlink /sys/class/tty/ttyAMA0
for f in close_delay closing_wait console custom_divisor dev flags io_type iomem_base iomem_reg_shift irq line port type uartclk uevent xmit_fifo_size; do echo "$f: $(cat /sys/class/tty/ttyAMA0/$f 2>&1)"; done
for f in driver_override id modalias uevent irq0 resource; do echo "$f: $(cat /sys/devices/platform/9000000.pl011/$f 2>&1)"; done
for l in driver subsystem of_node; do readlink /sys/devices/platform/9000000.pl011/$l; done
ls -1 /sys/bus/amba/devices /sys/bus/amba/drivers /sys/bus/amba/drivers/uart-pl011
grep uart /proc/interrupts | awk '{ print $1, $3, $4, $5, $6 }'
grep -A 1 pl011 /proc/iomem
grep ttyAMA /proc/tty/drivers
cat /proc/consoles
cat /proc/tty/driver/ttyAMA | sed 's/[tr]x:[0-9]*/N/g'
ls -1 /proc/tty /proc/tty/driver
cat /sys/class/tty/console/active
try "echo direct > /dev/ttyAMA0"
try "echo direct > /dev/console"
try "stty -a < /dev/ttyAMA0"
try "echo 9000000.pl011 > /sys/bus/amba/drivers/uart-pl011/bind"
try "cat /proc/sys/kernel/printk"
try "echo '<4>a line' > /dev/kmsg; dmesg | tail -n 1 | sed 's/^\[[ 0-9.]*\] //'; dmesg -r | tail -n 1 | sed 's/\[.*\]//'"
