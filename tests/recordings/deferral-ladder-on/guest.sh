# Three slots, each needs the next one, and the tree lists them in the worst order: how often each was tried.
modprobe virtio_mmio
sleep 1
dmesg | grep 'probe of a003[ace]00' | sed 's/.*probe/probe/; s/ after.*//' | sort | uniq -c
