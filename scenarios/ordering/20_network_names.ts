/** Experiment 20: two cards. Who is probed first is eth0, and a card cannot take the name of another. */
import { boot, embedded } from "../../mod.ts";

export const sources = ["recording nic-names"];
export const expected = `
  virtio0 first: eth0 is 52:54:00:00:00:02
  virtio0 first: eth1 is 52:54:00:00:00:01
  virtio1 first: eth0 is 52:54:00:00:00:01
  virtio1 first: eth1 is 52:54:00:00:00:02
  ip: SIOCSIFNAME: File exists
  by a third name: eth0 is 52:54:00:00:00:02
  by a third name: eth1 is 52:54:00:00:00:01
`;

const card = (n: number) =>
  `-netdev hubport,hubid=0,id=n${n} -device virtio-net-device,netdev=n${n},mac=52:54:00:00:00:0${n}`;

export async function experiment(): Promise<string> {
  await using vm = await boot(embedded(`${card(1)} ${card(2)}`), { modules: "all" });
  return await vm.sh(`
    v=/sys/bus/virtio
    show() { for n in eth0 eth1; do echo "  $1: $n is $(cat /sys/class/net/$n/address)"; done; }
    echo 0 > $v/drivers_autoprobe; modprobe virtio_mmio; modprobe virtio_net
    for d in virtio0 virtio1; do echo $d > $v/drivers_probe; done; show "virtio0 first"
    for d in virtio0 virtio1; do echo $d > $v/drivers/virtio_net/unbind; done
    for d in virtio1 virtio0; do echo $d > $v/drivers_probe; done; show "virtio1 first"
    ip link set eth0 name eth1 2>&1 | sed 's/^/  /'
    ip link set eth0 name lan0; ip link set eth1 name eth0; ip link set lan0 name eth1
    show "by a third name"`);
}

if (import.meta.main) console.log(await experiment());
