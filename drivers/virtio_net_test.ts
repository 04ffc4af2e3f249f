import { assert, assertEquals } from "@std/assert";
import { KernelError } from "../kernel/errors.ts";
import { PacketSocket } from "../kernel/net/af_packet.ts";
import { devSetMacAddress, devSetMtu } from "../kernel/net/dev_set.ts";
import { parseMac } from "../kernel/net/eth.ts";
import { IFF_PROMISC, IFF_UP } from "../kernel/net/if.ts";
import { NET_DEVICES } from "../kernel/net/registry.ts";
import { bootNet, frameOf, type NetVm, writeFile } from "./_virtio_net_testing.ts";
import { virtnetInfo } from "./virtio_net.ts";

const UP = 0x1003;
const SECOND_NS = 1e9;
/** Lets the link watch and whatever else is due come through. */
const settle = (vm: NetVm) => vm.run(() => vm.kernel.sched.sleep(2 * SECOND_NS));

const HUB = [1, 2].flatMap((n) => [
  "-netdev",
  `hubport,id=n${n},hubid=0`,
  "-device",
  `virtio-net-device,netdev=n${n},mac=52:54:00:00:00:0${n}`,
]);
const ONE = [
  "-netdev",
  "user,id=n0",
  "-device",
  "virtio-net-device,netdev=n0,mac=52:54:00:12:34:56",
];

async function codeOf(promise: Promise<unknown>): Promise<string> {
  try {
    await promise;
    return "";
  } catch (error) {
    return error instanceof KernelError ? error.code : String(error);
  }
}

/** A recorded register trace, without what depends on time and addresses. */
async function recordedTrace(name: string): Promise<string[]> {
  const url = new URL(`../tests/recordings/${name}/mmio.trace.gz`, import.meta.url);
  const file = await Deno.open(url);
  const stream = file.readable.pipeThrough(new DecompressionStream("gzip"));
  return normalize((await new Response(stream).text()).split("\n"));
}

function normalize(lines: readonly string[]): string[] {
  return lines.filter((line) => /^virtio_mmio_(read|write)/.test(line))
    .filter((line) => !/offset 0x(60|64|50)\b/.test(line))
    .map((line) => line.replace(/(offset 0x(?:[89a][04]|40)) value .*/, "$1"));
}

/** The part about one card: from the reset after its device id was read on. */
function fromReset(lines: readonly string[]): readonly string[] {
  return lines.slice(lines.findIndex((line) => line.includes("offset 0x70 value 0x0")));
}

Deno.test("virtnetProbe() reads and writes the registers that Linux does", async () => {
  const trace: string[] = [];
  const vm = await bootNet(ONE, {
    machine: {
      trace: (line) => {
        trace.push(line);
        return undefined;
      },
    },
  });
  await settle(vm);
  const wanted = fromReset(await recordedTrace("net-up"));
  const ready = wanted.findIndex((line) => line.includes("offset 0x70 value 0xf"));
  const got = fromReset(normalize(trace));
  assert(ready > 40);
  assertEquals(got.slice(0, ready + 3), wanted.slice(0, ready + 3));
});

Deno.test("Two cards are probed one after the other, with the link of each in between", async () => {
  const trace: string[] = [];
  const vm = await bootNet(HUB, {
    machine: {
      trace: (line) => {
        trace.push(line);
        return undefined;
      },
    },
  });
  await settle(vm);
  const got = normalize(trace);
  const wanted = await recordedTrace("net-traffic");
  assertEquals(got, wanted.slice(0, got.length));
  assertEquals(wanted.length - got.length, 2, "the recording ends with the reset at power-off");
});

