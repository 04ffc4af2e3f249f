/**
 * The entropy source: `virtio-rng-device`. Its bytes come from a seed, so that a run can be repeated;
 * they are good for nothing that must be secret.
 *
 * QEMU: hw/virtio/virtio-rng.c. VIRTIO 1.4, 5.4.
 *
 * @module
 */
import { VIRTIO_ID_RNG } from "../../uapi/virtio_rng.ts";
import { VirtioModel, type VirtioProps } from "./virtio_model.ts";

/** Properties of `virtio-rng-device`; the names are QEMU's, camelCased. */
export interface VirtioRngProps extends VirtioProps {
  /** Most bytes in one period. Default: no limit. */
  readonly maxBytes?: number;
  /** Length of a period in milliseconds of virtual time. Default 65,536. */
  readonly period?: number;
  /** Where the sequence of bytes starts. Default 0. */
  readonly seed?: number;
}

/** Returns a sequence of bytes that its seed decides (SplitMix32). */
export function seededBytes(seed: number): () => number {
  let state = seed | 0;
  return () => {
    state = (state + 0x9e3779b9) | 0;
    let z = Math.imul(state ^ state >>> 16, 0x21f0aaad);
    z = Math.imul(z ^ z >>> 15, 0x735a2d97);
    return (z ^ z >>> 15) >>> 24;
  };
}

/** An entropy source. */
export class VirtioRng extends VirtioModel {
  readonly deviceId = VIRTIO_ID_RNG;
  readonly name = "virtio-rng-device";
  readonly queueCount = 1;
  protected readonly deviceFeatures = 0n;
  readonly #maxBytes: number;
  readonly #periodNs: number;
  readonly #next: () => number;
  #quota: number;
  #endPeriod: (() => undefined) | undefined;

  /** @throws {Error} When a property is not possible, in QEMU's words. */
  constructor(props: VirtioRngProps = {}) {
    super(props);
    const { maxBytes = Infinity, period = 65_536, seed = 0 } = props;
    if (!(period > 0)) throw new Error("'period' parameter expects a positive integer");
    if (maxBytes < 0) throw new Error("'max-bytes' parameter must be non-negative");
    this.#maxBytes = this.#quota = maxBytes;
    this.#periodNs = period * 1_000_000;
    this.#next = seededBytes(seed);
  }

  queueSize(_index: number): number {
    return 8;
  }

  override reset(): undefined {
    super.reset();
    this.#endPeriod?.();
    this.#endPeriod = undefined;
    this.#quota = this.#maxBytes;
  }

  /** Fills what the driver gave, as far as the period's quota goes. */
  handleOutput(_index: number): undefined {
    if (!this.driverOk) return;
    this.#beginPeriod();
    this.#fill();
  }

  #fill(): undefined {
    const [queue] = this.queues;
    while (this.#quota > 0) {
      const element = queue.pop();
      if (!element) break;
      const bytes = new Uint8Array(Math.min(element.inLength, this.#quota));
      for (let i = 0; i < bytes.length; i++) bytes[i] = this.#next();
      this.#quota -= bytes.length;
      queue.push(element, element.writeIn(0, bytes));
    }
    this.bus.notifyQueue(queue);
  }

  #beginPeriod(): undefined {
    if (this.#maxBytes === Infinity || this.#endPeriod) return;
    this.#endPeriod = this.bus.schedule(this.bus.nowNs() + this.#periodNs, () => {
      this.#quota = this.#maxBytes;
      this.#fill();
      // The next period begins with the next notification, so that an idle device has no timer.
      this.#endPeriod = undefined;
    });
  }
}
