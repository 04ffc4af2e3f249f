/**
 * Typed reading of properties. Each function returns the value or throws a `KernelError` with the code
 * that Linux returns: EINVAL for an absent property, ENODATA or EOVERFLOW for one that is too short,
 * EILSEQ for a string without NUL.
 *
 * @module
 */
import { KernelError } from "../errors.ts";
import { latin1, ofReadNumber, readBe32 } from "./bytes.ts";
import type { DeviceNode } from "./node.ts";

/** The 32-bit cell `index` of a property, or `undefined` if there is none. For paths that expect absence. */
export function cellOf(np: DeviceNode, name: string, index = 0): number | undefined {
  const value = np.properties.get(name)?.value;
  return value === undefined || value.length < 4 * index + 4
    ? undefined
    : readBe32(value, 4 * index);
}

/** Whether the property exists, whatever its value. Linux: of_property_present(), of_property_read_bool() */
export function ofPropertyReadBool(np: DeviceNode, name: string): boolean {
  return np.properties.has(name);
}

/** The value, which has at least `size` bytes. Linux: of_find_property_value_of_size() */
function valueOfSize(np: DeviceNode, name: string, size: number, sizeMax = Infinity): Uint8Array {
  const value = valueOf(np, name);
  if (value.length < size || value.length > sizeMax) {
    const wanted = sizeMax === Infinity ? `at least ${size}` : `${size} to ${sizeMax}`;
    throw new KernelError(
      "EOVERFLOW",
      `${np.path}: property ${name} has ${value.length} bytes, expected ${wanted}`,
    );
  }
  return value;
}

function valueOf(np: DeviceNode, name: string): Uint8Array {
  const value = np.get(name);
  if (value === undefined) throw new KernelError("EINVAL", `${np.path}: no property ${name}`);
  return value;
}

/** The element `index` of 4 bytes. Linux: of_property_read_u32_index() */
export function ofPropertyReadU32Index(np: DeviceNode, name: string, index: number): number {
  return readBe32(valueOfSize(np, name, 4 * (index + 1)), 4 * index);
}

/** The element `index` of 8 bytes. Linux: of_property_read_u64_index() */
export function ofPropertyReadU64Index(np: DeviceNode, name: string, index: number): bigint {
  return ofReadNumber(valueOfSize(np, name, 8 * (index + 1)), 8 * index, 2);
}

/** The first byte. Linux: of_property_read_u8() */
export function ofPropertyReadU8(np: DeviceNode, name: string): number {
  return valueOfSize(np, name, 1)[0];
}

/** The first two bytes as a number. Linux: of_property_read_u16() */
export function ofPropertyReadU16(np: DeviceNode, name: string): number {
  const value = valueOfSize(np, name, 2);
  return value[0] << 8 | value[1];
}

/** The first cell. Linux: of_property_read_u32() */
export function ofPropertyReadU32(np: DeviceNode, name: string): number {
  return ofPropertyReadU32Index(np, name, 0);
}

/** The first two cells as one number. Linux: of_property_read_u64() */
export function ofPropertyReadU64(np: DeviceNode, name: string): bigint {
  return ofPropertyReadU64Index(np, name, 0);
}

/** How many elements an array may have. */
export interface ArrayLimits {
  /** Fewest elements. */
  min: number;
  /** Most elements; absent means that exactly `min` are read, however many there are. */
  max?: number;
}

/** The elements of `size` bytes as numbers. Linux: of_property_read_variable_u{8,16,32}_array() */
export function ofPropertyReadVariableArray(
  np: DeviceNode,
  name: string,
  size: 1 | 2 | 4,
  { min, max }: ArrayLimits,
): number[] {
  const value = valueOfSize(np, name, min * size, max === undefined ? Infinity : max * size);
  const count = max === undefined ? min : Math.floor(value.length / size);
  return Array.from({ length: count }, (_, index) => {
    return Number(wordAt(value, index * size, size));
  });
}

/** The elements of 8 bytes. Linux: of_property_read_variable_u64_array() */
export function ofPropertyReadVariableU64Array(
  np: DeviceNode,
  name: string,
  { min, max }: ArrayLimits,
): bigint[] {
  const value = valueOfSize(np, name, min * 8, max === undefined ? Infinity : max * 8);
  const count = max === undefined ? min : Math.floor(value.length / 8);
  return Array.from({ length: count }, (_, index) => ofReadNumber(value, index * 8, 2));
}

function wordAt(value: Uint8Array, at: number, size: 1 | 2 | 4): number {
  if (size === 4) return readBe32(value, at);
  return size === 2 ? value[at] << 8 | value[at + 1] : value[at];
}

/** Number of elements of `size` bytes; EINVAL also for a remainder. Linux: of_property_count_elems_of_size() */
export function ofPropertyCountElemsOfSize(np: DeviceNode, name: string, size: number): number {
  const { length } = valueOf(np, name);
  if (length % size === 0) return length / size;
  throw new KernelError("EINVAL", `${np.path}: size of ${name} is not a multiple of ${size}`);
}

/** The first string. Linux: of_property_read_string() */
export function ofPropertyReadString(np: DeviceNode, name: string): string {
  const value = valueOf(np, name);
  if (value.length === 0) throw new KernelError("ENODATA", `${np.path}: property ${name} is empty`);
  const end = value.indexOf(0);
  if (end < 0) throw unterminated(np, name);
  return latin1(value, 0, end);
}

/** All strings. Linux: of_property_read_string_array() */
export function ofPropertyReadStrings(np: DeviceNode, name: string): string[] {
  const value = valueOf(np, name);
  const strings: string[] = [];
  let start = 0;
  while (start < value.length) {
    const end = value.indexOf(0, start);
    if (end < 0) throw unterminated(np, name);
    strings.push(latin1(value, start, end));
    start = end + 1;
  }
  return strings;
}

/** The string `index`; ENODATA past the last one. Linux: of_property_read_string_index() */
export function ofPropertyReadStringIndex(np: DeviceNode, name: string, index: number): string {
  const text = stringAt(np, name, index);
  if (text === undefined) {
    throw new KernelError("ENODATA", `${np.path}: property ${name} has no string ${index}`);
  }
  return text;
}

/** Strings behind `index` are not looked at, so that they may be malformed. */
function stringAt(np: DeviceNode, name: string, index: number): string | undefined {
  const value = valueOf(np, name);
  let start = 0;
  for (let at = 0; start < value.length; at++) {
    const end = value.indexOf(0, start);
    if (end < 0) throw unterminated(np, name);
    if (at === index) return latin1(value, start, end);
    start = end + 1;
  }
  return undefined;
}

/** Number of strings; ENODATA if there is none. Linux: of_property_count_strings() */
export function ofPropertyCountStrings(np: DeviceNode, name: string): number {
  const { length } = ofPropertyReadStrings(np, name);
  if (length > 0) return length;
  throw new KernelError("ENODATA", `${np.path}: property ${name} has no string`);
}

/** Index of the string that equals `text`; ENODATA if none does. Linux: of_property_match_string() */
export function ofPropertyMatchString(np: DeviceNode, name: string, text: string): number {
  const value = valueOf(np, name);
  let start = 0;
  for (let index = 0; start < value.length; index++) {
    const end = value.indexOf(0, start);
    if (end < 0) throw unterminated(np, name);
    if (latin1(value, start, end) === text) return index;
    start = end + 1;
  }
  throw new KernelError("ENODATA", `${np.path}: property ${name} has no string ${text}`);
}

function unterminated(np: DeviceNode, name: string): KernelError {
  return new KernelError("EILSEQ", `${np.path}: a string of property ${name} is not terminated`);
}