Deno.test("virtnetProbe() shows in sysfs what the reference kernel shows", async () => {
  const vm = await bootNet(ONE);
  await settle(vm);
  const recorded = await Deno.readTextFile(
    new URL("../tests/recordings/net-up/stdout.txt", import.meta.url),
  );
  const before = recorded.slice(0, recorded.indexOf("/sys/class/net/eth0/queues:"));
  const after = recorded.slice(recorded.indexOf("$ ip link set eth0 up"));
  assertEquals(await shownLike(vm, before), fileLines(before));
  await vm.setFlags("eth0", UP);
  await settle(vm);
  const up = after.slice(after.indexOf("addr_assign_type"), after.indexOf("$ ip link\n"));
  assertEquals(await shownLike(vm, up), fileLines(up));
});

const REASONS: Record<string, string> = {
  EINVAL: "Invalid argument",
  EOPNOTSUPP: "Operation not supported",
};

function fileLines(recorded: string): string[] {
  return recorded.split("\n").filter((line) => /^[a-z_]+: /.test(line));
}

/** The files that `recorded` names, as they are here. */
async function shownLike(vm: NetVm, recorded: string): Promise<string[]> {
  const lines: string[] = [];
  for (const line of fileLines(recorded)) {
    const name = line.slice(0, line.indexOf(":"));
    const value = await vm.cat("eth0", name).catch((error) =>
      `cat: read error: ${REASONS[error.code]}`
    );
    lines.push(`${name}: ${value.split("\n")[0]}`);
  }
  return lines;
}

Deno.test("PacketSocket carries frames from one card to the other", async () => {
  const vm = await bootNet(HUB);
  await vm.setFlags("eth0", UP);
  await vm.setFlags("eth1", UP);
  await settle(vm);
  const [a, b] = [vm.dev("eth0"), vm.dev("eth1")];
  await vm.run(async () => {
    const [from, to] = [new PacketSocket(a), new PacketSocket(b)];
    const frames = [60, 14, 300, 1514].map((n) => frameOf(b.devAddr, a.devAddr, n, n & 0xff));
    for (const frame of frames) await from.write(frame);
    for (const frame of frames) {
      const got = await to.read();
      assertEquals(got.slice(0, frame.length), frame);
    }
    assertEquals(from.pending, 0);
  });
  assertEquals(b.getStats().rx_packets, 4);
  assertEquals(b.getStats().rx_dropped, 0);
  assertEquals(vm.machine.violations, []);
});

Deno.test("PacketSocket.write() keeps order over many more frames than the ring holds", async () => {
  const vm = await bootNet(HUB);
  await vm.setFlags("eth0", UP);
  await vm.setFlags("eth1", UP);
  await settle(vm);
  const [a, b] = [vm.dev("eth0"), vm.dev("eth1")];
  const count = 3000;
  await vm.run(async () => {
    const [from, to] = [new PacketSocket(a), new PacketSocket(b)];
    for (let n = 0; n < count; n++) {
      const frame = frameOf(b.devAddr, a.devAddr, 60, 0);
      new DataView(frame.buffer).setUint32(20, n);
      await from.write(frame);
      const got = await to.read();
      assertEquals(new DataView(got.buffer).getUint32(20), n);
    }
  });
  assertEquals(b.getStats().rx_packets, count);
  assertEquals(vm.machine.violations, []);
});

Deno.test("PacketSocket.write() refuses what Linux refuses", async () => {
  const vm = await bootNet(HUB);
  const a = vm.dev("eth0");
  const frame = frameOf(a.devAddr, a.devAddr);
  const socket = new PacketSocket(a);
  assertEquals(await codeOf(vm.run(() => socket.write(frame))), "ENETDOWN");
  await vm.setFlags("eth0", UP);
  assertEquals(await codeOf(vm.run(() => socket.write(new Uint8Array(1515)))), "EMSGSIZE");
  assertEquals(await codeOf(vm.run(() => socket.write(new Uint8Array(13)))), "EINVAL");
  const reading = codeOf(vm.run(() => socket.read()));
  await vm.setFlags("eth0", UP & ~IFF_UP);
  assertEquals(await reading, "ENETDOWN");
});

