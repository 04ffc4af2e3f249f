/**
 * What a driver must and must not do with the registers of a virtio-mmio device, watched access by
 * access. The rules only record; the slot answers every access all the same.
 *
 * VIRTIO 1.4, 4.2.2.2, 4.2.3, 3.1.1, 2.1.1, 2.2.1, 2.5.1 and 6.1.
 *
 * @module
 */
import {
  VIRTIO_CONFIG_S_ACKNOWLEDGE,
  VIRTIO_CONFIG_S_DRIVER,
  VIRTIO_CONFIG_S_DRIVER_OK,
  VIRTIO_CONFIG_S_FEATURES_OK,
  VIRTIO_F_VERSION_1,
} from "../../uapi/virtio_config.ts";
import {
  findVirtioMmioRegister,
  VIRTIO_MMIO_CONFIG,
  VIRTIO_MMIO_DEVICE_FEATURES,
  VIRTIO_MMIO_DEVICE_FEATURES_SEL,
  VIRTIO_MMIO_DEVICE_ID,
  VIRTIO_MMIO_DRIVER_FEATURES,
  VIRTIO_MMIO_DRIVER_FEATURES_SEL,
  VIRTIO_MMIO_GUEST_PAGE_SIZE,
  VIRTIO_MMIO_INT_CONFIG,
  VIRTIO_MMIO_INT_VRING,
  VIRTIO_MMIO_INTERRUPT_ACK,
  VIRTIO_MMIO_QUEUE_ALIGN,
  VIRTIO_MMIO_QUEUE_NOTIFY,
  VIRTIO_MMIO_QUEUE_NUM,
  VIRTIO_MMIO_QUEUE_NUM_MAX,
  VIRTIO_MMIO_QUEUE_PFN,
  VIRTIO_MMIO_QUEUE_READY,
  VIRTIO_MMIO_QUEUE_RESET,
  VIRTIO_MMIO_QUEUE_SEL,
  VIRTIO_MMIO_STATUS,
  type VirtioMmioRegister,
  type VirtioMmioVersion,
} from "../../uapi/virtio_mmio.ts";
import type { AccessWidth } from "../platform.ts";
import { checkConfigAccess } from "./config_rules.ts";
import type { DeviceModel } from "./device.ts";

/** The sections that the rules come from. */
const CLAUSE = {
  status: "VIRTIO 1.4, 2.1.1",
  features: "VIRTIO 1.4, 2.2.1",
  initialization: "VIRTIO 1.4, 3.1.1",
  registers: "VIRTIO 1.4, 4.2.2.2",
  identification: "VIRTIO 1.4, 4.2.3.1.1",
  queue: "VIRTIO 1.4, 4.2.3.2",
  notification: "VIRTIO 1.4, 4.2.3.3",
  legacy: "VIRTIO 1.4, 4.2.4",
  reserved: "VIRTIO 1.4, 6.1",
} as const;

const VERSION_1 = 1n << BigInt(VIRTIO_F_VERSION_1);
const NO_QUEUE = -1;

/** What the rules look at. */
export interface RuledSlot {
  /** The device in the slot. */
  readonly model: DeviceModel;
  /** The device status register. */
  readonly status: number;
  /** Features as the driver sees them. */
  readonly deviceFeatures: bigint;
  /** Records a rule that the driver broke. */
  violation(clause: string, message: string): undefined;
}

/** Watches the accesses to one slot. */
export class MmioRules {
  readonly #slot: RuledSlot;
  readonly #version: VirtioMmioVersion;
  /** One bit each for MagicValue, Version and DeviceID, once read. */
  #identified = 0;
  #deviceSelWritten = false;
  #driverSelWritten = false;
  #driverFeaturesSel = 0;
  #wantedFeatures = 0n;
  #featuresOkUnread = false;
  #guestPageSizeWritten = false;
  #queueSel = 0;
  /** Queues whose QueueReady is 1. */
  readonly #ready: Set<number> = new Set();
  /** Queue that was stopped and not yet read back. */
  #stopping = NO_QUEUE;

  /** Makes the rules for a slot. */
  constructor(slot: RuledSlot, version: VirtioMmioVersion) {
    this.#slot = slot;
    this.#version = version;
  }

