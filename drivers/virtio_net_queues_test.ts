import { assertEquals } from "@std/assert";
import { VIRTIO_F_VERSION_1 } from "../uapi/virtio_config.ts";
import * as uapi from "../uapi/virtio_net.ts";
import { KernelError } from "../kernel/errors.ts";
import { PacketSocket } from "../kernel/net/af_packet.ts";
import { MODULES } from "../kernel/module.ts";
import { NET_DEVICES } from "../kernel/net/registry.ts";
import { virtioDeviceFreeze, virtioDeviceRestore } from "./virtio/virtio.ts";
import { plug, RING_SIZE } from "./_virtio_net_card.ts";
import { bootNet, frameOf } from "./_virtio_net_testing.ts";
import { virtnetInfo } from "./virtio_net.ts";
import { virtnetSetChannels, virtnetSetGroHw } from "./virtio_net_ops.ts";

const BASE = [uapi.VIRTIO_NET_F_MRG_RXBUF, VIRTIO_F_VERSION_1, uapi.VIRTIO_NET_F_CTRL_VQ];
const MQ = [...BASE, uapi.VIRTIO_NET_F_MAC, uapi.VIRTIO_NET_F_MQ];
const UP = 0x1003;

function sysfsQueues(dev: { queuesDir: { names(): Iterable<string> } | undefined }): string[] {
  return [...dev.queuesDir?.names() ?? []].sort();
}

Deno.test("virtnetProbe() uses as many pairs of queues as there are processors", async () => {
  const { card, dev } = await plug(MQ, { pairs: 4, cpus: 2 });
  assertEquals(card.vqs.map((vq) => vq.name), [
    ...[0, 1, 2, 3].flatMap((n) => [`input.${n}`, `output.${n}`]),
    "control",
  ]);
  assertEquals(sysfsQueues(dev), ["rx-0", "rx-1", "tx-0", "tx-1"]);
  assertEquals(card.commands[0], [[4, 0], [2, 0]]);
  // Linux polls every pair when it opens the card, and so fills the rings of all of them.
  assertEquals([0, 2, 4, 6].map((index) => card.available(index)), Array(4).fill(RING_SIZE));
  assertEquals(dev.qdisc, "mq");
});

Deno.test("virtnetSetChannels() changes the pairs in use, up to what the card has", async () => {
  const { vm, card, dev } = await plug(MQ, { pairs: 4, cpus: 2 });
  const { rtnl } = vm.kernel.get(NET_DEVICES);
  const set = (pairs: number) =>
    vm.run(() => rtnl.with(async () => virtnetSetChannels(virtnetInfo(dev), pairs)));
  await set(3);
  assertEquals(card.commands.at(-1), [[4, 0], [3, 0]]);
  assertEquals(sysfsQueues(dev), ["rx-0", "rx-1", "rx-2", "tx-0", "tx-1", "tx-2"]);
  for (const pairs of [0, 5, 1.5]) {
    const error = await set(pairs).then(String, (reason) => reason);
    assertEquals(error instanceof KernelError && error.code, "EINVAL");
  }
  await set(1);
  assertEquals(sysfsQueues(dev), ["rx-0", "tx-0"]);
});

Deno.test("virtnetSetAffinity() shares all processors out, the first pairs getting more", async () => {
  const shares = [[2, 2, "1 2"], [2, 4, "3 c"], [3, 4, "3 4 8"], [3, 8, "07 38 c0"]] as const;
  for (const [pairs, cpus, wanted] of shares) {
    const { vm } = await plug(MQ, { pairs, cpus });
    const files = Array.from(
      { length: pairs },
      (_, n) => vm.cat("eth0", `queues/tx-${n}/xps_cpus`),
    );
    assertEquals((await Promise.all(files)).join(" "), wanted);
  }
});

Deno.test("virtnetSetGroHw() tells the card the offloads that it may use", async () => {
  const offloads = [
    uapi.VIRTIO_NET_F_GUEST_CSUM,
    uapi.VIRTIO_NET_F_GUEST_TSO4,
    uapi.VIRTIO_NET_F_GUEST_UFO,
  ];
  const bits = [...BASE, ...offloads, uapi.VIRTIO_NET_F_CTRL_GUEST_OFFLOADS];
  const { card, dev } = await plug(bits);
  virtnetSetGroHw(virtnetInfo(dev), false);
  assertEquals(card.commands.at(-1), [[5, 0], [2, 0, 0, 0, 0, 0, 0, 0]]);
  virtnetSetGroHw(virtnetInfo(dev), true);
  assertEquals(card.commands.at(-1), [[5, 0], [0x82, 4, 0, 0, 0, 0, 0, 0]]);
});

Deno.test("PacketSocket.write() reaches the queue that was asked for", async () => {
  const { vm, card, dev, socket } = await plug(MQ, { pairs: 2, cpus: 2 });
  await vm.run(() => socket.write(frameOf(dev.devAddr, dev.devAddr), 1));
  assertEquals([card.available(1), card.available(3)], [0, 1]);
});

