/**
 * What steps leave objects with, where whoever reports an access says it. Objects that hold the same are the same for
 * whoever comes later, whatever made them so.
 *
 * @module
 */
import type { AccessKind } from "../../kernel/choice.ts";
import { fingerprintOf, sumOf } from "./hash.ts";

/** What a step left an object with. */
export interface Value {
  /** Fingerprint of what was written; `undefined` when nothing was, and all that was there still is. */
  readonly written: number | undefined;
  /** Fingerprint of what was added to the set after that. */
  readonly added: number;
}

/** What a step left objects with, by their numbers; `undefined` for what nobody says. */
export type Values = Map<number, Value | undefined>;

/** The step has not changed it yet. */
const UNCHANGED: Value = { written: undefined, added: 0 };

/**
 * Notes what an object holds after an access.
 *
 * @param data What it holds, or what was added to the set; `undefined` when it is not said.
 */
export function noteValue(
  values: Values,
  object: number,
  kind: AccessKind,
  data: unknown,
): undefined {
  if (kind === "read") return;
  const print = data === undefined ? undefined : fingerprintOf(data);
  const before = values.has(object) ? values.get(object) : UNCHANGED;
  values.set(object, kind === "insert" ? withAdded(before, print) : withWritten(print));
}

function withWritten(print: number | undefined): Value | undefined {
  return print === undefined ? undefined : { written: print, added: 0 };
}

function withAdded(before: Value | undefined, print: number | undefined): Value | undefined {
  if (before === undefined || print === undefined) return undefined;
  return { written: before.written, added: sumOf(before.added, print) };
}

/** True when steps left the same objects with the same. */
export function sameValues(a: Values, b: Values): boolean {
  return a.size === b.size && [...a].every(([object, value]) => {
    const other = b.get(object);
    return other?.written === value?.written && other?.added === value?.added;
  });
}