  /** The device was reset: what the driver did before no longer counts. */
  reset(): undefined {
    this.#deviceSelWritten = this.#driverSelWritten = false;
    this.#driverFeaturesSel = 0;
    this.#wantedFeatures = 0n;
    this.#featuresOkUnread = false;
    this.#queueSel = 0;
    this.#ready.clear();
    this.#stopping = NO_QUEUE;
  }

  /** A register is about to be read. */
  read(offset: number, width: AccessWidth): undefined {
    const register = findVirtioMmioRegister(offset, this.#version);
    if (offset >= VIRTIO_MMIO_CONFIG) return this.#config(offset, width, false);
    if (!this.#checkAccess(register, offset, width, "read")) return;
    switch (offset) {
      case VIRTIO_MMIO_DEVICE_FEATURES:
        if (!this.#deviceSelWritten) this.#before(register, "DeviceFeaturesSel");
        return;
      case VIRTIO_MMIO_STATUS:
        this.#featuresOkUnread = false;
        return;
      case VIRTIO_MMIO_QUEUE_READY:
        if (this.#stopping === this.#queueSel) this.#stopping = NO_QUEUE;
        return;
    }
  }

  /** A register is about to be written. */
  write(offset: number, width: AccessWidth, value: number): undefined {
    if (offset === VIRTIO_MMIO_QUEUE_NOTIFY && width === 4) return this.#notify(value);
    if (offset >= VIRTIO_MMIO_CONFIG) return this.#config(offset, width, true);
    const register = findVirtioMmioRegister(offset, this.#version);
    if (!this.#checkAccess(register, offset, width, "write")) return;
    switch (offset) {
      case VIRTIO_MMIO_INTERRUPT_ACK:
        return this.#acknowledge(value);
      case VIRTIO_MMIO_STATUS:
        return this.#setStatus(value);
      case VIRTIO_MMIO_DEVICE_FEATURES_SEL:
        this.#deviceSelWritten = true;
        return;
      case VIRTIO_MMIO_DRIVER_FEATURES_SEL:
        this.#driverSelWritten = true;
        this.#driverFeaturesSel = value;
        return;
      case VIRTIO_MMIO_DRIVER_FEATURES:
        if (!this.#driverSelWritten) this.#before(register, "DriverFeaturesSel");
        return this.#acceptFeatures(value);
      case VIRTIO_MMIO_GUEST_PAGE_SIZE:
        this.#guestPageSizeWritten = true;
        return this.#powerOfTwo("GuestPageSize", value);
      case VIRTIO_MMIO_QUEUE_SEL:
        this.#checkReadBack();
        this.#queueSel = value;
        return;
      case VIRTIO_MMIO_QUEUE_ALIGN:
        return this.#powerOfTwo("QueueAlign", value);
      case VIRTIO_MMIO_QUEUE_PFN:
        if (!this.#guestPageSizeWritten) {
          this.#break(CLAUSE.legacy, "QueuePFN written before GuestPageSize");
        }
        return;
      case VIRTIO_MMIO_QUEUE_NUM:
        return this.#setSize(value);
      case VIRTIO_MMIO_QUEUE_READY:
        return this.#setReady(value);
    }
  }

  /** Checks what holds for every control register; returns false when the rest makes no sense. */
  #checkAccess(
    register: VirtioMmioRegister | undefined,
    offset: number,
    width: AccessWidth,
    verb: "read" | "write",
  ): boolean {
    if (register === undefined) {
      this.#break(CLAUSE.registers, `${verb} at ${hex(offset)}, where there is no register`);
      return false;
    }
    if (width !== 4) {
      const { specName } = register;
      this.#break(CLAUSE.registers, `${verb} of ${specName} is ${width} bytes wide instead of 4`);
      return false;
    }
    if (verb === "read" ? register.direction === "W" : register.direction === "R") {
      const kind = verb === "read" ? "write-only" : "read-only";
      this.#break(CLAUSE.registers, `${verb} of ${register.specName}, which is ${kind}`);
      return false;
    }
    this.#identify(offset, register);
    if (register.queue && this.#ready.has(this.#queueSel)) this.#checkNotReady(register);
    return true;
  }

  /** The driver must look who is there before it does anything else. */
  #identify(offset: number, register: VirtioMmioRegister): undefined {
    if (this.#identified === 7) return;
    if (offset <= VIRTIO_MMIO_DEVICE_ID) {
      this.#identified |= 1 << (offset >> 2);
      return;
    }
    this.#identified = 7;
    this.#break(
      CLAUSE.identification,
      `${register.specName} accessed before MagicValue, Version and DeviceID were read`,
    );
  }

  #checkNotReady(register: VirtioMmioRegister): undefined {
    const { offset, specName } = register;
    if (offset === VIRTIO_MMIO_QUEUE_READY || offset === VIRTIO_MMIO_QUEUE_NUM_MAX) return;
    if (offset === VIRTIO_MMIO_QUEUE_RESET) return;
    this.#break(
      CLAUSE.registers,
      `${specName} of queue ${this.#queueSel} accessed while QueueReady is 1`,
    );
  }

  #config(offset: number, width: AccessWidth, write: boolean): undefined {
    if (this.#identified !== 7) this.#identifyConfig();
    if (this.#version === 1) return;
    const at = offset - VIRTIO_MMIO_CONFIG;
    checkConfigAccess(this.#slot, at, width, write);
    if (write && (this.#slot.status & VIRTIO_CONFIG_S_FEATURES_OK) === 0) {
      this.#break(CLAUSE.initialization, `Config written at ${hex(at)} before FEATURES_OK`);
    }
  }

  #identifyConfig(): undefined {
    const register = findVirtioMmioRegister(VIRTIO_MMIO_CONFIG, this.#version);
    if (register !== undefined) this.#identify(VIRTIO_MMIO_CONFIG, register);
  }

  #notify(index: number): undefined {
    const { model, status } = this.#slot;
    if (index >= model.queueCount) {
      this.#break(
        CLAUSE.notification,
        `QueueNotify of queue ${index}, the device has ${model.queueCount}`,
      );
    } else if (this.#version === 2 && (status & VIRTIO_CONFIG_S_DRIVER_OK) === 0) {
      this.#break(CLAUSE.initialization, `QueueNotify of queue ${index} before DRIVER_OK`);
    } else if (this.#version === 2 && !this.#ready.has(index)) {
      this.#break(CLAUSE.notification, `QueueNotify of queue ${index}, whose QueueReady is 0`);
    }
  }

  #acknowledge(value: number): undefined {
    const undefinedBits = (value & ~(VIRTIO_MMIO_INT_VRING | VIRTIO_MMIO_INT_CONFIG)) >>> 0;
    if (undefinedBits !== 0) {
      this.#break(
        CLAUSE.registers,
        `InterruptACK of ${hex(value)} has undefined bits ${hex(undefinedBits)}`,
      );
    }
  }

  #acceptFeatures(value: number): undefined {
    if (this.#slot.status & VIRTIO_CONFIG_S_FEATURES_OK) {
      this.#break(CLAUSE.initialization, "DriverFeatures written after FEATURES_OK");
      return;
    }
    if (this.#driverFeaturesSel > 1) return;
    const shift = BigInt(32 * this.#driverFeaturesSel);
    const other = this.#wantedFeatures & (0xffff_ffff_0000_0000n >> shift);
    this.#wantedFeatures = other | BigInt(value >>> 0) << shift;
  }

  #setStatus(value: number): undefined {
    if (value === 0) return;
    const old = this.#slot.status;
    const rising = value & ~old;
    const cleared = old & ~value;
    if (cleared !== 0) {
      this.#break(CLAUSE.status, `Status ${hex(value)} clears ${hex(cleared)} of ${hex(old)}`);
    }
    this.#checkOrder(value, rising);
    if (this.#version === 1) return;
    if (rising & VIRTIO_CONFIG_S_DRIVER_OK && this.#featuresOkUnread) {
      this.#break(CLAUSE.initialization, "DRIVER_OK set before Status was re-read for FEATURES_OK");
    }
    if (rising & VIRTIO_CONFIG_S_FEATURES_OK) {
      this.#featuresOkUnread = true;
      this.#checkFeatures();
    }
  }

  /** Each step needs the steps before it, each by a write of its own. */
  #checkOrder(value: number, rising: number): undefined {
    const old = value & ~rising;
    for (const { bit, name, needs, needsName } of STEPS) {
      if ((rising & bit) === 0 || (old & needs) === needs) continue;
      if (this.#version === 1 && needs === VIRTIO_CONFIG_S_FEATURES_OK) continue;
      this.#break(CLAUSE.initialization, `${name} set before ${needsName}`);
    }
  }

  #checkFeatures(): undefined {
    const { deviceFeatures } = this.#slot;
    const unknown = this.#wantedFeatures & ~deviceFeatures;
    if (unknown !== 0n) {
      this.#break(
        CLAUSE.features,
        `features 0x${unknown.toString(16)} accepted but not offered`,
      );
    }
    if ((deviceFeatures & ~this.#wantedFeatures & VERSION_1) !== 0n) {
      this.#break(CLAUSE.reserved, "VERSION_1 is offered and must be accepted");
    }
  }

  #setSize(value: number): undefined {
    if (this.#queueSel >= this.#slot.model.queueCount) {
      this.#break(CLAUSE.queue, `QueueSize of queue ${this.#queueSel}, which does not exist`);
    } else if (value > 1024) {
      this.#break(CLAUSE.registers, `QueueSize ${value} is larger than QueueSizeMax 1024`);
    }
  }

  #setReady(value: number): undefined {
    const queue = this.#queueSel;
    if (value > 1) this.#break(CLAUSE.registers, `QueueReady ${hex(value)} is neither 0 nor 1`);
    if (queue >= this.#slot.model.queueCount) {
      this.#break(CLAUSE.queue, `QueueReady of queue ${queue}, which does not exist`);
    } else if (value !== 0) {
      this.#checkReadBack();
      this.#ready.add(queue);
    } else if (this.#ready.delete(queue)) {
      this.#stopping = queue;
    }
  }

  #checkReadBack(): undefined {
    if (this.#stopping === NO_QUEUE) return;
    this.#break(
      CLAUSE.registers,
      `queue ${this.#stopping} was stopped without reading QueueReady back`,
    );
    this.#stopping = NO_QUEUE;
  }

