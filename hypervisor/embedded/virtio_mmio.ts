/**
 * The device's side of virtio-mmio: the registers of one slot, its interrupt line, and what a device
 * model may ask of its transport. Versions 1 (legacy) and 2.
 *
 * The slot answers as QEMU answers, the differences from the specification being named in
 * {@linkcode Quirks}; {@linkcode MmioRules} watches the same accesses and says which of them no
 * driver may make.
 *
 * VIRTIO 1.4, 4.2.2 and 4.2.4. QEMU: hw/virtio/virtio-mmio.c, hw/virtio/virtio.c.
 *
 * @module
 */
import {
  VIRTIO_CONFIG_S_DRIVER_OK,
  VIRTIO_CONFIG_S_FEATURES_OK,
  VIRTIO_CONFIG_S_NEEDS_RESET,
  VIRTIO_F_ACCESS_PLATFORM,
  VIRTIO_F_ANY_LAYOUT,
  VIRTIO_F_NOTIFY_ON_EMPTY,
  VIRTIO_F_RING_RESET,
  VIRTIO_F_VERSION_1,
} from "../../uapi/virtio_config.ts";
import {
  VIRTIO_MMIO_CONFIG,
  VIRTIO_MMIO_CONFIG_GENERATION,
  VIRTIO_MMIO_DEVICE_FEATURES,
  VIRTIO_MMIO_DEVICE_FEATURES_SEL,
  VIRTIO_MMIO_DEVICE_ID,
  VIRTIO_MMIO_DRIVER_FEATURES,
  VIRTIO_MMIO_DRIVER_FEATURES_SEL,
  VIRTIO_MMIO_GUEST_PAGE_SIZE,
  VIRTIO_MMIO_INT_CONFIG,
  VIRTIO_MMIO_INT_VRING,
  VIRTIO_MMIO_INTERRUPT_ACK,
  VIRTIO_MMIO_INTERRUPT_STATUS,
  VIRTIO_MMIO_MAGIC,
  VIRTIO_MMIO_MAGIC_VALUE,
  VIRTIO_MMIO_QUEUE_NOTIFY,
  VIRTIO_MMIO_QUEUE_NUM,
  VIRTIO_MMIO_QUEUE_NUM_MAX,
  VIRTIO_MMIO_QUEUE_PFN,
  VIRTIO_MMIO_QUEUE_READY,
  VIRTIO_MMIO_SHM_LEN_HIGH,
  VIRTIO_MMIO_SHM_LEN_LOW,
  VIRTIO_MMIO_STATUS,
  VIRTIO_MMIO_VENDOR_ID,
  VIRTIO_MMIO_VENDOR_QEMU,
  VIRTIO_MMIO_VERSION,
  type VirtioMmioVersion,
} from "../../uapi/virtio_mmio.ts";
import type { AccessWidth } from "../platform.ts";
import type { DeviceBus, DeviceModel } from "./device.ts";
import { MmioQueueRegisters, VIRTQUEUE_MAX_SIZE } from "./mmio_queues.ts";
import { MmioRules } from "./mmio_rules.ts";
import type { MmioTrace } from "./mmio_trace.ts";
import type { Quirks } from "./quirks.ts";
import { Virtqueue, type VirtqueueOwner } from "./virtqueue.ts";

const VERSION_1 = 1n << BigInt(VIRTIO_F_VERSION_1);
const RING_RESET = 1n << BigInt(VIRTIO_F_RING_RESET);
const ACCESS_PLATFORM = 1n << BigInt(VIRTIO_F_ACCESS_PLATFORM);
const LEGACY_ONLY = 1n << BigInt(VIRTIO_F_NOTIFY_ON_EMPTY) | 1n << BigInt(VIRTIO_F_ANY_LAYOUT);
const WORD = 0xffff_ffffn;

/** What a slot needs of its machine. */
export interface SlotMachine {
  /** Guest RAM. */
  readonly bytes: Uint8Array;
  /** Guest RAM again, for numbers. */
  readonly view: DataView;
  /** Guest physical address of the first byte of RAM. */
  readonly ramBase: number;
  /** Behaviour that differs from the specification. */
  readonly quirks: Quirks;
  /** Layout of the registers. */
  readonly version: VirtioMmioVersion;
  /** Virtual time in nanoseconds. */
  nowNs(): number;
  /** Calls `work` once at `atNs`; returns a function that cancels it. */
  schedule(atNs: number, work: () => undefined): () => undefined;
  /** Sets the level of an interrupt line. */
  setInterrupt(spi: number, level: boolean): undefined;
  /** Records a broken rule. */
  violation(device: string, clause: string, message: string): undefined;
  /** Asks for a decision, see `Guest.choose`. */
  choose(kind: string, count: number): number;
}