Deno.test("Frames of a protocol that nobody takes count as dropped", async () => {
  const vm = await bootNet(HUB);
  await vm.setFlags("eth0", UP);
  await vm.setFlags("eth1", UP);
  await settle(vm);
  const [a, b] = [vm.dev("eth0"), vm.dev("eth1")];
  await vm.run(() => new PacketSocket(a).write(frameOf(b.devAddr, a.devAddr)));
  await settle(vm);
  assertEquals(b.getStats().rx_packets, 1);
  assertEquals(b.getStats().rx_dropped, 1);
});

Deno.test("virtnet_set_rx_mode() makes the card filter by address and mode", async () => {
  const vm = await bootNet(HUB);
  for (const name of ["eth0", "eth1"]) await vm.setFlags(name, UP);
  await settle(vm);
  const [a, b] = [vm.dev("eth0"), vm.dev("eth1")];
  const stranger = parseMac("52:54:00:99:99:99");
  const group = parseMac("01:00:5e:7f:00:01");
  const received = async (to: Uint8Array) => {
    const before = b.getStats().rx_packets;
    await vm.run(() => new PacketSocket(a).write(frameOf(to, a.devAddr)));
    await settle(vm);
    return b.getStats().rx_packets - before;
  };
  assertEquals(await received(stranger), 0);
  assertEquals(await received(group), 0);
  const socket = new PacketSocket(b);
  await vm.run(() => socket.addMembership({ type: "multicast", address: group }));
  assertEquals(await received(group), 1);
  await vm.setFlags("eth1", UP | IFF_PROMISC);
  assertEquals(await received(stranger), 1);
  assertEquals(vm.log.at(-1), "device eth1 entered promiscuous mode");
  await vm.setFlags("eth1", UP);
  await vm.run(() => socket.close());
  assertEquals([await received(stranger), await received(group)], [0, 0]);
});

Deno.test("virtnet_set_mac_address() tells the card", async () => {
  const vm = await bootNet(HUB);
  for (const name of ["eth0", "eth1"]) await vm.setFlags(name, UP);
  await settle(vm);
  const [a, b] = [vm.dev("eth0"), vm.dev("eth1")];
  const address = parseMac("52:54:00:aa:bb:cc");
  const { rtnl } = vm.kernel.get(NET_DEVICES);
  const set = (to: Uint8Array) => vm.run(() => rtnl.with(() => devSetMacAddress(b, to)));
  assertEquals(await codeOf(set(parseMac("01:00:00:00:00:01"))), "EADDRNOTAVAIL");
  await set(address);
  assertEquals(await vm.cat("eth1", "address"), "52:54:00:aa:bb:cc");
  assertEquals(await vm.cat("eth1", "addr_assign_type"), "3");
  await vm.run(() => new PacketSocket(a).write(frameOf(address, a.devAddr)));
  await settle(vm);
  assertEquals(b.getStats().rx_packets, 1);
});

Deno.test("A link that goes and comes shows as on the reference kernel", async () => {
  const vm = await bootNet(ONE);
  const show = async () => {
    await settle(vm);
    const files = ["operstate", "carrier", "carrier_changes", "carrier_up_count"];
    return await Promise.all(files.map((file) => vm.cat("eth0", file).catch(() => "-")));
  };
  const setLink = (up: boolean) => vm.machine.qmp("set_link", { name: "n0", up });
  assertEquals(await show(), ["down", "-", "2", "1"]);
  await setLink(false);
  assertEquals(await show(), ["down", "-", "3", "1"]);
  await vm.setFlags("eth0", UP);
  assertEquals(await show(), ["down", "0", "3", "1"]);
  await setLink(true);
  assertEquals(await show(), ["up", "1", "4", "2"]);
  await setLink(false);
  assertEquals(await show(), ["down", "0", "5", "2"]);
});

