/**
 * The register layout of a virtio device behind memory-mapped I/O.
 *
 * | offset  | name                | access | versions |
 * |---------|---------------------|--------|----------|
 * | `0x000` | MagicValue          | R      | 1, 2     |
 * | `0x004` | Version             | R      | 1, 2     |
 * | `0x008` | DeviceID            | R      | 1, 2     |
 * | `0x00c` | VendorID            | R      | 1, 2     |
 * | `0x010` | DeviceFeatures      | R      | 1, 2     |
 * | `0x014` | DeviceFeaturesSel   | W      | 1, 2     |
 * | `0x020` | DriverFeatures      | W      | 1, 2     |
 * | `0x024` | DriverFeaturesSel   | W      | 1, 2     |
 * | `0x028` | GuestPageSize       | W      | 1        |
 * | `0x030` | QueueSel            | W      | 1, 2     |
 * | `0x034` | QueueSizeMax        | R      | 1, 2     |
 * | `0x038` | QueueSize           | W      | 1, 2     |
 * | `0x03c` | QueueAlign          | W      | 1        |
 * | `0x040` | QueuePFN            | RW     | 1        |
 * | `0x044` | QueueReady          | RW     | 2        |
 * | `0x050` | QueueNotify         | W      | 1, 2     |
 * | `0x060` | InterruptStatus     | R      | 1, 2     |
 * | `0x064` | InterruptACK        | W      | 1, 2     |
 * | `0x070` | Status              | RW     | 1, 2     |
 * | `0x080` | QueueDescLow, High  | W      | 2        |
 * | `0x090` | QueueDriverLow, High| W      | 2        |
 * | `0x0a0` | QueueDeviceLow, High| W      | 2        |
 * | `0x0ac` | SHMSel              | W      | 2        |
 * | `0x0b0` | SHMLenLow, High     | R      | 2        |
 * | `0x0b8` | SHMBaseLow, High    | R      | 2        |
 * | `0x0c0` | QueueReset          | RW     | 2        |
 * | `0x0fc` | ConfigGeneration    | R      | 2        |
 * | `0x100` | Config              | RW     | 1, 2     |
 *
 * Linux: include/uapi/linux/virtio_mmio.h. VIRTIO 1.4, 4.2.2 and 4.2.4.
 *
 * @module
 */
import type { Register } from "./register.ts";

