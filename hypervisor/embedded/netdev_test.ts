import { assertEquals, assertThrows } from "@std/assert";
import { DRIVER_MEMORY, MiniDriver, SlotBench } from "../../tests/mini_driver.ts";
import { lacks } from "../../tests/peers.ts";
import { QtestMachine, RAM_BASE } from "../../tests/qtest_client.ts";
import type { HostFile } from "../host.ts";
import { denoHost } from "../host_deno.ts";
import { Activity } from "./activity.ts";
import { HubPort, Hubs, type Netdev } from "./netdev.ts";
import { createNetdev, type NetdevOptions } from "./netdev_options.ts";
import { FrameReader, StreamNetdev } from "./netdev_socket.ts";
import { internetChecksum, UserNetdev } from "./netdev_user.ts";
import { FilterDump } from "./pcap.ts";
import { VirtioNet } from "./virtio_net.ts";
import { defaultMac, parseMac } from "./virtio_net_config.ts";

const HEADER = new Uint8Array(12);

/** A frame of 60 bytes whose last byte is `mark`. */
function frame(mark: number): Uint8Array {
  const bytes = new Uint8Array(60).fill(0xff, 0, 6);
  bytes[59] = mark;
  return bytes;
}

/** A machine with one card whose driver is ready. */
class Card {
  readonly driver: MiniDriver;
  readonly bench: SlotBench;
  constructor(readonly netdev: Netdev) {
    this.bench = new SlotBench(new VirtioNet({}, netdev));
    this.driver = new MiniDriver(this.bench);
    this.driver.init(3);
    for (let i = 0; i < 4; i++) this.driver.add(0, [], [200]);
    this.driver.kick(0);
  }
  send(mark: number): undefined {
    this.driver.add(1, [HEADER, frame(mark)], []);
    this.driver.kick(1);
  }
  /** Marks of the frames that arrived. */
  received(): number[] {
    return this.driver.used(0).map(({ data }) => data[71]);
  }
}

/** A file in memory. */
class MemoryFile implements HostFile {
  bytes = new Uint8Array();
  size = () => this.bytes.length;
  readAt = () => 0;
  writeAt(offset: number, data: Uint8Array): undefined {
    const grown = new Uint8Array(Math.max(this.bytes.length, offset + data.length));
    grown.set(this.bytes);
    grown.set(data, offset);
    this.bytes = grown;
  }
  sync = () => undefined;
  truncate = () => undefined;
  close = () => undefined;
}

// Hubs

Deno.test("HubPort sends to all other ports of its hub and to no other hub", async () => {
  const hubs = new Hubs();
  const rung: string[] = [];
  const card = (id: string, hubid: number) => {
    const activity = new Activity();
    activity.wait().then(() => rung.push(id));
    return new Card(new HubPort(id, hubs.get(hubid), activity));
  };
  const [a, b, c, other] = [card("a", 0), card("b", 0), card("c", 0), card("d", 1)];
  a.send(1);
  b.send(2);
  assertEquals([a, b, c, other].map((each) => each.received()), [[2], [1], [1, 2], []]);
  await Promise.resolve();
  assertEquals(rung, ["b", "c", "a"]);
});

Deno.test("HubPort.external is true when another machine is on the hub", () => {
  const hub = new Hubs().get(0);
  const ours = new Activity();
  const port = new HubPort("a", hub, ours);
  new HubPort("b", hub, ours);
  assertEquals(port.external, false);
  new HubPort("c", hub, new Activity());
  assertEquals(port.external, true);
});

Deno.test("VirtioNet gives back a header without a frame", () => {
  const hub = new Hubs().get(0);
  const [a, b] = ["a", "b"].map((id) => new Card(new HubPort(id, hub, new Activity())));
  assertEquals(a.driver.request(1, [HEADER], []).len, 0);
  a.send(1);
  assertEquals(b.received(), [1]);
});

Deno.test("HubPort.close() takes the port off its hub", () => {
  const hub = new Hubs().get(0);
  const [a, b, c] = ["a", "b", "c"].map((id) => new Card(new HubPort(id, hub, new Activity())));
  b.netdev.close();
  a.send(1);
  assertEquals([b, c].map((each) => each.received()), [[], [1]]);
});

Deno.test("Netdev.setLink(false) stops frames both ways and keeps none", () => {
  const hub = new Hubs().get(0);
  const [a, b] = ["a", "b"].map((id) => new Card(new HubPort(id, hub, new Activity())));
  b.netdev.setLink(false);
  a.send(1);
  b.send(2);
  b.netdev.setLink(true);
  assertEquals([a, b].map((each) => each.received()), [[], []]);
});

// Dumps

