/** The driver against a card that breaks every rule: nothing crashes, and Linux's counters say what happened. */
import { assertEquals } from "@std/assert";
import { VIRTIO_F_VERSION_1 } from "../uapi/virtio_config.ts";
import * as uapi from "../uapi/virtio_net.ts";
import type { NetDevice } from "../kernel/net/netdevice.ts";
import { MAC, plug, type Rig, RING_SIZE, RX, TX } from "./_virtio_net_card.ts";
import { frameOf } from "./_virtio_net_testing.ts";

const MERGEABLE = [uapi.VIRTIO_NET_F_MAC, uapi.VIRTIO_NET_F_MRG_RXBUF, VIRTIO_F_VERSION_1];
const SMALL = [uapi.VIRTIO_NET_F_MAC, VIRTIO_F_VERSION_1];
const BIG = [uapi.VIRTIO_NET_F_MAC, uapi.VIRTIO_NET_F_MTU, VIRTIO_F_VERSION_1];
const WITH_CTRL = [...MERGEABLE, uapi.VIRTIO_NET_F_CTRL_VQ, uapi.VIRTIO_NET_F_CTRL_RX];

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
  for (let n = 0; n < count; n++) await vm.run(() => socket.write(FRAME.with(20, n)));
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
  const { vm, card, socket } = await plug(WITH_CTRL, { answers: false });
  assertEquals(
    vm.log.filter((line) => line.includes("soft lockup")).map((line) => line.replace(/:\d+]/, "]")),
    ["watchdog: BUG: soft lockup - CPU#0 stuck for 26s! [sh]"],
  );
  assertEquals(card.vqs.map((vq) => vq.isBroken), [true, true, true]);
  await vm.run(() => socket.write(FRAME));
  assertEquals(vm.log.at(-1), "net eth0: Unexpected TXQ (0) queue failure: -5");
  assertEquals(counters(vm.dev("eth0")), { tx_dropped: 1, tx_fifo_errors: 1 });
});