/** Reads as {@linkcode VIRTIO_MMIO_MAGIC}. */
export const VIRTIO_MMIO_MAGIC_VALUE = 0x000;
/** Version of the register layout: 1 is legacy, 2 is VIRTIO 1.0 and later. */
export const VIRTIO_MMIO_VERSION = 0x004;
/** Device type, a `VIRTIO_ID_*` number; 0 means that the slot is empty. */
export const VIRTIO_MMIO_DEVICE_ID = 0x008;
/** Number of the device's vendor. */
export const VIRTIO_MMIO_VENDOR_ID = 0x00c;
/** The 32 features that the device offers in the selected half. */
export const VIRTIO_MMIO_DEVICE_FEATURES = 0x010;
/** Selects which 32 features the device shows. */
export const VIRTIO_MMIO_DEVICE_FEATURES_SEL = 0x014;
/** The 32 features that the driver accepts in the selected half. */
export const VIRTIO_MMIO_DRIVER_FEATURES = 0x020;
/** Selects which 32 features the driver writes. */
export const VIRTIO_MMIO_DRIVER_FEATURES_SEL = 0x024;
/** The guest's page size in bytes, by which QueuePFN counts. Legacy only. */
export const VIRTIO_MMIO_GUEST_PAGE_SIZE = 0x028;
/** Selects the queue that the other queue registers mean. */
export const VIRTIO_MMIO_QUEUE_SEL = 0x030;
/** Most entries the selected queue can have; 0 means that there is no such queue. */
export const VIRTIO_MMIO_QUEUE_NUM_MAX = 0x034;
/** Entries of the selected queue. */
export const VIRTIO_MMIO_QUEUE_NUM = 0x038;
/** Alignment of the selected queue's used ring in bytes. Legacy only. */
export const VIRTIO_MMIO_QUEUE_ALIGN = 0x03c;
/** Page number of the selected queue; 0 stops it. Legacy only. */
export const VIRTIO_MMIO_QUEUE_PFN = 0x040;
/** 1 while the device may use the selected queue. */
export const VIRTIO_MMIO_QUEUE_READY = 0x044;
/** Writing a queue's index tells the device of new buffers in it. */
export const VIRTIO_MMIO_QUEUE_NOTIFY = 0x050;
/** Why the device interrupts: `VIRTIO_MMIO_INT_*`. */
export const VIRTIO_MMIO_INTERRUPT_STATUS = 0x060;
/** Writing the bits of causes that were taken care of clears them. */
export const VIRTIO_MMIO_INTERRUPT_ACK = 0x064;
/** Device status, `VIRTIO_CONFIG_S_*`; writing 0 resets the device. */
export const VIRTIO_MMIO_STATUS = 0x070;
/** Address of the selected queue's descriptors, bits 31 to 0. */
export const VIRTIO_MMIO_QUEUE_DESC_LOW = 0x080;
/** Address of the selected queue's descriptors, bits 63 to 32. */
export const VIRTIO_MMIO_QUEUE_DESC_HIGH = 0x084;
/** Address of the selected queue's available ring (driver area), bits 31 to 0. */
export const VIRTIO_MMIO_QUEUE_AVAIL_LOW = 0x090;
/** Address of the selected queue's available ring (driver area), bits 63 to 32. */
export const VIRTIO_MMIO_QUEUE_AVAIL_HIGH = 0x094;
/** Address of the selected queue's used ring (device area), bits 31 to 0. */
export const VIRTIO_MMIO_QUEUE_USED_LOW = 0x0a0;
/** Address of the selected queue's used ring (device area), bits 63 to 32. */
export const VIRTIO_MMIO_QUEUE_USED_HIGH = 0x0a4;
/** Selects a shared memory region. */
export const VIRTIO_MMIO_SHM_SEL = 0x0ac;
/** Length of the selected shared memory region, bits 31 to 0; all ones if it does not exist. */
export const VIRTIO_MMIO_SHM_LEN_LOW = 0x0b0;
/** Length of the selected shared memory region, bits 63 to 32. */
export const VIRTIO_MMIO_SHM_LEN_HIGH = 0x0b4;
/** Address of the selected shared memory region, bits 31 to 0. */
export const VIRTIO_MMIO_SHM_BASE_LOW = 0x0b8;
/** Address of the selected shared memory region, bits 63 to 32. */
export const VIRTIO_MMIO_SHM_BASE_HIGH = 0x0bc;
/** Writing 1 resets the selected queue; needs VIRTIO_F_RING_RESET. Linux has no name for it. */
export const VIRTIO_MMIO_QUEUE_RESET = 0x0c0;
/** Changes whenever the configuration space may have changed between two reads. */
export const VIRTIO_MMIO_CONFIG_GENERATION = 0x0fc;
/** Start of the device's configuration space. */
export const VIRTIO_MMIO_CONFIG = 0x100;

/** What MagicValue reads as: "virt" in little-endian bytes. */
export const VIRTIO_MMIO_MAGIC = 0x74726976;
/** VendorID of QEMU's devices: "QEMU" in little-endian bytes. */
export const VIRTIO_MMIO_VENDOR_QEMU = 0x554d4551;

// InterruptStatus and InterruptACK

/** The device has used a buffer in at least one queue. */
export const VIRTIO_MMIO_INT_VRING = 1 << 0;
/** The device's configuration has changed. */
export const VIRTIO_MMIO_INT_CONFIG = 1 << 1;

/** Version of the register layout: 1 is legacy, 2 is VIRTIO 1.0 and later. */
export type VirtioMmioVersion = 1 | 2;

/** A register of virtio-mmio. */
export interface VirtioMmioRegister extends Register {
  /** The layout versions that have the register. */
  readonly versions: readonly VirtioMmioVersion[];
  /** Whether QueueSel decides which queue the register means. */
  readonly queue?: boolean;
}

const BOTH = [1, 2] as const;
const LEGACY = [1] as const;
const MODERN = [2] as const;

/**
 * All registers in the order of their offsets, each four bytes wide. The last entry stands for the
 * whole configuration space, which also takes accesses of one and two bytes.
 */
