/**
 * In which order a kernel does what could be done in another one: plain values, so that they can be kept in a
 * file, compared and varied. What is not said is as in Linux.
 *
 * @module
 */
import type { Initcall, InitcallLevel } from "./initcall.ts";

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
  /** Drivers that are probed beside other work, as if `driver_async_probe=` named them. */
  readonly async?: readonly string[];
  /** How much longer a probe takes, in milliseconds of virtual time, by the name of the driver or the device. */
  readonly probeDelayMs?: Readonly<Record<string, number>>;
  /** Seconds after the initcalls until nobody waits for suppliers any more. Default: that of the profile. `deferred_probe_timeout=` beats it. */
  readonly deferredProbeTimeoutS?: number;
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