/** The registers of one slot with a device in it. */
export class VirtioMmioSlot implements DeviceBus, VirtqueueOwner {
  /** The device in the slot. */
  readonly model: DeviceModel;
  /** Name for messages, for example `"virtio-mmio slot 31 (virtio-blk-device)"`. */
  readonly name: string;
  /** Its queues. */
  readonly queues: readonly Virtqueue[];
  /** Features as the driver sees them. */
  readonly deviceFeatures: bigint;
  readonly ram: Uint8Array;
  readonly view: DataView;
  readonly ramBase: number;
  /** True after a fatal error until the next reset. */
  broken = false;
  /** The device status register. */
  status = 0;
  /** Features that the driver has settled on. */
  guestFeatures = 0n;
  /** The ConfigGeneration register. */
  generation = 0;
  /** Takes the slot's trace; nothing is formatted when it is absent. */
  trace: MmioTrace | undefined;

  readonly #machine: SlotMachine;
  readonly #spi: number;
  readonly #rules: MmioRules;
  readonly #queueRegisters: MmioQueueRegisters;
  #interruptStatus = 0;
  #level = false;
  #deviceFeaturesSel = 0;
  #driverFeaturesSel = 0;
  #driverFeaturesLow = 0;
  #driverFeaturesHigh = 0;

  /** Puts `model` into slot `index`, whose interrupt is `spi`. */
  constructor(
    index: number,
    spi: number,
    model: DeviceModel,
    machine: SlotMachine,
  ) {
    this.model = model;
    this.name = `virtio-mmio slot ${index} (${model.name})`;
    this.#machine = machine;
    this.#spi = spi;
    this.ram = machine.bytes;
    this.view = machine.view;
    this.ramBase = machine.ramBase;
    this.deviceFeatures = offeredFeatures(model, machine);
    const queues: Virtqueue[] = [];
    for (let i = 0; i < model.queueCount; i++) {
      queues.push(new Virtqueue(i, this, model.queueSize?.(i) ?? VIRTQUEUE_MAX_SIZE));
    }
    this.queues = queues;
    this.#queueRegisters = new MmioQueueRegisters(queues, machine.version, machine.quirks);
    this.#rules = new MmioRules(this, machine.version);
    model.realize(this, queues);
  }

  /** Reads a register at `offset` from the slot's start. */
  read(offset: number, width: AccessWidth): number {
    this.trace?.read(offset);
    this.#rules.read(offset, width);
    if (offset >= VIRTIO_MMIO_CONFIG) return this.#readConfig(offset - VIRTIO_MMIO_CONFIG, width);
    return width === 4 ? this.#readRegister(offset) : 0;
  }

  /** Writes a register at `offset` from the slot's start. */
  write(offset: number, width: AccessWidth, value: number): undefined {
    this.trace?.write(offset, value);
    this.#rules.write(offset, width, value);
    if (offset >= VIRTIO_MMIO_CONFIG) {
      const at = offset - VIRTIO_MMIO_CONFIG;
      if (at + width <= this.model.configSize) this.model.writeConfig(at, width, value);
    } else if (width === 4) {
      this.#writeRegister(offset, value);
    }
  }

  // What a device model may ask

  /** Virtual time in nanoseconds. */
  nowNs(): number {
    return this.#machine.nowNs();
  }

  /** Calls `work` once at `atNs`; returns a function that cancels it. */
  schedule(atNs: number, work: () => undefined): () => undefined {
    return this.#machine.schedule(atNs, work);
  }

  /** Asks for a decision, see `Guest.choose`. */
  choose(kind: string, count: number): number {
    return this.#machine.choose(kind, count);
  }

  /** Tells the driver of used buffers unless it asked not to be told. QEMU: virtio_notify(). */
  notifyQueue(queue: Virtqueue): undefined {
    if (!queue.shouldNotify()) return;
    this.trace?.notify(queue.index);
    this.#interruptStatus |= VIRTIO_MMIO_INT_VRING;
    this.#updateInterrupt();
  }