Deno.test("FilterDump writes the frames of both ways with virtual times", () => {
  const file = new MemoryFile();
  let nowNs = 1_500_000_000;
  const dump = new FilterDump({ id: "f0", maxlen: 40 }, file, () => nowNs);
  dump.frame(frame(1), "rx");
  nowNs = 2_000_003_999;
  dump.frame(new Uint8Array(14), "tx");
  const view = new DataView(file.bytes.buffer);
  const words = (at: number, count: number) =>
    Array.from({ length: count }, (_, i) => view.getUint32(at + 4 * i, true));
  assertEquals(words(0, 6), [0xa1b2c3d4, 0x0004_0002, 0, 0, 40, 1]);
  assertEquals(words(24, 4), [1, 500_000, 40, 60]);
  assertEquals(words(24 + 16 + 40, 4), [2, 3, 14, 14]);
  assertEquals(file.bytes.length, 24 + 16 + 40 + 16 + 14);
});

Deno.test("FilterDump keeps one way when its options say so", () => {
  const sizes = (["rx", "tx", "all"] as const).map((queue) => {
    const file = new MemoryFile();
    const card = new Card(new UserNetdev("n0"));
    card.netdev.addFilter(new FilterDump({ id: "f0", queue }, file, () => 0));
    card.driver.add(1, [HEADER, arpRequest()], []);
    card.driver.kick(1);
    return file.bytes.length - 24;
  });
  assertEquals(sizes, [16 + 42, 16 + 64, 16 + 42 + 16 + 64]);
});

function arpRequest(): Uint8Array {
  const mac = [0x52, 0x54, 0, 0x12, 0x34, 0x56];
  const arp = [0, 1, 8, 0, 6, 4, 0, 1, ...mac, 10, 0, 2, 15, 0, 0, 0, 0, 0, 0, 10, 0, 2, 2];
  return Uint8Array.from([...Array(6).fill(0xff), ...mac, 8, 6, ...arp]);
}

Deno.test({
  name: "FilterDump writes what tshark reads",
  ignore: lacks("tshark"),
  fn: () => {
    const path = Deno.makeTempFileSync({ suffix: ".pcap" });
    try {
      const card = new Card(new UserNetdev("n0"));
      const file = denoHost().openFile(path, "create");
      const dump = new FilterDump({ id: "f0" }, file, () => 1_250_000_000);
      card.netdev.addFilter(dump);
      card.driver.add(1, [HEADER, arpRequest()], []);
      card.driver.kick(1);
      dump.close();
      const { stdout } = new Deno.Command("tshark", {
        args: ["-r", path, "-T", "fields", "-e", "frame.time_relative", "-e", "_ws.col.Info"],
        stderr: "null",
      }).outputSync();
      assertEquals(new TextDecoder().decode(stdout).trim().split("\n"), [
        "0.000000000\tWho has 10.0.2.2? Tell 10.0.2.15",
        "0.000000000\t10.0.2.2 is at 52:55:0a:00:02:02",
      ]);
    } finally {
      Deno.removeSync(path);
    }
  },
});

// Sockets

Deno.test("FrameReader finds frames wherever the flow is cut", () => {
  const flow = Uint8Array.of(0, 0, 0, 3, 1, 2, 3, 0, 0, 0, 0, 0, 0, 0, 1, 9);
  for (let cut = 0; cut <= flow.length; cut++) {
    const reader = new FrameReader();
    const frames = [...reader.push(flow.subarray(0, cut)), ...reader.push(flow.subarray(cut))];
    assertEquals(frames.map((bytes) => [...bytes]), [[1, 2, 3], [], [9]]);
  }
});

Deno.test("FrameReader refuses a length that no frame has", () => {
  assertThrows(
    () => new FrameReader().push(Uint8Array.of(0, 2, 0, 0)),
    Error,
    "frame of 131072 bytes, at most 69632",
  );
});

Deno.test({
  name: "StreamNetdev talks to a card of a real QEMU",
  ignore: lacks("qemu-system-aarch64"),
  sanitizeOps: false,
  sanitizeResources: false,
  fn: async () => {
    const folder = Deno.makeTempDirSync();
    const path = `${folder}/net`;
    const activity = new Activity();
    const netdev = new StreamNetdev(
      "n0",
      denoHost().stream({ type: "unix", path }, true),
      activity,
    );
    const ours = new Card(netdev);
    try {
      using qemu = new QtestMachine([
        ...["-netdev", `stream,id=n0,addr.type=unix,addr.path=${path}`],
        ...["-device", "virtio-net-device,netdev=n0"],
      ]);
      const theirs = new MiniDriver(qemu, undefined, undefined, RAM_BASE + DRIVER_MEMORY);
      theirs.init(3);
      theirs.add(0, [], [200]);
      theirs.kick(0);
      const arrived = activity.wait();
      theirs.add(1, [HEADER, frame(7)], []);
      theirs.kick(1);
      await arrived;
      assertEquals(ours.received(), [7]);
      ours.send(8);
      let got: number[] = [];
      for (let tries = 0; tries < 50 && got.length === 0; tries++) {
        await new Promise((resolve) => setTimeout(resolve, 10));
        got = theirs.used(0).map(({ data }) => data[71]);
      }
      assertEquals(got, [8]);
    } finally {
      netdev.close();
      Deno.removeSync(folder, { recursive: true });
    }
  },
});

