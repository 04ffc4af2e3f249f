/**
 * Typed reading of properties. Each function returns the value or throws a `KernelError` with the code
 * that Linux returns: EINVAL for an absent property, ENODATA or EOVERFLOW for one that is too short,
 * EILSEQ for a string without NUL. A property without a value counts as one of no bytes, as in a tree
 * that came from a blob.
 *
 * @module
 */
import { KernelError } from "../errors.ts";
import { latin1, ofReadNumber, readBe32 } from "./bytes.ts";
import { type DeviceNode, ofPrErr } from "./node.ts";

/** The 32-bit cell `index` of a property, or `undefined` if there is none. For paths that expect absence. */
export function cellOf(np: DeviceNode, name: string, index = 0): number | undefined {
  const value = np.properties.get(name)?.value;
  return value === undefined || value.length < 4 * index + 4
    ? undefined
    : readBe32(value, 4 * index);
}

/** Whether the property exists, whatever its value. Linux: of_property_present() */
export function ofPropertyPresent(np: DeviceNode, name: string): boolean {
  return np.property(name) !== undefined;
}

/** Whether a flag is set: the property exists, whatever its value. Linux: of_property_read_bool() */
export function ofPropertyReadBool(np: DeviceNode, name: string): boolean {
  return ofPropertyPresent(np, name);
}

function valueOf(np: DeviceNode, name: string): Uint8Array {
  const value = np.get(name);
  if (value === undefined) throw new KernelError("EINVAL", `${np.path}: no property ${name}`);
  return value;
}

/** The value, which has at least `min` bytes and at most `max`. Linux: of_find_property_value_of_size() */
function valueOfSize(np: DeviceNode, name: string, min: number, max = Infinity): Uint8Array {
  const value = valueOf(np, name);
  if (value.length >= min && value.length <= max) return value;
  const wanted = max === Infinity ? `at least ${min}` : `${min} to ${max}`;
  throw new KernelError(
    "EOVERFLOW",
    `${np.path}: property ${name} has ${value.length} bytes, expected ${wanted}`,
  );
}

function readBe16(bytes: Uint8Array, at: number): number {
  return bytes[at] << 8 | bytes[at + 1];
}

function readBe64(bytes: Uint8Array, at: number): bigint {
  return ofReadNumber(bytes, at, 2);
}

/** The element `index` of 4 bytes. Linux: of_property_read_u32_index() */
export function ofPropertyReadU32Index(np: DeviceNode, name: string, index: number): number {
  return readBe32(valueOfSize(np, name, 4 * (index + 1)), 4 * index);
}

/** The element `index` of 8 bytes. Linux: of_property_read_u64_index() */
export function ofPropertyReadU64Index(np: DeviceNode, name: string, index: number): bigint {
  return readBe64(valueOfSize(np, name, 8 * (index + 1)), 8 * index);
}

/** The first byte. Linux: of_property_read_u8() */
export function ofPropertyReadU8(np: DeviceNode, name: string): number {
  return valueOfSize(np, name, 1)[0];
}

/** The first two bytes as a number. Linux: of_property_read_u16() */
export function ofPropertyReadU16(np: DeviceNode, name: string): number {
  return readBe16(valueOfSize(np, name, 2), 0);
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
  /** Most elements; without it, or with 0, exactly `min` are read, however many there are. */
  max?: number;
}

/** The elements of an array. EOVERFLOW if they are too few or too many. */
function elements<T>(
  np: DeviceNode,
  name: string,
  { min, max = 0 }: ArrayLimits,
  size: number,
  read: (bytes: Uint8Array, at: number) => T,
): T[] {
  const value = valueOfSize(np, name, min * size, max === 0 ? Infinity : max * size);
  const count = max === 0 ? min : Math.floor(value.length / size);
  return Array.from({ length: count }, (_, index) => read(value, index * size));
}

/** The bytes of an array of limited length. Linux: of_property_read_variable_u8_array() */
export function ofPropertyReadVariableU8Array(
  np: DeviceNode,
  name: string,
  limits: ArrayLimits,
): number[] {
  return elements(np, name, limits, 1, (bytes, at) => bytes[at]);
}