  /** Tells the driver that the configuration changed. QEMU: virtio_notify_config(). */
  notifyConfig(): undefined {
    const { generationOnlyLive, configSetsRingBit } = this.#machine.quirks;
    const live = (this.status & VIRTIO_CONFIG_S_DRIVER_OK) !== 0;
    if (live || !generationOnlyLive) this.generation = (this.generation + 1) >>> 0;
    if (!live) return;
    this.#interruptStatus |= VIRTIO_MMIO_INT_CONFIG;
    if (configSetsRingBit) this.#interruptStatus |= VIRTIO_MMIO_INT_VRING;
    this.#updateInterrupt();
  }

  /** Records a rule that the driver broke. */
  violation(clause: string, message: string): undefined {
    this.#machine.violation(this.name, clause, message);
  }

  /** Marks the device broken. QEMU: virtio_error(). */
  fail(clause: string, message: string): undefined {
    this.violation(clause, message);
    if ((this.guestFeatures & VERSION_1) !== 0n) {
      this.status |= VIRTIO_CONFIG_S_NEEDS_RESET;
      this.notifyConfig();
    }
    this.broken = true;
  }

  /** Back to the state after power-on. QEMU: virtio_reset(). */
  reset(): undefined {
    this.#setStatus(0);
    this.model.reset();
    this.broken = false;
    this.guestFeatures = 0n;
    this.#interruptStatus = 0;
    this.#updateInterrupt();
    this.#queueRegisters.reset();
    this.#rules.reset();
  }

