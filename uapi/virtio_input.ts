/**
 * The input device: configuration queries and events.
 *
 * The driver writes `select` and `subsel` and reads how many bytes of answer there are from `size`
 * and the answer from the 128 bytes behind. Queue 0 carries events to the driver, queue 1 carries
 * status (such as LEDs) to the device. There are no feature bits.
 *
 * Linux: include/uapi/linux/virtio_input.h. VIRTIO 1.4, 5.8.
 *
 * @module
 */
import type { ConfigField } from "./register.ts";

// Values of `select`

/** Nothing is selected; `size` is 0. */
export const VIRTIO_INPUT_CFG_UNSET = 0x00;
/** Name of the device, a string without a zero byte at its end. */
export const VIRTIO_INPUT_CFG_ID_NAME = 0x01;
/** Serial number of the device, a string without a zero byte at its end. */
export const VIRTIO_INPUT_CFG_ID_SERIAL = 0x02;
/** Ids of the device, a {@linkcode VirtioInputDevids}. */
export const VIRTIO_INPUT_CFG_ID_DEVIDS = 0x03;
/** Properties, a bitmap of `INPUT_PROP_*`. */
export const VIRTIO_INPUT_CFG_PROP_BITS = 0x10;
/** Event codes of the type in `subsel`, a bitmap; empty if there is no event of the type. */
export const VIRTIO_INPUT_CFG_EV_BITS = 0x11;
/** Range of the axis in `subsel`, a {@linkcode VirtioInputAbsinfo}. */
export const VIRTIO_INPUT_CFG_ABS_INFO = 0x12;

// Configuration space: offsets of the fields in bytes

/** What is asked for, 8 bits. */
export const VIRTIO_INPUT_CONFIG_SELECT = 0;
/** What is asked for in particular, 8 bits. */
export const VIRTIO_INPUT_CONFIG_SUBSEL = 1;
/** Number of bytes of the answer; 0 if there is none, 8 bits. */
export const VIRTIO_INPUT_CONFIG_SIZE_FIELD = 2;
/** The answer. */
export const VIRTIO_INPUT_CONFIG_U = 8;
/** Most bytes of an answer. */
export const VIRTIO_INPUT_CONFIG_U_SIZE = 128;
/** Size of the configuration in bytes. */
export const VIRTIO_INPUT_CONFIG_SIZE = 136;

/** The fields of the configuration space, without padding. */
export const VIRTIO_INPUT_CONFIG: readonly ConfigField[] = [
  { offset: VIRTIO_INPUT_CONFIG_SELECT, width: 1, name: "select", access: "RW" },
  { offset: VIRTIO_INPUT_CONFIG_SUBSEL, width: 1, name: "subsel", access: "RW" },
  { offset: VIRTIO_INPUT_CONFIG_SIZE_FIELD, width: 1, name: "size", access: "R" },
  { offset: VIRTIO_INPUT_CONFIG_U, width: 1, name: "u", access: "R", count: 128 },
];
Object.freeze(VIRTIO_INPUT_CONFIG);

/** Size of a {@linkcode VirtioInputAbsinfo} in bytes. */
export const VIRTIO_INPUT_ABSINFO_SIZE = 20;

/**
 * Range of an absolute axis. The wire's 32-bit fields are signed numbers to an input device.
 * Linux: struct virtio_input_absinfo.
 */
export interface VirtioInputAbsinfo {
  /** Least value. */
  readonly min: number;
  /** Greatest value. */
  readonly max: number;
  /** Changes up to this one are noise. */
  readonly fuzz: number;
  /** Values up to this one count as the centre. */
  readonly flat: number;
  /** Resolution in units for a millimetre, or for a radian. */
  readonly res: number;
}

/** Reads the range of an axis. */
export function decodeVirtioInputAbsinfo(view: DataView, offset: number): VirtioInputAbsinfo {
  return {
    min: view.getInt32(offset, true),
    max: view.getInt32(offset + 4, true),
    fuzz: view.getInt32(offset + 8, true),
    flat: view.getInt32(offset + 12, true),
    res: view.getInt32(offset + 16, true),
  };
}

/** Writes the range of an axis. */
export function encodeVirtioInputAbsinfo(
  view: DataView,
  offset: number,
  absinfo: VirtioInputAbsinfo,
): void {
  view.setInt32(offset, absinfo.min, true);
  view.setInt32(offset + 4, absinfo.max, true);
  view.setInt32(offset + 8, absinfo.fuzz, true);
  view.setInt32(offset + 12, absinfo.flat, true);
  view.setInt32(offset + 16, absinfo.res, true);
}

/** Size of a {@linkcode VirtioInputDevids} in bytes. */
export const VIRTIO_INPUT_DEVIDS_SIZE = 8;

/** Ids of an input device. Linux: struct virtio_input_devids. */
export interface VirtioInputDevids {
  /** A `BUS_*` number. */
  readonly bustype: number;
  /** Vendor. */
  readonly vendor: number;
  /** Product. */
  readonly product: number;
  /** Version. */
  readonly version: number;
}

/** Reads the ids of a device. */
export function decodeVirtioInputDevids(view: DataView, offset: number): VirtioInputDevids {
  return {
    bustype: view.getUint16(offset, true),
    vendor: view.getUint16(offset + 2, true),
    product: view.getUint16(offset + 4, true),
    version: view.getUint16(offset + 6, true),
  };
}

/** Writes the ids of a device. */
export function encodeVirtioInputDevids(
  view: DataView,
  offset: number,
  devids: VirtioInputDevids,
): void {
  view.setUint16(offset, devids.bustype, true);
  view.setUint16(offset + 2, devids.vendor, true);
  view.setUint16(offset + 4, devids.product, true);
  view.setUint16(offset + 6, devids.version, true);
}

/** Size of a {@linkcode VirtioInputEvent} in bytes. */
export const VIRTIO_INPUT_EVENT_SIZE = 8;

/** An event, to the driver or to the device. Linux: struct virtio_input_event. */
export interface VirtioInputEvent {
  /** An `EV_*` number. */
  readonly type: number;
  /** A code of that type: `KEY_*`, `REL_*`, ... */
  readonly code: number;
  /** Value, signed: key state, position, or movement, which may be negative. */
  readonly value: number;
}

/** Reads an event. */
export function decodeVirtioInputEvent(view: DataView, offset: number): VirtioInputEvent {
  return {
    type: view.getUint16(offset, true),
    code: view.getUint16(offset + 2, true),
    value: view.getInt32(offset + 4, true),
  };
}

/** Writes an event. */
export function encodeVirtioInputEvent(
  view: DataView,
  offset: number,
  event: VirtioInputEvent,
): void {
  view.setUint16(offset, event.type, true);
  view.setUint16(offset + 2, event.code, true);
  view.setInt32(offset + 4, event.value, true);
}
