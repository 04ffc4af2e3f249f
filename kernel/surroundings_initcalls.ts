/**
 * Initcalls of the reference kernel that are merely there: with `initcall_debug` the log names them. They do
 * nothing and take no time.
 *
 * @module
 */
import type { Initcall, InitcallLevel } from "./initcall.ts";
import type { Kernel } from "./kernel.ts";

/** A row of the table. */
interface Row {
  /** The initcall's name; empty for messages that come from none. */
  readonly name: string;
  readonly size: number;
  readonly result: number;
  /** The place of an initcall that is modelled. */
  readonly ours: boolean;
  readonly lines: { readonly level: number; readonly text: string }[];
}

/** The line before which the driver core comes to life, and after which levels begin. */
const DRIVER_INIT = "= driver_init";

function parseRow(line: string): Row {
  const ours = line.startsWith("* ");
  const [name, size = "0", result = "0"] = line.slice(ours ? 2 : 0).split(" ");
  return { name, size: parseInt(size, 16), result: Number(result), ours, lines: [] };
}

/** The rows up to a mark and those after it, with their messages. */
function parse(table: string): [early: Row[], rest: Row[]] {
  const halves: [Row[], Row[]] = [[], []];
  let rows = halves[0];
  for (const line of table.trim().split("\n")) {
    const message = /^<(\d)>(.*)$/.exec(line);
    if (line === DRIVER_INIT) rows = halves[1];
    else if (message === null) rows.push(...line.split(", ").map(parseRow));
    else {
      if (rows.length === 0) rows.push(parseRow(""));
      rows[rows.length - 1].lines.push({ level: Number(message[1]), text: message[2] });
    }
  }
  return halves;
}

/** What a row looks like among the initcalls. */
function toInitcall({ name, size, result, lines }: Row, level: InitcallLevel): Initcall {
  const fn = async (kernel: Kernel) => {
    for (const line of lines) kernel.printk(line.level, line.text);
    return result;
  };
  return { name, size, level, fn, unmodelled: true };
}

/** An initcall that is modelled, but for what it says. */
function saying(call: Initcall, lines: Row["lines"]): Initcall {
  if (lines.length === 0) return call;
  const fn = (kernel: Kernel) => {
    for (const line of lines) kernel.printk(line.level, line.text);
    return call.fn(kernel);
  };
  return { ...call, fn };
}

/** Rows with the level of the next one that is modelled; those after the last one have its level. */
function withLevels(
  rows: readonly Row[],
  ours: ReadonlyMap<string, Initcall>,
  last: InitcallLevel,
): { readonly row: Row; readonly level: InitcallLevel }[] {
  let level = last;
  return [...rows].reverse()
    .map((row) => ({ row, level: level = ours.get(row.name)?.level ?? level })).reverse();
}

/** Puts rows between the initcalls of one level, in the order of the table. */
function merge(calls: readonly Initcall[], rows: readonly Row[], level: InitcallLevel): Initcall[] {
  const waiting = [...calls];
  const merged: Initcall[] = [];
  for (const row of rows) {
    const at = row.ours ? waiting.findIndex(({ name }) => name === row.name) : -1;
    if (at >= 0) merged.push(...waiting.splice(0, at), saying(waiting.splice(0, 1)[0], row.lines));
    else if (!row.ours) merged.push(toInitcall(row, level));
  }
  return [...merged, ...waiting];
}

/**
 * Puts the reference kernel's other initcalls between those of this one.
 *
 * @param table This kernel's own initcalls in link order.
 * @param names The rows, as `drivers/surroundings/initcalls.ts` describes them.
 */
export function addSurroundingInitcalls(
  table: readonly Initcall[],
  names: string,
): readonly Initcall[] {
  const [early, rest] = parse(names);
  const ours = new Map(table.map((call) => [call.name, call]));
  const rows = [...withLevels(early, ours, "early"), ...withLevels(rest, ours, "late")];
  const levels = new Set([...rows, ...table].map(({ level }) => level));
  return [...levels].flatMap((level) =>
    merge(
      table.filter((call) => call.level === level),
      rows.filter((row) => row.level === level).map(({ row }) => row),
      level,
    )
  );
}
