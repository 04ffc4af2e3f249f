/**
 * Properties of devices: what `-device NAME,help` lists, as tables.
 *
 * @module
 */
import {
  OptionError,
  type OptionGroup,
  parseBool,
  parseInteger,
  parseSize,
} from "./option_list.ts";

/** Type of a property. */
export type PropertyType =
  | "bool"
  | "uint16"
  | "uint32"
  | "uint64"
  | "int32"
  | "size"
  | "blocksize"
  | "str"
  | "mac"
  | "OnOffAuto"
  | "BlockdevOnError";

/** Properties of a kind of device by QEMU's name. */
export type PropertyTable = Readonly<Record<string, PropertyType>>;

/** Values of properties by QEMU's name in camel case; those that were not given are absent. */
export type PropertyValues = Record<string, string | number | boolean>;

/** A default from `-global DRIVER.PROPERTY=VALUE`. */
export interface GlobalProperty {
  /** The option, for messages. */
  readonly group: OptionGroup;
  /** Name of the device. */
  readonly driver: string;
  /** Name of the property. */
  readonly property: string;
  /** The value. */
  readonly value: string;
}

/** Keys of `-device` that are not properties of the device. */
const DEVICE_KEYS = new Set(["driver", "id", "bus"]);

/**
 * Returns the values that an option and the globals give to a device's properties.
 *
 * @param driver Name of the device, for messages.
 * @throws {OptionError} When a property is not in the table or has an impossible value.
 */
export function parseProperties(
  driver: string,
  table: PropertyTable,
  group: OptionGroup,
  globals: readonly GlobalProperty[],
): PropertyValues {
  const values: PropertyValues = {};
  for (const global of globals) {
    if (global.driver === driver || global.driver === "virtio-device") {
      applyGlobal(values, driver, table, global);
    }
  }
  for (const [key, value] of group.values) {
    if (!DEVICE_KEYS.has(key)) setProperty(values, driver, table, key, value);
  }
  return values;
}

function applyGlobal(
  values: PropertyValues,
  driver: string,
  table: PropertyTable,
  { property, value, driver: target }: GlobalProperty,
): undefined {
  if (target !== driver && table[property] === undefined) return;
  try {
    setProperty(values, driver, table, property, value);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new OptionError(`can't apply global ${target}.${property}=${value}: ${reason}`, {
      cause,
    });
  }
}

function setProperty(
  values: PropertyValues,
  driver: string,
  table: PropertyTable,
  key: string,
  value: string,
): undefined {
  const type = Object.hasOwn(table, key) ? table[key] : undefined;
  if (type === undefined) {
    const known = Object.keys(table).sort().join(", ");
    throw new OptionError(`Property '${driver}.${key}' not found; known: ${known}`);
  }
  values[camelCase(key)] = parseProperty(driver, key, type, value);
}

/** Parses one value. */
function parseProperty(
  driver: string,
  key: string,
  type: PropertyType,
  value: string,
): string | number | boolean {
  switch (type) {
    case "bool":
      return parseBool(key, value);
    case "uint16":
    case "uint32":
    case "uint64":
    case "int32":
      return parseInteger(key, value, `${type}_t`);
    case "size":
      return parseSize(key, value);
    case "blocksize":
      return parseBlockSize(key, value);
    case "mac":
      return parseMac(driver, key, value);
    case "OnOffAuto":
      return parseChoice(key, value, ["auto", "on", "off"]);
    case "BlockdevOnError":
      return parseChoice(key, value, ["report", "ignore", "enospc", "stop", "auto"]);
    case "str":
      return value;
  }
}

function parseBlockSize(key: string, value: string): number {
  const size = parseSize(key, value);
  if (size !== 0 && (size < 512 || size > 2 ** 21)) {
    throw new OptionError(
      `Property .${key} doesn't take value ${size} (minimum: 512, maximum: 2097152)`,
    );
  }
  if ((size & (size - 1)) !== 0) {
    throw new OptionError(`Property .${key} doesn't take value '${size}', it's not a power of 2`);
  }
  return size;
}

function parseMac(driver: string, key: string, value: string): string {
  if (/^[0-9a-fA-F]{2}([:-][0-9a-fA-F]{2}){5}$/.test(value)) return value.replaceAll("-", ":");
  throw new OptionError(`Property '${driver}.${key}' doesn't take value '${value}'`);
}

function parseChoice(key: string, value: string, known: readonly string[]): string {
  if (known.includes(value)) return value;
  throw new OptionError(
    `Parameter '${key}' does not accept value '${value}'; known: ${known.join(", ")}`,
  );
}

/** Turns `queue-size` and `rx_queue_size` into `queueSize` and `rxQueueSize`. */
export function camelCase(name: string): string {
  return name.replace(/[-_]([a-z])/g, (_, letter: string) => letter.toUpperCase());
}
