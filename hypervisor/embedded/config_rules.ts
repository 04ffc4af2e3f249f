/**
 * How a driver may access the configuration space of a device, from the field tables in `uapi/`.
 *
 * VIRTIO 1.4, 2.5.1 and 4.2.2.2.
 *
 * @module
 */
import { type ConfigField, findConfigField } from "../../uapi/register.ts";
import { VIRTIO_BLK_CONFIG } from "../../uapi/virtio_blk.ts";
import { VIRTIO_CONSOLE_CONFIG } from "../../uapi/virtio_console.ts";
import {
  VIRTIO_ID_BLOCK,
  VIRTIO_ID_CONSOLE,
  VIRTIO_ID_INPUT,
  VIRTIO_ID_NET,
} from "../../uapi/virtio_ids.ts";
import { VIRTIO_INPUT_CONFIG, VIRTIO_INPUT_CONFIG_U } from "../../uapi/virtio_input.ts";
import { VIRTIO_NET_CONFIG } from "../../uapi/virtio_net.ts";
import type { AccessWidth } from "../platform.ts";
import type { DeviceModel } from "./device.ts";

const FIELDS: Readonly<Record<number, readonly (ConfigField | undefined)[]>> = {
  [VIRTIO_ID_NET]: byOffset(VIRTIO_NET_CONFIG),
  [VIRTIO_ID_BLOCK]: byOffset(VIRTIO_BLK_CONFIG),
  [VIRTIO_ID_CONSOLE]: byOffset(VIRTIO_CONSOLE_CONFIG),
  [VIRTIO_ID_INPUT]: byOffset(VIRTIO_INPUT_CONFIG),
};

/** What the check looks at and where it reports. */
export interface ConfigOwner {
  /** The device. */
  readonly model: DeviceModel;
  /** Features as the driver sees them. */
  readonly deviceFeatures: bigint;
  /** Records a rule that the driver broke. */
  violation(clause: string, message: string): undefined;
}

/** Records what is wrong with an access of `width` bytes at `offset` of the configuration space. */
export function checkConfigAccess(
  owner: ConfigOwner,
  offset: number,
  width: AccessWidth,
  write: boolean,
): undefined {
  const verb = write ? "write" : "read";
  const where = `${verb} of ${width} bytes at 0x${offset.toString(16)} of Config`;
  if (offset + width > owner.model.configSize) {
    const { configSize } = owner.model;
    owner.violation(REGISTERS, `${where}, which has ${configSize} bytes`);
    return;
  }
  const { deviceId, configFields } = owner.model;
  const field = configFields === undefined
    ? FIELDS[deviceId]?.[offset]
    : findConfigField(configFields, offset);
  if (field === undefined) return;
  if (!fitsField(owner.model.deviceId, field, offset, width)) {
    owner.violation(REGISTERS, `${where}, ${field.name} takes ${elementWidth(field)}`);
  } else if (write && field.access === "R") {
    owner.violation(REGISTERS, `${where}, ${field.name} is read-only`);
  } else if (!isOffered(field, owner.deviceFeatures)) {
    owner.violation(FEATURE, `${where}, feature ${field.feature} of ${field.name} is not offered`);
  }
}

const REGISTERS = "VIRTIO 1.4, 4.2.2.2";
const FEATURE = "VIRTIO 1.4, 2.5.1";

function fitsField(id: number, field: ConfigField, offset: number, width: number): boolean {
  const distance = offset - field.offset;
  // The answer of an input device is a union of bytes, 16-bit and 32-bit numbers.
  if (id === VIRTIO_ID_INPUT && field.offset === VIRTIO_INPUT_CONFIG_U) {
    return distance % width === 0;
  }
  const expected = elementWidth(field);
  return width === expected && distance % expected === 0;
}

/** Width in which an element is accessed: 64-bit numbers in two halves. */
function elementWidth(field: ConfigField): number {
  return Math.min(field.width, 4);
}

function isOffered(field: ConfigField, features: bigint): boolean {
  return field.feature === undefined || (features >> BigInt(field.feature) & 1n) === 1n;
}

/** Returns the field that holds each byte of the space. */
function byOffset(fields: readonly ConfigField[]): readonly (ConfigField | undefined)[] {
  const bytes: (ConfigField | undefined)[] = [];
  for (const field of fields) {
    const end = field.offset + field.width * (field.count ?? 1);
    for (let at = field.offset; at < end; at++) bytes[at] = field;
  }
  return bytes;
}