Deno.test("virtnetValidate() refuses features without the control queue", async () => {
  const vm = await bootNet(["-device", "virtio-net-device,ctrl_vq=off"]);
  assertEquals(vm.log.filter((line) => line.startsWith("virtio_net")), [
    "virtio_net virtio0: device advertises feature VIRTIO_NET_F_CTRL_RX but not VIRTIO_NET_F_CTRL_VQ",
    "virtio_net: probe of virtio0 failed with error -22",
  ]);
  assertEquals(vm.kernel.get(NET_DEVICES).list.length, 1);
});

Deno.test("devSetMtu() keeps to the card's MTU, with Linux's words", async () => {
  const vm = await bootNet(["-device", "virtio-net-device,host_mtu=1400"]);
  const dev = vm.dev("eth0");
  const { rtnl } = vm.kernel.get(NET_DEVICES);
  const set = (mtu: number) => codeOf(vm.run(() => rtnl.with(() => devSetMtu(dev, mtu))));
  assertEquals(dev.mtu, 1400);
  assertEquals(await set(1401), "EINVAL");
  assertEquals(await set(67), "EINVAL");
  assertEquals(await set(68), "");
  assertEquals(vm.log.slice(-2), [
    "eth0: mtu greater than device maximum",
    "eth0: mtu less than device minimum",
  ]);
});

Deno.test("Cards without mergeable buffers receive in small and in big ones", async () => {
  for (const mtu of ["", ",host_mtu=9000"]) {
    const args = HUB.map((arg) =>
      arg.startsWith("virtio-net-device") ? `${arg},mrg_rxbuf=off${mtu}` : arg
    );
    const vm = await bootNet(args);
    for (const name of ["eth0", "eth1"]) await vm.setFlags(name, UP);
    await settle(vm);
    const [a, b] = [vm.dev("eth0"), vm.dev("eth1")];
    const frame = frameOf(b.devAddr, a.devAddr, mtu === "" ? 1514 : 9014, 9);
    await vm.run(async () => {
      const to = new PacketSocket(b);
      await new PacketSocket(a).write(frame);
      assertEquals(await to.read(), frame);
    });
    assertEquals(vm.machine.violations, []);
  }
});

Deno.test("Legacy cards carry frames, with either length of header", async () => {
  for (const [mergeable, headerSize] of [["on", 12], ["off", 10]] as const) {
    const args = HUB.map((arg) =>
      arg.startsWith("virtio-net-device") ? `${arg},mrg_rxbuf=${mergeable}` : arg
    );
    const vm = await bootNet(["-global", "virtio-mmio.force-legacy=true", ...args]);
    for (const name of ["eth0", "eth1"]) await vm.setFlags(name, UP);
    await settle(vm);
    const [a, b] = [vm.dev("eth0"), vm.dev("eth1")];
    assertEquals(virtnetInfo(a).hdrLen, headerSize);
    const frame = frameOf(b.devAddr, a.devAddr, 777, 5);
    await vm.run(async () => {
      const to = new PacketSocket(b);
      await new PacketSocket(a).write(frame);
      assertEquals(await to.read(), frame);
    });
    assertEquals(vm.machine.violations, []);
  }
});

Deno.test("Closing and opening keeps the card's buffers; removing gives all memory back", async () => {
  const vm = await bootNet(HUB);
  for (const flags of [UP, UP & ~IFF_UP, UP]) await vm.setFlags("eth0", flags);
  await settle(vm);
  const { mem } = vm.kernel;
  const bound = vm.dev("eth0").parentDevice;
  const driver = bound?.driver;
  assert(driver !== undefined);
  for (const name of ["virtio0", "virtio1"]) await vm.run(() => writeFile(driver, "unbind", name));
  const left = [...mem.live.values()].filter(({ owner }) => /^virtio\d|^eth/.test(owner));
  assertEquals(left, []);
  mem.checkFreed();
  assertEquals(mem.usesAfterFree, []);
  assertEquals(vm.kernel.get(NET_DEVICES).list.map((dev) => dev.name), ["lo"]);
});
