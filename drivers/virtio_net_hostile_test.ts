/** The driver against a card that breaks every rule: nothing crashes, and Linux's counters say what happened. */
import { assertEquals } from "@std/assert";
import { VIRTIO_F_VERSION_1 } from "../uapi/virtio_config.ts";
import { VIRTIO_ID_NET } from "../uapi/virtio_ids.ts";
import * as uapi from "../uapi/virtio_net.ts";
import { PacketSocket } from "../kernel/net/af_packet.ts";
import type { NetDevice } from "../kernel/net/netdevice.ts";
import { registerVirtioDevice, VirtioDevice } from "./virtio/virtio.ts";
import type { VirtioConfigOps } from "./virtio/virtio_config.ts";
import { type Virtqueue, vringCreateVirtqueue } from "./virtio/virtio_ring.ts";
import { bootNet, frameOf, type NetVm } from "./_virtio_net_testing.ts";

const MAC = [0x52, 0x54, 0, 0, 0, 0x77];
const RING_SIZE = 64;
const RX = 0;
const TX = 1;
const CTRL = 2;

/** A card played by the test. */
class Card implements VirtioConfigOps {
  readonly vqs: Virtqueue[] = [];
  readonly #usedIdx: number[] = [];
  readonly #seen: number[] = [];
  #status = 0;
  vdev: VirtioDevice | undefined;
  /** Answers control commands. */
  answers = true;

  constructor(readonly vm: NetVm, readonly bits: readonly number[]) {}

