/** A network card that a test plays, byte by byte. */
import { VIRTIO_ID_NET } from "../uapi/virtio_ids.ts";
import * as uapi from "../uapi/virtio_net.ts";
import { PacketSocket } from "../kernel/net/af_packet.ts";
import type { NetDevice } from "../kernel/net/netdevice.ts";
import { registerVirtioDevice, VirtioDevice } from "./virtio/virtio.ts";
import type { VirtioConfigOps } from "./virtio/virtio_config.ts";
import type { Virtqueue } from "./virtio/virtio_ring.ts";
import { vringCreateVirtqueue } from "./virtio/vring_create.ts";
import { bootNet, type NetVm } from "./_virtio_net_testing.ts";

/** The card's address. */
export const MAC: readonly number[] = [0x52, 0x54, 0, 0, 0, 0x77];
/** Descriptors of each of its queues. */
export const RING_SIZE = 64;
/** The first receive queue. */
export const RX = 0;
/** The first transmit queue. */
export const TX = 1;

/** A card played by the test. */
export class Card implements VirtioConfigOps {
  readonly vqs: Virtqueue[] = [];
  readonly #usedIdx: number[] = [];
  readonly #seen: number[] = [];
  #status = 0;
  vdev: VirtioDevice | undefined;
  /** Answers control commands. */
  answers = true;
  /** The commands so far: what the card could read of each. */
  readonly commands: number[][][] = [];

  constructor(
    readonly vm: NetVm,
    /** Features that it offers. */
    readonly bits: readonly number[],
    /** Pairs of queues that it has. */
    readonly pairs = 1,
  ) {}

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
    if (offset === uapi.VIRTIO_NET_CONFIG_MAX_VIRTQUEUE_PAIRS) return this.pairs;
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
    const control = 2 * this.pairs;
    if (vq.index !== control || !this.answers) return true;
    while (this.available(control) > 0) {
      const { head, parts } = this.take(control);
      const { bytes } = this.vm.kernel.mem;
      this.commands.push(
        parts.slice(0, -1).map(({ offset, length }) => [...bytes.slice(offset, offset + length)]),
      );
      bytes[(parts.at(-1) as { offset: number }).offset] = 0;
      this.use(control, head, 1);
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

/** A card with its interface. */
export interface Rig {
  readonly vm: NetVm;
  readonly card: Card;
  readonly dev: NetDevice;
  readonly socket: PacketSocket;
}

/** A card that the driver has bound and opened. */
export async function plug(
  bits: readonly number[],
  options: { readonly answers?: boolean; readonly pairs?: number; readonly cpus?: number } = {},
): Promise<Rig> {
  const vm = await bootNet([], { kernel: { cpus: options.cpus ?? 1 } });
  const card = new Card(vm, bits, options.pairs);
  card.answers = options.answers ?? true;
  const vdev = card.vdev = new VirtioDevice(vm.kernel, card);
  vdev.id = { device: VIRTIO_ID_NET, vendor: 1 };
  await vm.run(() => registerVirtioDevice(vdev));
  await vm.setFlags("eth0", 0x1003);
  await vm.run(() => vm.kernel.sched.sleep(2e9));
  const dev = vm.dev("eth0");
  return { vm, card, dev, socket: new PacketSocket(dev) };
}
