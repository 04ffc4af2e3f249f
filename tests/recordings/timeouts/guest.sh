# Who holds a file open after a program that was given some time.
modprobe virtio_mmio; modprobe virtio_input; modprobe evdev; modprobe virtio_console
timeout 3 true < /dev/input/event0; echo $?; usleep 300000; lsmod | grep evdev; rmmod evdev; echo $?; modprobe evdev
exec 3< /dev/input/event0; timeout 2 true; exec 3<&-; lsmod | grep evdev; sleep 1; lsmod | grep evdev; sleep 2; lsmod | grep evdev
timeout 5 true | cat; echo after; exec 4> /dev/hvc0; timeout 2 echo x >&4; timeout 9 sh -c 'exit 3'; echo $?; exec 4>&-; sleep 3; lsmod
timeout -s KILL 1 cat /dev/input/event0; echo $?; timeout -s INT 1 sleep 5; echo $?; timeout 1 sh -c 'trap "echo term; exit 7" TERM; sleep 5; echo no'; echo $?
timeout -k 1 1 sh -c 'trap "" TERM; while :; do sleep 1; done'; echo $?
timeout 1.5 sleep 3; echo $?; timeout 0.1 sleep 1; echo $?; timeout 2 sleep 0.2; echo $?; timeout x true; echo $?; timeout 1 2>&1 | head -n 1; timeout 1 nothing; echo $?
