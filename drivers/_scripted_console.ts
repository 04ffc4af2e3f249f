/**
 * A console device in the hands of a test: it offers what the test wants and sends what no real device would.
 *
 * @module
 */
import type { Kernel } from "../kernel/kernel.ts";
import { VIRTIO_F_VERSION_1 } from "../uapi/virtio_config.ts";
import { encodeVirtioConsoleControl } from "../uapi/virtio_console.ts";
import { VIRTIO_ID_CONSOLE } from "../uapi/virtio_ids.ts";
import { registerVirtioDevice, virtioConfigChanged, VirtioDevice } from "./virtio/virtio.ts";
import type { VirtioConfigOps, VqSpec } from "./virtio/virtio_config.ts";
import type { Virtqueue } from "./virtio/virtio_ring.ts";
import { vringCreateVirtqueue } from "./virtio/vring_create.ts";

/** What the driver sent on a queue. */
export interface Sent {
  readonly queue: number;
  readonly data: Uint8Array;
}

/** The device. It answers at once unless {@linkcode silent}. */
export class ScriptedConsole implements VirtioConfigOps {
  readonly vdev: VirtioDevice;
  /** Everything that the driver sent, oldest first. */
  readonly sent: Sent[] = [];
  /** It takes nothing from the queues. */
  silent = false;
  readonly config = new DataView(new ArrayBuffer(12));
  readonly #taken = new Map<number, number>();
  readonly #bits: readonly number[];
  #status = 0;
  #vqs: Virtqueue[] = [];

  /** @param bits The feature bits that it offers, beside VERSION_1. */
  constructor(readonly kernel: Kernel, bits: readonly number[]) {
    this.#bits = [...bits, VIRTIO_F_VERSION_1];
    this.vdev = new VirtioDevice(kernel, this);
    this.vdev.id = { device: VIRTIO_ID_CONSOLE, vendor: 0x1234 };
  }

  /** Plugs it in. */
  async plug(): Promise<undefined> {
    await this.kernel.sched.run("test", () => registerVirtioDevice(this.vdev));
    await this.#settle();
  }

  async #settle(): Promise<undefined> {
    await this.kernel.sched.run("test", () => this.kernel.sched.settle());
  }

  get(offset: number, width: 1 | 2 | 4): number {
    if (width === 2) return this.config.getUint16(offset, true);
    return width === 4 ? this.config.getUint32(offset, true) : this.config.getUint8(offset);
  }
  getBytes(offset: number, count: number): Uint8Array {
    return new Uint8Array(this.config.buffer).slice(offset, offset + count);
  }
  set(offset: number, _width: 1 | 2 | 4, value: number): undefined {
    this.config.setUint32(offset, value, true);
    this.sent.push({ queue: -1, data: Uint8Array.of(value) });
  }
  generation = () => 0;
  getStatus = () => this.#status;
  setStatus(status: number): undefined {
    this.#status = status;
  }
  reset(): undefined {
    this.#status = 0;
    this.#taken.clear();
  }
  getFeatures = () => this.#bits.reduce((sum, bit) => sum | 1n << BigInt(bit), 0n);
  finalizeFeatures = () => undefined;
  busName = () => "scripted";

  async findVqs(specs: readonly VqSpec[]): Promise<Virtqueue[]> {
    this.#vqs = specs.map(({ name, callback }, index) =>
      vringCreateVirtqueue(this.vdev, {
        index,
        name,
        callback,
        num: 16,
        align: 4096,
        indirect: false,
        eventIdx: false,
        notify: (vq) => this.#notified(vq),
      })
    );
    this.vdev.vqs.push(...this.#vqs);
    return [...this.#vqs];
  }
  delVqs(): undefined {
    for (const vq of this.vdev.vqs.splice(0)) vq.delete();
    this.#vqs = [];
  }

  /** Takes what the driver made available on an output queue. */
  #notified(vq: Virtqueue): boolean {
    if (this.silent || vq.index % 2 === 0) return true;
    let buffer: { readonly head: number; readonly at: number; readonly length: number } | undefined;
    while ((buffer = this.#next(vq)) !== undefined) {
      const { head, at, length } = buffer;
      this.sent.push({ queue: vq.index, data: this.kernel.mem.bytes.slice(at, at + length) });
      this.#use(vq, head, 0);
    }
    return true;
  }

  #next(vq: Virtqueue): { head: number; at: number; length: number } | undefined {
    const { view, base } = this.kernel.mem;
    const taken = this.#taken.get(vq.index) ?? 0;
    const avail = vq.availAddr - base;
    if (taken === view.getUint16(avail + 2, true)) return undefined;
    this.#taken.set(vq.index, (taken + 1) & 0xffff);
    const head = view.getUint16(avail + 4 + 2 * (taken % vq.vringSize), true);
    const desc = vq.descAddr - base + 16 * head;
    const at = Number(view.getBigUint64(desc, true)) - base;
    return { head, at, length: view.getUint32(desc + 8, true) };
  }

  #use(vq: Virtqueue, head: number, length: number): undefined {
    const { view, base } = this.kernel.mem;
    const used = vq.usedAddr - base;
    const idx = view.getUint16(used + 2, true);
    view.setUint32(used + 4 + 8 * (idx % vq.vringSize), head, true);
    view.setUint32(used + 8 + 8 * (idx % vq.vringSize), length, true);
    view.setUint16(used + 2, idx + 1, true);
  }

  /** Delivers bytes on an input queue, claiming `length` of them, and interrupts. */
  async deliver(queue: number, data: Uint8Array, length = data.length): Promise<undefined> {
    const vq = this.#vqs[queue];
    const buffer = this.#next(vq);
    if (buffer === undefined) throw new Error(`queue ${queue} has no room`);
    this.kernel.mem.bytes.set(data, buffer.at);
    this.#use(vq, buffer.head, length);
    this.#atomic(() => vq.interrupt());
    await this.#settle();
  }

  /** Sends a control message with what follows it. */
  control(id: number, event: number, value: number, body: readonly number[] = []) {
    const data = new Uint8Array(8 + body.length);
    encodeVirtioConsoleControl(new DataView(data.buffer), 0, { id, event, value });
    data.set(body, 8);
    return this.deliver(2, data);
  }

  /** Says that the configuration changed. */
  async configChanged(): Promise<undefined> {
    this.#atomic(() => virtioConfigChanged(this.vdev));
    await this.#settle();
  }

  /** Takes what is waiting on an output queue, and interrupts. */
  async resume(queue: number): Promise<undefined> {
    this.silent = false;
    this.#notified(this.#vqs[queue]);
    this.#atomic(() => this.#vqs[queue].interrupt());
    await this.#settle();
  }

  #atomic(body: () => unknown): undefined {
    this.kernel.sched.atomicDepth++;
    try {
      body();
    } finally {
      this.kernel.sched.atomicDepth--;
    }
  }

  /** What the driver said since the last call: `id event value` of each control message. */
  takeControl(): string[] {
    return this.sent.splice(0).filter(({ queue }) => queue === 3).map(({ data }) => {
      const view = new DataView(data.buffer);
      return `${view.getInt32(0, true)} ${view.getUint16(4, true)} ${view.getUint16(6, true)}`;
    });
  }

  /** What the driver sent as text since the last call. */
  takeText(): string {
    return this.sent.splice(0).map(({ data }) => new TextDecoder().decode(data)).join("");
  }
}