  #readConfig(offset: number, width: AccessWidth): number {
    if (offset + width > this.model.configSize) {
      return this.#machine.quirks.configPastEndOnes ? 2 ** (8 * width) - 1 : 0;
    }
    return this.model.readConfig(offset, width);
  }

  #readRegister(offset: number): number {
    const legacy = this.#machine.version === 1;
    switch (offset) {
      case VIRTIO_MMIO_MAGIC_VALUE:
        return VIRTIO_MMIO_MAGIC;
      case VIRTIO_MMIO_VERSION:
        return this.#machine.version;
      case VIRTIO_MMIO_DEVICE_ID:
        return this.model.deviceId;
      case VIRTIO_MMIO_VENDOR_ID:
        return VIRTIO_MMIO_VENDOR_QEMU;
      case VIRTIO_MMIO_DEVICE_FEATURES:
        return Number(this.deviceFeatures >> BigInt(32 * this.#deviceFeaturesSel) & WORD);
      case VIRTIO_MMIO_QUEUE_NUM_MAX:
        return this.#queueRegisters.sizeMax;
      case VIRTIO_MMIO_QUEUE_PFN:
        return legacy ? this.#queueRegisters.pfn : 0;
      case VIRTIO_MMIO_QUEUE_READY:
        return legacy ? 0 : this.#queueRegisters.ready;
      case VIRTIO_MMIO_INTERRUPT_STATUS:
        return this.#interruptStatus;
      case VIRTIO_MMIO_STATUS:
        return this.status;
      case VIRTIO_MMIO_CONFIG_GENERATION:
        return legacy ? 0 : this.generation;
      case VIRTIO_MMIO_SHM_LEN_LOW:
      case VIRTIO_MMIO_SHM_LEN_HIGH:
        return 0xffff_ffff;
      default:
        return 0;
    }
  }

  #writeRegister(offset: number, value: number): undefined {
    switch (offset) {
      case VIRTIO_MMIO_QUEUE_NOTIFY:
        return this.#notified(value);
      case VIRTIO_MMIO_INTERRUPT_ACK:
        this.#interruptStatus &= ~value;
        return this.#updateInterrupt();
      case VIRTIO_MMIO_STATUS:
        return this.#writeStatus(value & 0xff);
      case VIRTIO_MMIO_DEVICE_FEATURES_SEL:
        this.#deviceFeaturesSel = this.#selectedWord(value);
        return;
      case VIRTIO_MMIO_DRIVER_FEATURES_SEL:
        this.#driverFeaturesSel = this.#selectedWord(value);
        return;
      case VIRTIO_MMIO_DRIVER_FEATURES:
        return this.#writeDriverFeatures(value);
    }
    if (offset === VIRTIO_MMIO_QUEUE_NUM) this.trace?.queueWrite(value, VIRTQUEUE_MAX_SIZE);
    if (offset === VIRTIO_MMIO_QUEUE_PFN && value === 0 && this.#machine.version === 1) {
      if (this.#machine.quirks.pfnZeroResets) return this.reset();
    }
    this.#queueRegisters.write(offset, value, this.guestFeatures);
    if (offset === VIRTIO_MMIO_GUEST_PAGE_SIZE && this.#machine.version === 1) {
      this.trace?.guestPage(value, this.#queueRegisters.guestPageShift);
    }
  }

  #selectedWord(value: number): number {
    return value > 1 && !this.#machine.quirks.featuresSelClamped ? 2 : Math.min(value, 1);
  }

  #writeDriverFeatures(value: number): undefined {
    if (this.#machine.version === 1) {
      if (this.#driverFeaturesSel === 0) this.#setFeatures(BigInt(value));
    } else if (this.#driverFeaturesSel === 0) {
      this.#driverFeaturesLow = value;
    } else if (this.#driverFeaturesSel === 1) {
      this.#driverFeaturesHigh = value;
    }
  }

  /** Settles the features; without effect after FEATURES_OK. QEMU: virtio_set_features(). */
  #setFeatures(features: bigint): undefined {
    if ((this.status & VIRTIO_CONFIG_S_FEATURES_OK) !== 0) return;
    this.guestFeatures = features & this.deviceFeatures;
    this.model.setFeatures(this.guestFeatures);
    for (const queue of this.queues) {
      if (queue.ready) queue.setFeatures(this.guestFeatures);
    }
  }

  #writeStatus(value: number): undefined {
    if ((value & VIRTIO_CONFIG_S_FEATURES_OK) !== 0 && this.#machine.version === 2) {
      const wanted = BigInt(this.#driverFeaturesHigh) << 32n | BigInt(this.#driverFeaturesLow);
      this.#setFeatures(wanted);
      if (!this.#featuresAcceptable(wanted)) value &= ~VIRTIO_CONFIG_S_FEATURES_OK;
      if (this.#refusesPlatform()) {
        this.trace?.setStatus(value);
        return;
      }
    }
    this.#setStatus(value);
    if (value === 0) this.reset();
  }

  #featuresAcceptable(wanted: bigint): boolean {
    if (this.#machine.quirks.featuresOkAlways) return true;
    return (wanted & ~this.deviceFeatures) === 0n && (wanted & VERSION_1) !== 0n;
  }

  /** A device behind an IOMMU cannot work for a driver that does not know of it. */
  #refusesPlatform(): boolean {
    return (this.status & VIRTIO_CONFIG_S_FEATURES_OK) === 0 &&
      (this.guestFeatures & VERSION_1) !== 0n &&
      (this.deviceFeatures & ~this.guestFeatures & ACCESS_PLATFORM) !== 0n;
  }

  #setStatus(value: number): undefined {
    this.trace?.setStatus(value);
    this.model.setStatus(value);
    this.status = value;
  }

  #notified(index: number): undefined {
    const queue = this.queues[index];
    if (queue === undefined || !queue.ready || this.broken) return;
    this.trace?.queueNotify(index);
    this.model.handleOutput(index);
  }

  #updateInterrupt(): undefined {
    const level = this.#interruptStatus !== 0;
    this.trace?.settingIrq(level);
    if (level === this.#level) return;
    this.#level = level;
    this.#machine.setInterrupt(this.#spi, level);
  }
}

/** Returns what the driver sees in DeviceFeatures. */
function offeredFeatures(model: DeviceModel, machine: SlotMachine): bigint {
  const { features } = model;
  if (machine.version === 1) return model.legacyFeatures ?? (features | LEGACY_ONLY) & WORD;
  const offered = features & ~LEGACY_ONLY | VERSION_1;
  return machine.quirks.ringResetOffered ? offered : offered & ~RING_RESET;
}

/** Reads a register of a slot without a device. VIRTIO 1.4, 4.2.3.1.1. */
export function readEmptySlot(
  offset: number,
  width: AccessWidth,
  version: VirtioMmioVersion,
): number {
  void width;
  switch (offset) {
    case VIRTIO_MMIO_MAGIC_VALUE:
      return VIRTIO_MMIO_MAGIC;
    case VIRTIO_MMIO_VERSION:
      return version;
    case VIRTIO_MMIO_VENDOR_ID:
      return VIRTIO_MMIO_VENDOR_QEMU;
    default:
      return 0;
  }
}