/** The elements of 2 bytes of an array of limited length. Linux: of_property_read_variable_u16_array() */
export function ofPropertyReadVariableU16Array(
  np: DeviceNode,
  name: string,
  limits: ArrayLimits,
): number[] {
  return elements(np, name, limits, 2, readBe16);
}

/** The elements of 4 bytes of an array of limited length. Linux: of_property_read_variable_u32_array() */
export function ofPropertyReadVariableU32Array(
  np: DeviceNode,
  name: string,
  limits: ArrayLimits,
): number[] {
  return elements(np, name, limits, 4, readBe32);
}

/** The elements of 8 bytes of an array of limited length. Linux: of_property_read_variable_u64_array() */
export function ofPropertyReadVariableU64Array(
  np: DeviceNode,
  name: string,
  limits: ArrayLimits,
): bigint[] {
  return elements(np, name, limits, 8, readBe64);
}

/** Number of elements of `size` bytes; EINVAL also for a remainder. Linux: of_property_count_elems_of_size() */
export function ofPropertyCountElemsOfSize(np: DeviceNode, name: string, size: number): number {
  const { length } = valueOf(np, name);
  if (length % size === 0) return length / size;
  ofPrErr(np, `size of ${name} in node ${np.pOF} is not a multiple of ${size}`);
  throw new KernelError("EINVAL", `${np.path}: size of ${name} is not a multiple of ${size}`);
}

/** The strings of a list, one by one; EILSEQ at one without an end. */
function* stringsOf(np: DeviceNode, name: string): Generator<string> {
  const value = valueOf(np, name);
  for (let start = 0; start < value.length;) {
    const end = value.indexOf(0, start);
    if (end < 0) {
      throw new KernelError("EILSEQ", `${np.path}: a string of property ${name} has no end`);
    }
    yield latin1(value, start, end);
    start = end + 1;
  }
}

function noData(np: DeviceNode, name: string, what: string): KernelError {
  return new KernelError("ENODATA", `${np.path}: property ${name} has no string${what}`);
}

/** The first string. Linux: of_property_read_string() */
export function ofPropertyReadString(np: DeviceNode, name: string): string {
  for (const text of stringsOf(np, name)) return text;
  throw noData(np, name, "");
}

/** The first `count` strings or fewer; ENODATA if there is none. Linux: of_property_read_string_array() */
export function ofPropertyReadStringArray(
  np: DeviceNode,
  name: string,
  count = Infinity,
): string[] {
  const strings = [...stringsOf(np, name).take(count)];
  if (strings.length > 0) return strings;
  throw noData(np, name, "");
}

/**
 * The string `index`; ENODATA past the last one. Strings behind it are not looked at, so that they
 * may be malformed. Linux: of_property_read_string_index()
 */
export function ofPropertyReadStringIndex(np: DeviceNode, name: string, index: number): string {
  let at = 0;
  for (const text of stringsOf(np, name)) if (at++ === index) return text;
  throw noData(np, name, ` ${index}`);
}

/** Number of strings; ENODATA if there is none. Linux: of_property_count_strings() */
export function ofPropertyCountStrings(np: DeviceNode, name: string): number {
  return ofPropertyReadStringArray(np, name).length;
}

/** Index of the string that equals `text`; ENODATA if none does. Linux: of_property_match_string() */
export function ofPropertyMatchString(np: DeviceNode, name: string, text: string): number {
  let at = 0;
  for (const found of stringsOf(np, name)) {
    if (found === text) return at;
    at++;
  }
  throw noData(np, name, ` ${text}`);
}

/** Like {@linkcode ofPropertyMatchString}, but -1 for every error. */
export function stringIndexOf(np: DeviceNode, name: string, text: string): number {
  try {
    return np.properties.has(name) ? ofPropertyMatchString(np, name, text) : -1;
  } catch (error) {
    if (error instanceof KernelError) return -1;
    throw error;
  }
}