Deno.test("A card without an address gets one and is told", async () => {
  const { vm, card, dev } = await plug([...BASE, uapi.VIRTIO_NET_F_CTRL_MAC_ADDR]);
  assertEquals(dev.addrAssignType, 1);
  assertEquals(card.commands[0], [[1, 1], [...dev.devAddr]]);
  const text = Array.from(dev.devAddr, (byte) => byte.toString(16).padStart(2, "0")).join(":");
  assertEquals(
    vm.log.includes(`virtio_net virtio0: Assigned random MAC address ${text}`),
    true,
  );
});

Deno.test("virtnet_set_rx_mode() sends mode and tables as Linux does", async () => {
  const { card } = await plug([...BASE, uapi.VIRTIO_NET_F_MAC, uapi.VIRTIO_NET_F_CTRL_RX]);
  const empty = [0, 0, 0, 0];
  const allHosts = [1, 0, 0, 0, 1, 0, 0x5e, 0, 0, 1];
  assertEquals(card.commands, [
    [[0, 0], [0]],
    [[0, 1], [0]],
    [[1, 0], empty, empty],
    [[0, 0], [0]],
    [[0, 1], [0]],
    [[1, 0], empty, allHosts],
  ]);
});

Deno.test("Sleep and waking up keep an interface working", async () => {
  const hub = [1, 2].flatMap((n) => [
    "-netdev",
    `hubport,id=n${n},hubid=0`,
    "-device",
    `virtio-net-device,netdev=n${n}`,
  ]);
  const vm = await bootNet(hub);
  for (const name of ["eth0", "eth1"]) await vm.setFlags(name, UP);
  await vm.run(() => vm.kernel.sched.sleep(2e9));
  const [a, b] = [vm.dev("eth0"), vm.dev("eth1")];
  const { vdev } = virtnetInfo(b);
  await vm.run(() => virtioDeviceFreeze(vdev));
  assertEquals(b.present, false);
  await vm.run(() => virtioDeviceRestore(vdev));
  await vm.run(async () => {
    const to = new PacketSocket(b);
    await new PacketSocket(a).write(frameOf(b.devAddr, a.devAddr));
    assertEquals((await to.read()).length, 60);
  });
  assertEquals(vm.machine.violations, []);
});

Deno.test("A standby card hangs below a failover device, which sends and receives through it", async () => {
  const extraHigh = 2 ** (uapi.VIRTIO_NET_F_STANDBY - 32);
  const vm = await bootNet(["-device", "virtio-net-device"], { extraHigh });
  assertEquals(vm.log.filter((line) => line.startsWith("virtio_net")), [
    "virtio_net virtio0 eth0: failover master:eth0 registered",
    "virtio_net virtio0 eth0: failover standby slave:eth1 registered",
  ]);
  assertEquals(vm.dev("eth1").upper, vm.dev("eth0"));
  assertEquals(await vm.cat("eth1", "phys_port_name"), "sby");
  assertEquals(await vm.cat("eth0", "carrier_changes"), "1");
  assertEquals(sysfsQueues(vm.dev("eth0")).length, 32);
  await vm.setFlags("eth0", UP);
  await vm.run(() => vm.kernel.sched.sleep(2e9));
  assertEquals([vm.dev("eth0").operstate, vm.dev("eth1").operstate], ["up", "up"]);
  assertEquals([vm.dev("eth0").qdisc, vm.dev("eth1").qdisc], ["noqueue", "fq_codel"]);
  await vm.run(async () => {
    const dev = vm.dev("eth0");
    await new PacketSocket(dev).write(frameOf(dev.devAddr, dev.devAddr));
    await vm.kernel.sched.sleep(1e9);
  });
  assertEquals(vm.dev("eth1").getStats().tx_packets + vm.dev("eth0").getStats().tx_packets, 2);
});

Deno.test("VIRTIO_NET shows its parameters with Linux's defaults", async () => {
  const vm = await bootNet([]);
  const module = vm.kernel.get(MODULES).find("virtio_net");
  const values = ["csum", "gso", "napi_tx", "napi_weight"].map((name) => module?.param(name));
  assertEquals(values, ["Y", "Y", "Y", "64"]);
});

Deno.test("Without napi_tx, packets are taken back when the next one is sent", async () => {
  const hub = [1, 2].flatMap((n) => [
    "-netdev",
    `hubport,id=n${n},hubid=0`,
    "-device",
    `virtio-net-device,netdev=n${n}`,
  ]);
  const vm = await bootNet(hub, { kernel: { append: "virtio_net.napi_tx=0" } });
  for (const name of ["eth0", "eth1"]) await vm.setFlags(name, UP);
  await vm.run(() => vm.kernel.sched.sleep(2e9));
  const [a, b] = [vm.dev("eth0"), vm.dev("eth1")];
  await vm.run(async () => {
    const [from, to] = [new PacketSocket(a), new PacketSocket(b)];
    for (let n = 0; n < 2500; n++) {
      await from.write(frameOf(b.devAddr, a.devAddr));
      await to.read();
    }
  });
  assertEquals(b.getStats().rx_packets, 2500);
  assertEquals(a.getStats().tx_packets < 2500, true);
});
