/**
 * `-drive` and `-blockdev` in terms of {@linkcode DriveOptions}.
 *
 * @module
 */
import type { DriveOptions } from "./blockdev.ts";
import {
  forOption,
  OptionError,
  type OptionGroup,
  parseBool,
  parseSize,
  requireValue,
} from "./option_list.ts";

const FORMATS = ["raw", "null-co"];
const CACHES = ["none", "writeback", "writethrough", "directsync", "unsafe"];
const DISCARDS = ["ignore", "off", "unmap", "on"];

const DRIVE_KEYS = [
  "if",
  "index",
  "media",
  "id",
  "node-name",
  "file",
  "file.filename",
  "file.driver",
  "file.locking",
  "format",
  "driver",
  "size",
  "offset",
  "read-zeroes",
  "latency-ns",
  "readonly",
  "read-only",
  "snapshot",
  "cache",
  "cache.direct",
  "cache.no-flush",
  "aio",
  "discard",
  "detect-zeroes",
  "copy-on-read",
  "werror",
  "rerror",
  "locking",
];

/**
 * Returns the options of a `-drive`. One without `file` is a drive without a medium.
 *
 * @param index Number of the drive, from which it gets a name if it has none.
 */
export function driveOptions(group: OptionGroup, index: number): DriveOptions {
  const { values } = group;
  checkInterface(values.get("if"));
  const cache = oneOf(values.get("cache"), CACHES, "invalid cache option");
  const discard = oneOf(values.get("discard"), DISCARDS, "Invalid discard option");
  const file = values.get("file") ?? values.get("file.filename");
  const nullFile = file !== undefined && file.startsWith("null-co://");
  const format = nullFile ? "null-co" : values.get("format") ?? values.get("driver") ?? "raw";
  if (!FORMATS.includes(format)) {
    throw new OptionError(`Unknown driver '${format}'; known: ${FORMATS.join(", ")}`);
  }
  for (const key of values.keys()) {
    if (DRIVE_KEYS.includes(key)) continue;
    throw new OptionError(
      `Block format '${format}' does not support the option '${key}'; known: ${
        DRIVE_KEYS.join(", ")
      }`,
    );
  }
  const id = values.get("id") ?? values.get("node-name") ?? `none${index}`;
  return {
    id,
    format,
    readonly: parseBool("readonly", values.get("readonly") ?? values.get("read-only") ?? "off"),
    ...(file === undefined || nullFile ? {} : { file }),
    ...(cache === undefined ? {} : { cache }),
    ...(discard === undefined ? {} : { discard }),
    ...sizeOption(values),
  };
}

/** The other interfaces of QEMU make a device by themselves, of a kind that the machine lacks. */
function checkInterface(value: string | undefined): undefined {
  if (value === "none") return;
  if (value === undefined || value === "virtio" || value === "pflash") {
    throw new OptionError(
      `if=${value ?? "virtio"} makes a device that this machine does not have; ` +
        "use if=none,id=ID and -device virtio-blk-device,drive=ID",
    );
  }
  throw new OptionError(`unsupported bus type '${value}'; known: none`);
}

function oneOf(
  value: string | undefined,
  known: readonly string[],
  message: string,
): string | undefined {
  if (value === undefined || known.includes(value)) return value;
  throw new OptionError(`${message} '${value}'; known: ${known.join(", ")}`);
}

function sizeOption(values: ReadonlyMap<string, string>): { size?: number } {
  const size = values.get("size");
  return size === undefined ? {} : { size: parseSize("size", size) };
}

const BLOCKDEV_KEYS: Readonly<Record<string, readonly string[]>> = {
  "file": ["filename", "locking", "aio"],
  "raw": ["file", "file.driver", "file.filename", "size", "offset"],
  "null-co": ["size", "read-zeroes", "latency-ns"],
};
const BLOCKDEV_COMMON = [
  "driver",
  "node-name",
  "read-only",
  "discard",
  "cache.direct",
  "cache.no-flush",
  "auto-read-only",
  "detect-zeroes",
];

/** Returns the drives that all `-blockdev` make: the nodes that no other node is made of. */
export function blockdevOptions(groups: readonly OptionGroup[]): DriveOptions[] {
  const nodes = new Map<string, DriveOptions>();
  for (const group of groups) {
    forOption(group, () => {
      const node = blockdevNode(group, nodes);
      if (nodes.has(node.id)) throw new OptionError(`Duplicate nodes with node-name='${node.id}'`);
      nodes.set(node.id, node);
    });
  }
  return [...nodes.values()];
}

function blockdevNode(group: OptionGroup, nodes: Map<string, DriveOptions>): DriveOptions {
  const { values } = group;
  const driver = requireValue(group, "driver");
  if (!Object.hasOwn(BLOCKDEV_KEYS, driver)) {
    const known = Object.keys(BLOCKDEV_KEYS).join(", ");
    throw new OptionError(`Parameter 'driver' does not accept value '${driver}'; known: ${known}`);
  }
  const known = [...BLOCKDEV_COMMON, ...BLOCKDEV_KEYS[driver]];
  for (const key of values.keys()) {
    if (known.includes(key)) continue;
    throw new OptionError(`Parameter '${key}' is unexpected; known: ${known.join(", ")}`);
  }
  const file = driver === "null-co" ? undefined : blockdevFile(group, driver, nodes);
  const id = values.get("node-name");
  if (id === undefined) {
    throw new OptionError("'node-name' must be specified for the root node");
  }
  const discard = oneOf(values.get("discard"), DISCARDS, "Invalid discard option");
  return {
    id,
    format: driver === "null-co" ? "null-co" : "raw",
    readonly: parseBool("read-only", values.get("read-only") ?? "off"),
    ...(file === undefined ? {} : { file }),
    ...(discard === undefined ? {} : { discard }),
    ...sizeOption(values),
  };
}

/** The file of a node: its own, or that of the node below, which is then no drive by itself. */
function blockdevFile(
  group: OptionGroup,
  driver: string,
  nodes: Map<string, DriveOptions>,
): string {
  if (driver === "file") return requireValue(group, "filename");
  const inline = group.values.get("file.filename");
  if (inline !== undefined) return inline;
  const below = requireValue(group, "file");
  const node = nodes.get(below);
  if (node?.file === undefined) {
    const known = [...nodes.keys()].join(", ") || "none";
    throw new OptionError(`Cannot find device='' nor node-name='${below}'; known: ${known}`);
  }
  nodes.delete(below);
  return node.file;
}