// Making them

Deno.test("createNetdev() refuses in QEMU's words, or lists what is known", () => {
  const environment = { host: undefined, activity: new Activity(), hubs: new Hubs() };
  const message = (options: Omit<NetdevOptions, "id">, host = environment.host) =>
    assertThrows(() => createNetdev({ id: "n0", ...options }, { ...environment, host }), Error)
      .message;
  assertEquals(message({ type: "hubport" }), "Parameter 'hubid' is missing");
  assertEquals(
    message({ type: "tap" }),
    "Parameter 'type' does not accept value 'tap'; known: hubport, dgram, stream, user",
  );
  assertEquals(message({ type: "dgram" }), "netdev 'n0': dgram needs a host program with sockets");
  const host = denoHost();
  assertThrows(
    () => createNetdev({ id: "n0", type: "stream" }, { ...environment, host }),
    Error,
    "Parameter 'addr' is missing",
  );
  assertThrows(
    () => createNetdev({ id: "n0", type: "dgram" }, { ...environment, host }),
    Error,
    "dgram requires local= parameter",
  );
});

// Cards

Deno.test("VirtioNet refuses impossible properties in QEMU's words", () => {
  const message = (props: ConstructorParameters<typeof VirtioNet>[0]) =>
    assertThrows(() => new VirtioNet(props), Error).message;
  assertEquals(
    message({ mac: "52:54" }),
    "Property 'virtio-net-device.mac' doesn't take value '52:54'",
  );
  assertEquals(message({ duplex: "foo", speed: 10 }), "'duplex' must be 'half' or 'full'");
  assertEquals(message({ speed: -5 }), "'speed' must be between 0 and INT_MAX");
  assertEquals(
    message({ rxQueueSize: 100 }),
    "Invalid rx_queue_size (= 100), must be a power of 2 between 256 and 1024.",
  );
  assertEquals(
    message({ txQueueSize: 128 }),
    "Invalid tx_queue_size (= 128), must be a power of 2 between 256 and 1024",
  );
  const taken = new UserNetdev("n0");
  new VirtioNet({}, taken);
  assertEquals(
    assertThrows(() => new VirtioNet({}, taken), Error).message,
    "Property 'virtio-net-device.netdev' can't take value 'n0', it's in use",
  );
});

Deno.test("VirtioNet without a network takes what is sent", () => {
  const bench = new SlotBench(new VirtioNet({}));
  const driver = new MiniDriver(bench);
  driver.init(3);
  assertEquals(driver.request(1, [HEADER, frame(1)], []).len, 0);
});

Deno.test("VirtioNet of a legacy driver has a short header and takes its address", () => {
  const net = new VirtioNet({}, new UserNetdev("n0"));
  const driver = new MiniDriver(new SlotBench(net));
  const [VERSION_1, MRG_RXBUF, CTRL_MAC_ADDR] = [32n, 15n, 23n];
  driver.init(3, ~(1n << VERSION_1 | 1n << MRG_RXBUF | 1n << CTRL_MAC_ADDR));
  driver.write(0x105, 0x99, 1);
  assertEquals(net.mac[5], 0x99);
  driver.add(0, [], [200]);
  driver.kick(0);
  driver.request(1, [new Uint8Array(10), arpRequest()], []);
  assertEquals(driver.used(0).map(({ len }) => len), [10 + 64]);
});

Deno.test("parseMac() and defaultMac() give the addresses that QEMU gives", () => {
  assertEquals([...parseMac("52:54:00:AB-cd:01")], [0x52, 0x54, 0, 0xab, 0xcd, 1]);
  assertEquals([0, 1].map((index) => defaultMac(index)[5]), [0x56, 0x57]);
});

Deno.test("internetChecksum() of the example of RFC 1071", () => {
  const words = Uint8Array.of(0x00, 0x01, 0xf2, 0x03, 0xf4, 0xf5, 0xf6, 0xf7);
  assertEquals(internetChecksum(words), ~0xddf2 & 0xffff);
});