  get #view(): DataView {
    return this.vm.kernel.mem.view;
  }

  /** An address as an offset in RAM. */
  #at(address: number): number {
    return address - this.vm.kernel.mem.base;
  }

  /** The next buffer that the driver made available: its head, and where its parts are. */
  take(index: number): { head: number; parts: { offset: number; length: number }[] } {
    const vq = this.vqs[index];
    const avail = this.#at(vq.availAddr);
    const at = this.#seen[index]++;
    const head = this.#view.getUint16(avail + 4 + 2 * (at % RING_SIZE), true);
    const parts: { offset: number; length: number }[] = [];
    for (let id = head;;) {
      const desc = this.#at(vq.descAddr) + 16 * id;
      const address = Number(this.#view.getBigUint64(desc, true));
      parts.push({ offset: this.#at(address), length: this.#view.getUint32(desc + 8, true) });
      if ((this.#view.getUint16(desc + 12, true) & 1) === 0) return { head, parts };
      id = this.#view.getUint16(desc + 14, true);
    }
  }

  /** How many buffers the driver made available that were not taken. */
  available(index: number): number {
    const idx = this.#view.getUint16(this.#at(this.vqs[index].availAddr) + 2, true);
    return (idx - this.#seen[index]) & 0xffff;
  }

  /** Says that a buffer was used. */
  use(index: number, head: number, length: number): undefined {
    const used = this.#at(this.vqs[index].usedAddr);
    const at = used + 4 + 8 * (this.#usedIdx[index]++ % RING_SIZE);
    this.#view.setUint32(at, head, true);
    this.#view.setUint32(at + 4, length, true);
    this.#view.setUint16(used + 2, this.#usedIdx[index] & 0xffff, true);
  }

  /** Puts a frame with a header into the next receive buffer and claims `length` bytes. */
  receive(
    frame: Uint8Array,
    header: Partial<uapi.VirtioNetHdr> = {},
    length?: number,
  ): undefined {
    const { head, parts } = this.take(RX);
    const { mem } = this.vm.kernel;
    uapi.encodeVirtioNetHdr(mem.view, parts[0].offset, { ...NO_HEADER, ...header }, 12);
    const at = parts.length > 1 ? parts[1].offset : parts[0].offset + 12;
    mem.bytes.set(frame, at);
    this.use(RX, head, length ?? 12 + frame.length);
  }

  interrupt(index: number): undefined {
    this.vm.kernel.softirq.afterHandlers(() => this.vqs[index].interrupt());
  }

  get(offset: number, width: 1 | 2 | 4): number {
    if (offset === uapi.VIRTIO_NET_CONFIG_MTU) return 9000;
    return width === 2 ? uapi.VIRTIO_NET_S_LINK_UP : MAC[offset] ?? 0;
  }
  getBytes(): Uint8Array {
    return Uint8Array.from(MAC);
  }
  set(): undefined {}
  generation(): number {
    return 0;
  }
  getStatus(): number {
    return this.#status;
  }
  setStatus(status: number): undefined {
    this.#status = status;
  }
  reset(): undefined {
    this.#status = 0;
  }
  getFeatures(): bigint {
    return this.bits.reduce((sum, bit) => sum | 1n << BigInt(bit), 0n);
  }
  finalizeFeatures(): undefined {}
  async findVqs(specs: Parameters<VirtioConfigOps["findVqs"]>[0]): Promise<Virtqueue[]> {
    specs.forEach(({ name, callback }, index) => {
      this.#usedIdx.push(0);
      this.#seen.push(0);
      this.vqs.push(vringCreateVirtqueue(this.vdev as VirtioDevice, {
        index,
        name,
        num: RING_SIZE,
        align: 4096,
        indirect: false,
        eventIdx: false,
        notify: (vq) => this.#notify(vq),
        callback,
      }));
    });
    this.vdev?.vqs.push(...this.vqs);
    return this.vqs;
  }
  #notify(vq: Virtqueue): boolean {
    if (vq.index !== CTRL || !this.answers) return true;
    while (this.available(CTRL) > 0) {
      const { head, parts } = this.take(CTRL);
      this.vm.kernel.mem.bytes[(parts.at(-1) as { offset: number }).offset] = 0;
      this.use(CTRL, head, 1);
    }
    return true;
  }
  delVqs(): undefined {
    for (const vq of this.vqs.splice(0)) vq.delete();
  }
  busName(): string {
    return "test";
  }
}

const NO_HEADER: uapi.VirtioNetHdr = {
  flags: 0,
  gsoType: 0,
  hdrLen: 0,
  gsoSize: 0,
  csumStart: 0,
  csumOffset: 0,
  numBuffers: 1,
};

const MERGEABLE = [uapi.VIRTIO_NET_F_MAC, uapi.VIRTIO_NET_F_MRG_RXBUF, VIRTIO_F_VERSION_1];
const SMALL = [uapi.VIRTIO_NET_F_MAC, VIRTIO_F_VERSION_1];
const BIG = [uapi.VIRTIO_NET_F_MAC, uapi.VIRTIO_NET_F_MTU, VIRTIO_F_VERSION_1];
const WITH_CTRL = [...MERGEABLE, uapi.VIRTIO_NET_F_CTRL_VQ, uapi.VIRTIO_NET_F_CTRL_RX];

interface Rig {
  readonly vm: NetVm;
  readonly card: Card;
  readonly dev: NetDevice;
  readonly socket: PacketSocket;
}

/** A card that the driver has bound and opened. */
async function plug(bits: readonly number[], answers = true): Promise<Rig> {
  const vm = await bootNet([]);
  const card = new Card(vm, bits);
  card.answers = answers;
  const vdev = card.vdev = new VirtioDevice(vm.kernel, card);
  vdev.id = { device: VIRTIO_ID_NET, vendor: 1 };
  await vm.run(() => registerVirtioDevice(vdev));
  await vm.setFlags("eth0", 0x1003);
  await vm.run(() => vm.kernel.sched.sleep(2e9));
  const dev = vm.dev("eth0");
  return { vm, card, dev, socket: new PacketSocket(dev) };
}

const FRAME = frameOf(Uint8Array.from(MAC), Uint8Array.from(MAC), 100, 3);

/** Counters that are not zero, without bytes. */
function counters(dev: NetDevice): Record<string, number> {
  return Object.fromEntries(
    Object.entries(dev.getStats()).filter(([name, value]) => value !== 0 && name !== "rx_bytes"),
  );
}

/** After whatever happened, an honest frame still arrives. */
function receivesOn({ card, socket }: Rig): undefined {
  card.receive(FRAME);
  card.interrupt(RX);
  assertEquals(socket.tryRead(), FRAME);
}

Deno.test("A used length below header and Ethernet header is a length error", async () => {
  for (const bits of [MERGEABLE, SMALL, BIG]) {
    const rig = await plug(bits);
    for (const length of [0, 11, 12, 25]) rig.card.receive(FRAME, {}, length);
    rig.card.interrupt(RX);
    assertEquals(counters(rig.dev), { rx_packets: 4, rx_length_errors: 4 });
    receivesOn(rig);
  }
});

Deno.test("A used length beyond the buffer is a length error or a drop, and never read", async () => {
  const wanted = [
    [MERGEABLE, { rx_packets: 2, rx_dropped: 2, rx_length_errors: 2 }],
    [SMALL, { rx_packets: 2, rx_dropped: 2, rx_length_errors: 2 }],
    [BIG, { rx_packets: 2, rx_dropped: 2 }],
  ] as const;
  for (const [bits, expected] of wanted) {
    const rig = await plug(bits);
    rig.card.receive(FRAME, {}, 20_000);
    rig.card.receive(FRAME, {}, 0xffff_ffff);
    rig.card.interrupt(RX);
    assertEquals(counters(rig.dev), expected);
    receivesOn(rig);
  }
});

Deno.test("A packet in several buffers is put together; missing ones are a length error", async () => {
  const rig = await plug(MERGEABLE);
  const tail = rig.card;
  tail.receive(FRAME, { numBuffers: 2 });
  const second = tail.take(RX);
  rig.vm.kernel.mem.bytes.fill(9, second.parts[0].offset, second.parts[0].offset + 50);
  tail.use(RX, second.head, 50);
  tail.interrupt(RX);
  const whole = new Uint8Array(150).fill(9);
  whole.set(FRAME);
  assertEquals(rig.socket.tryRead(), whole);
  for (const numBuffers of [3, 0]) {
    tail.receive(FRAME, { numBuffers });
    tail.interrupt(RX);
  }
  assertEquals(counters(rig.dev), { rx_packets: 3, rx_dropped: 2, rx_length_errors: 2 });
  receivesOn(rig);
});

Deno.test("A header that makes no sense is a frame error with Linux's words", async () => {
  const rig = await plug(MERGEABLE);
  rig.card.receive(FRAME, { gsoType: 77, gsoSize: 5 });
  rig.card.receive(FRAME, { gsoType: uapi.VIRTIO_NET_HDR_GSO_TCPV4, gsoSize: 0 });
  rig.card.receive(FRAME, { flags: 1, csumStart: 99, csumOffset: 10 });
  rig.card.interrupt(RX);
  assertEquals(counters(rig.dev), { rx_packets: 3, rx_frame_errors: 3 });
  assertEquals(rig.vm.log.at(-3), "eth0: bad gso: type: 77, size: 5");
  receivesOn(rig);
});

Deno.test("A used id that is no buffer breaks the queue and nothing else", async () => {
  for (const head of [RING_SIZE, 0xffff_ffff]) {
    const { vm, card, dev } = await plug(MERGEABLE);
    card.use(RX, head, 100);
    card.interrupt(RX);
    assertEquals(card.vqs[RX].isBroken, true);
    assertEquals(vm.log.at(-1), `virtio_net virtio0: input.0:id ${head} out of range`);
    await vm.setFlags("eth0", 0x1002);
    assertEquals(counters(dev), {});
  }
});

Deno.test("Many packets for one interrupt are received in turns", async () => {
  const rig = await plug(SMALL);
  for (let n = 0; n < RING_SIZE; n++) rig.card.receive(FRAME);
  rig.card.interrupt(RX);
  await rig.vm.run(() => rig.vm.kernel.sched.sleep(1e6));
  assertEquals(rig.socket.pending, RING_SIZE);
  assertEquals(rig.card.available(RX), RING_SIZE);
});

Deno.test("Packets wait in order while the card sends nothing, and are freed when the card goes", async () => {
  const { vm, card, dev, socket } = await plug(MERGEABLE);
  const count = 100;
  for (let n = 0; n < count; n++) await vm.run(() => socket.send(FRAME.with(20, n)));
  const room = RING_SIZE - 19 + 1;
  assertEquals(card.available(TX), room);
  const sent: number[] = [];
  for (let n = 0; n < 60; n++) {
    const { head, parts } = card.take(TX);
    assertEquals(parts.map(({ length }) => length), [12 + FRAME.length]);
    sent.push(vm.kernel.mem.bytes[parts[0].offset + 12 + 20]);
    card.use(TX, head, 0);
    card.interrupt(TX);
  }
  assertEquals(sent, Array.from({ length: 60 }, (_, n) => n));
  assertEquals(dev.getStats().tx_packets, 60);
  await vm.setFlags("eth0", 0x1002);
  const unsent = [...vm.kernel.mem.live.values()].filter(({ owner }) => owner === "eth0");
  assertEquals(unsent.length, card.available(TX));
});

Deno.test("A card that never answers a command is given up on, with a watchdog's words", async () => {
  const { vm, card, socket } = await plug(WITH_CTRL, false);
  assertEquals(
    vm.log.filter((line) => line.includes("soft lockup")).map((line) => line.replace(/:\d+]/, "]")),
    ["watchdog: BUG: soft lockup - CPU#0 stuck for 26s! [sh]"],
  );
  assertEquals(card.vqs.map((vq) => vq.isBroken), [true, true, true]);
  await vm.run(() => socket.send(FRAME));
  assertEquals(vm.log.at(-1), "net eth0: Unexpected TXQ (0) queue failure: -5");
  assertEquals(counters(vm.dev("eth0")), { tx_dropped: 1, tx_fifo_errors: 1 });
});