  #powerOfTwo(name: string, value: number): undefined {
    if (value === 0 || (value & (value - 1)) !== 0) {
      this.#break(CLAUSE.legacy, `${name} ${value} is not a power of two`);
    }
  }

  #before(register: VirtioMmioRegister | undefined, select: string): undefined {
    this.#break(CLAUSE.registers, `${register?.specName} accessed before ${select} was written`);
  }

  #break(clause: string, message: string): undefined {
    this.#slot.violation(clause, message);
  }
}

/** Status bit, its name, and what must have been set before it. */
const STEPS = ([
  [VIRTIO_CONFIG_S_DRIVER, "DRIVER", VIRTIO_CONFIG_S_ACKNOWLEDGE, "ACKNOWLEDGE"],
  [VIRTIO_CONFIG_S_FEATURES_OK, "FEATURES_OK", VIRTIO_CONFIG_S_DRIVER, "DRIVER"],
  [VIRTIO_CONFIG_S_DRIVER_OK, "DRIVER_OK", VIRTIO_CONFIG_S_DRIVER, "DRIVER"],
  [VIRTIO_CONFIG_S_DRIVER_OK, "DRIVER_OK", VIRTIO_CONFIG_S_FEATURES_OK, "FEATURES_OK"],
] as const).map(([bit, name, needs, needsName]) => ({ bit, name, needs, needsName }));

/** Returns what is wrong with touching a register of an empty slot, `undefined` if nothing is. */
export function emptySlotFault(offset: number): string | undefined {
  if (offset <= VIRTIO_MMIO_DEVICE_ID) return undefined;
  return `access at ${hex(offset)} of a slot whose DeviceID is 0`;
}

/** The clause of {@linkcode emptySlotFault}. */
export const EMPTY_SLOT_CLAUSE: string = CLAUSE.identification;

function hex(value: number): string {
  return `0x${value.toString(16)}`;
}
