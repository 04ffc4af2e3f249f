/**
 * In which order a kernel does what could be done in another one: plain values, so that they can be kept in a
 * file, compared and varied. What is not said is as in Linux.
 *
 * @module
 */
import { type Initcall, INITCALL_LEVELS, type InitcallLevel } from "./initcall.ts";
import type { Params } from "./params.ts";

/** An order names something that is not there. */
export class OrderingError extends Error {
  /** The name of the class. */
  override name = "OrderingError";
}

/** Where an initcall runs that is moved. */
export interface InitcallPlace {
  /** Its level. Default: that of the initcall that it is put next to, or its own. */
  readonly level?: InitcallLevel;
  /** It is linked just before this one. */
  readonly before?: string;
  /** It is linked just after this one. */
  readonly after?: string;
}

/** What a boot does in another order than Linux. */
export interface Ordering {
  /** Initcalls that are moved, by their names. */
  readonly initcalls?: Readonly<Record<string, InitcallPlace>>;
  /** Devices of the device tree that are made first, by their names: `a003e00.virtio_mmio`. The others follow in the tree's order. */
  readonly slots?: readonly string[];
  /** Modules that are loaded when user space starts, in this order, each after those that it needs. */
  readonly modules?: readonly string[];
  /** Lines of `modprobe.d` that user space follows then: `softdep`, `options`, `alias`, `blacklist`, `install`. */
  readonly modprobe?: readonly string[];
  /** Drivers that are probed beside other work, as if `driver_async_probe=` named them. */
  readonly async?: readonly string[];
  /** How much longer a probe takes, in milliseconds of virtual time, by the name of the driver or the device. */
  readonly probeDelayMs?: Readonly<Record<string, number>>;
  /** Seconds after the initcalls until nobody waits for suppliers any more. Default: that of the profile. `deferred_probe_timeout=` beats it. */
  readonly deferredProbeTimeoutS?: number;
}

type Check = (value: unknown) => boolean;

const isText: Check = (value) => typeof value === "string";
const isNumber: Check = (value) => typeof value === "number" && Number.isFinite(value);
const isList: Check = (value) => Array.isArray(value) && value.every(isText);
const isLevel: Check = (value) => (INITCALL_LEVELS as readonly unknown[]).includes(value);

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function recordOf(check: Check): Check {
  return (value) => isRecord(value) && Object.values(value).every(check);
}

/** Fields with their form, and the form in words. */
type Fields = Readonly<Record<string, readonly [check: Check, form: string]>>;

const PLACE_FIELDS: Fields = {
  level: [isLevel, "a level"],
  before: [isText, "the name of an initcall"],
  after: [isText, "the name of an initcall"],
};

const ORDERING_FIELDS: Fields = {
  initcalls: [recordOf(isRecord), "an object of places"],
  slots: [isList, "a list of names"],
  modules: [isList, "a list of names"],
  modprobe: [isList, "a list of lines"],
  async: [isList, "a list of names"],
  probeDelayMs: [recordOf(isNumber), "an object of numbers"],
  deferredProbeTimeoutS: [isNumber, "a number"],
};

function checkFields(value: unknown, fields: Fields, path: string): undefined {
  if (!isRecord(value)) throw new OrderingError(`${path}: is not an object`);
  for (const [key, of] of Object.entries(value)) {
    if (!Object.hasOwn(fields, key)) {
      const known = Object.keys(fields).join(", ");
      throw new OrderingError(`${path}: unknown '${key}'; known: ${known}`);
    }
    const [check, form] = fields[key];
    if (!check(of)) throw new OrderingError(`${path}: '${key}' must be ${form}`);
  }
}

/**
 * Reads an ordering that was kept as JSON.
 *
 * @throws {OrderingError} When it is no JSON, or something in it is unknown or of another form.
 *
 * @example
 * ```ts
 * import { assertEquals, assertThrows } from "@std/assert";
 * import { parseOrdering } from "../mod.ts";
 * const text = '{ "initcalls": { "virtio_init": { "level": "late" } } }';
 * assertEquals(parseOrdering(text).initcalls, { virtio_init: { level: "late" } });
 * assertThrows(() => parseOrdering('{ "slot": [] }'), Error, "ordering: unknown 'slot'");
 * ```
 */
export function parseOrdering(text: string): Ordering {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new OrderingError(`ordering: ${(error as Error).message}`);
  }
  checkFields(value, ORDERING_FIELDS, "ordering");
  const ordering = value as Ordering;
  for (const [name, place] of Object.entries(ordering.initcalls ?? {})) {
    checkFields(place, PLACE_FIELDS, `ordering: initcall ${name}`);
  }
  return ordering;
}

/**
 * The table with some of its initcalls moved.
 *
 * @param table Initcalls in link order.
 * @throws {OrderingError} When an initcall is named that is not in the table.
 */
export function moveInitcalls(
  table: readonly Initcall[],
  places: Ordering["initcalls"] = {},
): Initcall[] {
  const moved = [...table];
  for (const [name, { level, before, after }] of Object.entries(places)) {
    const from = placeOf(moved, name);
    const [call] = moved.splice(from, 1);
    const next = before ?? after;
    const at = next === undefined ? from : placeOf(moved, next);
    const to = before === undefined && next !== undefined ? at + 1 : at;
    const levelThere = next === undefined ? call.level : moved[at].level;
    moved.splice(to, 0, { ...call, level: level ?? levelThere });
  }
  return moved;
}

function placeOf(table: readonly Initcall[], name: string): number {
  const at = table.findIndex((call) => call.name === name);
  if (at < 0) throw new OrderingError(`ordering: no initcall '${name}' is built in`);
  return at;
}

/** Things in the order of a list of their names; those that it does not name follow as they stand. */
export function namedFirst<T extends { readonly name: string }>(
  things: readonly T[],
  names: readonly string[] = [],
): T[] {
  const named = names.flatMap((name) => things.filter((thing) => thing.name === name));
  return [...named, ...things.filter((thing) => !names.includes(thing.name))];
}

/** Boot parameters by which Linux does things in another order, and which this kernel takes no notice of. */
const UNMODELLED_PARAMS: readonly string[] = [
  ...["rootwait", "rootdelay", "initramfs_async", "ip", "nfsroot"],
  ...["clk_ignore_unused", "pd_ignore_unused", "regulator_ignore_unused"],
];

/** What a command line says about order that only Linux follows, a line each. */
export function unmodelledOrder({ all }: Params): string[] {
  return UNMODELLED_PARAMS.filter((name) => all.some((param) => param.name === name)).map((name) =>
    `${name}: Linux does things in another order with it; it is not modelled here`
  );
}