export const VIRTIO_MMIO_REGISTERS: readonly VirtioMmioRegister[] = [
  {
    offset: VIRTIO_MMIO_MAGIC_VALUE,
    name: "VIRTIO_MMIO_MAGIC_VALUE",
    specName: "MagicValue",
    direction: "R",
    width: 4,
    versions: BOTH,
  },
  {
    offset: VIRTIO_MMIO_VERSION,
    name: "VIRTIO_MMIO_VERSION",
    specName: "Version",
    direction: "R",
    width: 4,
    versions: BOTH,
  },
  {
    offset: VIRTIO_MMIO_DEVICE_ID,
    name: "VIRTIO_MMIO_DEVICE_ID",
    specName: "DeviceID",
    direction: "R",
    width: 4,
    versions: BOTH,
  },
  {
    offset: VIRTIO_MMIO_VENDOR_ID,
    name: "VIRTIO_MMIO_VENDOR_ID",
    specName: "VendorID",
    direction: "R",
    width: 4,
    versions: BOTH,
  },
  {
    offset: VIRTIO_MMIO_DEVICE_FEATURES,
    name: "VIRTIO_MMIO_DEVICE_FEATURES",
    specName: "DeviceFeatures",
    direction: "R",
    width: 4,
    versions: BOTH,
  },
  {
    offset: VIRTIO_MMIO_DEVICE_FEATURES_SEL,
    name: "VIRTIO_MMIO_DEVICE_FEATURES_SEL",
    specName: "DeviceFeaturesSel",
    direction: "W",
    width: 4,
    versions: BOTH,
  },
  {
    offset: VIRTIO_MMIO_DRIVER_FEATURES,
    name: "VIRTIO_MMIO_DRIVER_FEATURES",
    specName: "DriverFeatures",
    direction: "W",
    width: 4,
    versions: BOTH,
  },
  {
    offset: VIRTIO_MMIO_DRIVER_FEATURES_SEL,
    name: "VIRTIO_MMIO_DRIVER_FEATURES_SEL",
    specName: "DriverFeaturesSel",
    direction: "W",
    width: 4,
    versions: BOTH,
  },
  {
    offset: VIRTIO_MMIO_GUEST_PAGE_SIZE,
    name: "VIRTIO_MMIO_GUEST_PAGE_SIZE",
    specName: "GuestPageSize",
    direction: "W",
    width: 4,
    versions: LEGACY,
  },
  {
    offset: VIRTIO_MMIO_QUEUE_SEL,
    name: "VIRTIO_MMIO_QUEUE_SEL",
    specName: "QueueSel",
    direction: "W",
    width: 4,
    versions: BOTH,
  },
  {
    offset: VIRTIO_MMIO_QUEUE_NUM_MAX,
    name: "VIRTIO_MMIO_QUEUE_NUM_MAX",
    specName: "QueueSizeMax",
    direction: "R",
    width: 4,
    versions: BOTH,
    queue: true,
  },
  {
    offset: VIRTIO_MMIO_QUEUE_NUM,
    name: "VIRTIO_MMIO_QUEUE_NUM",
    specName: "QueueSize",
    direction: "W",
    width: 4,
    versions: BOTH,
    queue: true,
  },
  {
    offset: VIRTIO_MMIO_QUEUE_ALIGN,
    name: "VIRTIO_MMIO_QUEUE_ALIGN",
    specName: "QueueAlign",
    direction: "W",
    width: 4,
    versions: LEGACY,
    queue: true,
  },
  {
    offset: VIRTIO_MMIO_QUEUE_PFN,
    name: "VIRTIO_MMIO_QUEUE_PFN",
    specName: "QueuePFN",
    direction: "RW",
    width: 4,
    versions: LEGACY,
    queue: true,
  },
  {
    offset: VIRTIO_MMIO_QUEUE_READY,
    name: "VIRTIO_MMIO_QUEUE_READY",
    specName: "QueueReady",
    direction: "RW",
    width: 4,
    versions: MODERN,
    queue: true,
  },
  {
    offset: VIRTIO_MMIO_QUEUE_NOTIFY,
    name: "VIRTIO_MMIO_QUEUE_NOTIFY",
    specName: "QueueNotify",
    direction: "W",
    width: 4,
    versions: BOTH,
  },
  {
    offset: VIRTIO_MMIO_INTERRUPT_STATUS,
    name: "VIRTIO_MMIO_INTERRUPT_STATUS",
    specName: "InterruptStatus",
    direction: "R",
    width: 4,
    versions: BOTH,
  },
  {
    offset: VIRTIO_MMIO_INTERRUPT_ACK,
    name: "VIRTIO_MMIO_INTERRUPT_ACK",
    specName: "InterruptACK",
    direction: "W",
    width: 4,
    versions: BOTH,
  },
  {
    offset: VIRTIO_MMIO_STATUS,
    name: "VIRTIO_MMIO_STATUS",
    specName: "Status",
    direction: "RW",
    width: 4,
    versions: BOTH,
  },
  {
    offset: VIRTIO_MMIO_QUEUE_DESC_LOW,
    name: "VIRTIO_MMIO_QUEUE_DESC_LOW",
    specName: "QueueDescLow",
    direction: "W",
    width: 4,
    versions: MODERN,
    queue: true,
  },
  {
    offset: VIRTIO_MMIO_QUEUE_DESC_HIGH,
    name: "VIRTIO_MMIO_QUEUE_DESC_HIGH",
    specName: "QueueDescHigh",
    direction: "W",
    width: 4,
    versions: MODERN,
    queue: true,
  },
  {
    offset: VIRTIO_MMIO_QUEUE_AVAIL_LOW,
    name: "VIRTIO_MMIO_QUEUE_AVAIL_LOW",
    specName: "QueueDriverLow",
    direction: "W",
    width: 4,
    versions: MODERN,
    queue: true,
  },
  {
    offset: VIRTIO_MMIO_QUEUE_AVAIL_HIGH,
    name: "VIRTIO_MMIO_QUEUE_AVAIL_HIGH",
    specName: "QueueDriverHigh",
    direction: "W",
    width: 4,
    versions: MODERN,
    queue: true,
  },
  {
    offset: VIRTIO_MMIO_QUEUE_USED_LOW,
    name: "VIRTIO_MMIO_QUEUE_USED_LOW",
    specName: "QueueDeviceLow",
    direction: "W",
    width: 4,
    versions: MODERN,
    queue: true,
  },
  {
    offset: VIRTIO_MMIO_QUEUE_USED_HIGH,
    name: "VIRTIO_MMIO_QUEUE_USED_HIGH",
    specName: "QueueDeviceHigh",
    direction: "W",
    width: 4,
    versions: MODERN,
    queue: true,
  },
  {
    offset: VIRTIO_MMIO_SHM_SEL,
    name: "VIRTIO_MMIO_SHM_SEL",
    specName: "SHMSel",
    direction: "W",
    width: 4,
    versions: MODERN,
  },
  {
    offset: VIRTIO_MMIO_SHM_LEN_LOW,
    name: "VIRTIO_MMIO_SHM_LEN_LOW",
    specName: "SHMLenLow",
    direction: "R",
    width: 4,
    versions: MODERN,
  },
  {
    offset: VIRTIO_MMIO_SHM_LEN_HIGH,
    name: "VIRTIO_MMIO_SHM_LEN_HIGH",
    specName: "SHMLenHigh",
    direction: "R",
    width: 4,
    versions: MODERN,
  },
  {
    offset: VIRTIO_MMIO_SHM_BASE_LOW,
    name: "VIRTIO_MMIO_SHM_BASE_LOW",
    specName: "SHMBaseLow",
    direction: "R",
    width: 4,
    versions: MODERN,
  },
  {
    offset: VIRTIO_MMIO_SHM_BASE_HIGH,
    name: "VIRTIO_MMIO_SHM_BASE_HIGH",
    specName: "SHMBaseHigh",
    direction: "R",
    width: 4,
    versions: MODERN,
  },
  {
    offset: VIRTIO_MMIO_QUEUE_RESET,
    name: "VIRTIO_MMIO_QUEUE_RESET",
    specName: "QueueReset",
    direction: "RW",
    width: 4,
    versions: MODERN,
    queue: true,
  },
  {
    offset: VIRTIO_MMIO_CONFIG_GENERATION,
    name: "VIRTIO_MMIO_CONFIG_GENERATION",
    specName: "ConfigGeneration",
    direction: "R",
    width: 4,
    versions: MODERN,
  },
  {
    offset: VIRTIO_MMIO_CONFIG,
    name: "VIRTIO_MMIO_CONFIG",
    specName: "Config",
    direction: "RW",
    width: 4,
    versions: BOTH,
  },
];
Object.freeze(VIRTIO_MMIO_REGISTERS);

const BY_VERSION: Record<VirtioMmioVersion, readonly (VirtioMmioRegister | undefined)[]> = {
  1: indexRegisters(1),
  2: indexRegisters(2),
};

function indexRegisters(version: VirtioMmioVersion): (VirtioMmioRegister | undefined)[] {
  const index = new Array<VirtioMmioRegister | undefined>((VIRTIO_MMIO_CONFIG >> 2) + 1).fill(
    undefined,
  );
  for (const register of VIRTIO_MMIO_REGISTERS) {
    if (register.versions.includes(version)) index[register.offset >> 2] = register;
  }
  return index;
}

/**
 * Returns the register at `offset` in the given layout version, or `undefined` where there is none,
 * also for an offset inside a register. Every offset from 0x100 on is the configuration space.
 */
export function findVirtioMmioRegister(
  offset: number,
  version: VirtioMmioVersion,
): VirtioMmioRegister | undefined {
  if (offset >= VIRTIO_MMIO_CONFIG) return BY_VERSION[version][VIRTIO_MMIO_CONFIG >> 2];
  return (offset & 3) === 0 ? BY_VERSION[version][offset >> 2] : undefined;
}
