/**
 * QEMU's option syntax: lists of `key=value`, and the values in them.
 *
 * QEMU: util/qemu-option.c, util/cutils.c.
 *
 * @module
 */

/** A command line that the machine cannot be made from; one line that names the option. */
export class OptionError extends Error {
  /** The name that error messages begin with. */
  override readonly name = "OptionError";
}

/** One option of the command line with its list. */
export interface OptionGroup {
  /** The option as it was given, for messages: `-device virtio-blk-device,drive=d0`. */
  readonly text: string;
  /** Its keys and values, in order; of equal keys the last counts. */
  readonly values: ReadonlyMap<string, string>;
}

/**
 * Parses `first,key=value,flag,key=a,,b`: a comma in a value is written twice, a key without a value
 * is `on`, or `off` when it starts with `no`.
 *
 * @param impliedKey Key of a first part without `=`; absent when the first part is like the others.
 */
export function parseOptionList(text: string, impliedKey?: string): Map<string, string> {
  if (text.startsWith("{")) return parseJsonOptions(text);
  const values = new Map<string, string>();
  for (const [index, part] of splitParts(text).entries()) {
    const equals = part.indexOf("=");
    if (equals >= 0) values.set(part.slice(0, equals), part.slice(equals + 1));
    else if (index === 0 && impliedKey !== undefined) values.set(impliedKey, part);
    else if (part.startsWith("no")) values.set(part.slice(2), "off");
    else if (part !== "") values.set(part, "on");
  }
  return values;
}

/** Splits at single commas; double commas become one. */
function splitParts(text: string): string[] {
  if (!text.includes(",,")) return text.split(",");
  const parts = [""];
  for (let i = 0; i < text.length; i++) {
    if (text[i] !== ",") parts[parts.length - 1] += text[i];
    else if (text[i + 1] === ",") parts[parts.length - 1] += text[i++];
    else parts.push("");
  }
  return parts;
}

/** The JSON form that `-device`, `-netdev` and `-blockdev` also take. */
function parseJsonOptions(text: string): Map<string, string> {
  const values = new Map<string, string>();
  const add = (prefix: string, value: unknown): undefined => {
    if (typeof value === "object" && value !== null) {
      for (const [key, inner] of Object.entries(value)) {
        add(prefix === "" ? key : `${prefix}.${key}`, inner);
      }
    } else {
      values.set(prefix, typeof value === "boolean" ? (value ? "on" : "off") : String(value));
    }
  };
  try {
    add("", JSON.parse(text));
  } catch (cause) {
    throw new OptionError("JSON parse error", { cause });
  }
  return values;
}

/** Parses `on`, `off` and their other spellings. */
export function parseBool(key: string, value: string): boolean {
  if (value === "on" || value === "yes" || value === "true" || value === "y") return true;
  if (value === "off" || value === "no" || value === "false" || value === "n") return false;
  throw new OptionError(`Parameter '${key}' expects 'on' or 'off'`);
}

/** Parses an integer of `bits` bits, decimal or with `0x`; `type` is its name for messages. */
export function parseInteger(key: string, value: string, type: string): number {
  if (!/^[+-]?(0[xX][0-9a-fA-F]+|[0-9]+)$/.test(value)) {
    throw new OptionError(`Parameter '${key}' expects integer`);
  }
  const number = value.startsWith("-") ? -Number(value.slice(1)) : Number(value);
  const [min, max] = INTEGER_RANGES[type];
  if (number < min || number > max) throw new OptionError(`Parameter '${key}' expects ${type}`);
  return number;
}

const INTEGER_RANGES: Readonly<Record<string, readonly [number, number]>> = {
  uint16_t: [0, 0xffff],
  uint32_t: [0, 0xffff_ffff],
  uint64_t: [0, 2 ** 64],
  int32_t: [-0x8000_0000, 0x7fff_ffff],
};

const SUFFIXES = "BKMGTPE";

/** Parses a size such as `512`, `64k` or `1.5G` into bytes; `unit` is what a plain number counts. */
export function parseSize(key: string, value: string, unit = 1): number {
  const match = /^(0[xX][0-9a-fA-F]+|[0-9]+(?:\.[0-9]+)?)([bBkKmMgGtTpPeE]?)$/.exec(value);
  if (match === null) {
    throw new OptionError(
      `Parameter '${key}' expects a non-negative number below 2^64, optionally with k, M, G, T, P or E`,
    );
  }
  const scale = match[2] === "" ? unit : 1024 ** SUFFIXES.indexOf(match[2].toUpperCase());
  return Math.floor(Number(match[1]) * scale);
}

/** Checks the name of a device or backend. */
export function checkId(id: string): undefined {
  if (/^[A-Za-z][A-Za-z0-9._-]*$/.test(id)) return;
  throw new OptionError(
    "Parameter 'id' expects an identifier: letters, digits, '-', '.', '_', starting with a letter",
  );
}

/** Runs `body` for an option; what it throws gets the option's text in front, once. */
export function forOption<T>(group: OptionGroup, body: () => T): T {
  try {
    return body();
  } catch (cause) {
    const message = cause instanceof Error ? cause.message : String(cause);
    throw new OptionError(`${group.text}: ${message}`, { cause });
  }
}

/** Refuses keys that are not in `known`. */
export function checkKeys(group: OptionGroup, known: readonly string[]): undefined {
  for (const key of group.values.keys()) {
    if (known.includes(key)) continue;
    throw new OptionError(`Invalid parameter '${key}'; known: ${known.join(", ")}`);
  }
}

/** Returns the value of a key that must be there. */
export function requireValue(group: OptionGroup, key: string): string {
  const value = group.values.get(key);
  if (value === undefined) throw new OptionError(`Parameter '${key}' is missing`);
  return value;
}
