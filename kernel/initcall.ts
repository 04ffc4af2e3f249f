/**
 * Initcalls: what runs in which order while a kernel starts.
 *
 * Linux: include/linux/init.h, include/asm-generic/vmlinux.lds.h, init/main.c
 *
 * @module
 */
import type { Kernel } from "./kernel.ts";
import { errnoOf } from "./errors.ts";
import { Slot } from "./slot.ts";

/** The levels in their order. `rootfs` is the tail of `fs`, `_sync` twins follow their level. */
export const INITCALL_LEVELS = [
  "early",
  "pure",
  "core",
  "core_sync",
  "postcore",
  "postcore_sync",
  "arch",
  "arch_sync",
  "subsys",
  "subsys_sync",
  "fs",
  "fs_sync",
  "rootfs",
  "device",
  "device_sync",
  "late",
  "late_sync",
] as const;

/** A level of the main table; `console` is the separate table that runs long before. */
export type InitcallLevel = (typeof INITCALL_LEVELS)[number] | "console";

/** A function that runs once at start. Linux: initcall_t */
export interface Initcall {
  /** The function's Linux name: what `initcall_blacklist=` and `initcall_debug` call it. */
  readonly name: string;
  /** When it runs: with all others of its level, in link order. */
  readonly level: InitcallLevel;
  /** Resolves to Linux's return value; a `KernelError` counts as its negative errno. */
  readonly fn: (kernel: Kernel) => Promise<number | undefined>;
  /** The module that it belongs to when it is not built in. */
  readonly module?: string;
  /** It belongs to a part that is not modelled: it only says something, and takes no time. */
  readonly unmodelled?: boolean;
  /** Its name in the link order, where this kernel calls it otherwise. */
  readonly linkedAs?: string;
  /** Size of the function in bytes, where the link order does not say it. */
  readonly size?: number;
}

/** Where functions are linked: names in link order with their sizes in bytes. Linux: System.map */
export type LinkOrder = readonly (readonly [name: string, size: number])[];

/** Size of a function that no one measured. */
const SIZE_UNKNOWN = 0x1000;

/** The link order of a kernel. */
export class SymbolTable {
  readonly #symbols: ReadonlyMap<string, { readonly place: number; readonly size: number }>;

  constructor(order: LinkOrder) {
    this.#symbols = new Map(order.map(([name, size], place) => [name, { place, size }]));
  }

  /** `virtio_init+0x0/0x40`, as a kernel log names a function. Linux: %pS */
  describe({ name, linkedAs, size }: Pick<Initcall, "name" | "linkedAs" | "size">): string {
    const bytes = size ?? this.#symbols.get(linkedAs ?? name)?.size ?? SIZE_UNKNOWN;
    return `${name}+0x0/0x${bytes.toString(16)}`;
  }

  /** Initcalls in link order; those without a place come last, as they stand. */
  sort(calls: readonly Initcall[]): Initcall[] {
    const placeOf = ({ name, linkedAs = name }: Initcall) =>
      this.#symbols.get(linkedAs)?.place ?? Infinity;
    return calls.map((call) => ({ call, place: placeOf(call) }))
      .sort((a, b) => a.place === b.place ? 0 : a.place - b.place)
      .map(({ call }) => call);
  }
}

/** Linux's groups for parameters: `_sync` and `rootfs` entries run in the loop of the level before. */
function loopOf(level: InitcallLevel): string {
  return level === "rootfs" ? "fs" : level.replace(/_sync$/, "");
}

/** Names that `initcall_blacklist=` forbids. Linux: blacklisted_initcalls */
const BLACKLIST: Slot<readonly string[]> = new Slot(
  "initcall blacklist",
  ({ params }) =>
    params.getAll("initcall_blacklist").flatMap((list) => list.split(","))
      .filter((name) => name !== ""),
);

/** Says which initcalls will not run. Linux: initcall_blacklist() */
export function reportBlacklist(kernel: Kernel): undefined {
  for (const name of kernel.get(BLACKLIST)) kernel.debug(`blacklisting initcall ${name}`);
}

/**
 * Runs one initcall the way init/main.c does: blacklist, debug lines, result.
 *
 * Linux: do_one_initcall()
 */
export async function doOneInitcall(kernel: Kernel, call: Initcall): Promise<number> {
  // Nobody asks for the console table.
  if (call.level !== "console" && kernel.get(BLACKLIST).includes(call.name)) {
    kernel.debug(`initcall ${call.name} blacklisted`);
    return -1;
  }
  const debug = kernel.initcallDebug && call.name !== "";
  const where = call.module === undefined ? "" : ` [${call.module}]`;
  const symbol = debug ? kernel.symbols.describe(call) + where : "";
  // Consoles come up before there is a second task.
  const pid = call.level === "console" ? 0 : kernel.sched.current?.pid ?? 0;
  if (debug) kernel.debug(`calling  ${symbol} @ ${pid}`);
  const startNs = kernel.clock.nowNs;
  if (call.unmodelled !== true) kernel.clock.advanceByNs(kernel.costs.initcall);
  const task = kernel.sched.current;
  const outer = task?.cause;
  if (task !== undefined) task.cause = call.name;
  let result: number;
  try {
    result = (await (kernel.aroundInitcall?.(call) ?? call.fn(kernel))) ?? 0;
  } catch (error) {
    result = -errnoOf(error);
  }
  if (task !== undefined) task.cause = outer;
  if (debug) {
    const micros = Math.floor((kernel.clock.nowNs - startNs) / 1000);
    kernel.debug(`initcall ${symbol} returned ${result} after ${micros} usecs`);
  }
  return result;
}

/** Runs the separate table of console initcalls. Linux: console_init() */
export async function consoleInit(kernel: Kernel, table: readonly Initcall[]): Promise<undefined> {
  for (const call of table) if (call.level === "console") await doOneInitcall(kernel, call);
}

/**
 * Runs levels of the main table one after the other, in link order within each, unless somebody varies that.
 *
 * Linux: do_initcalls()
 *
 * @param table All initcalls in link order.
 * @param levels The levels to run, in their order.
 * @param beforeLoop Called with the name of each level whose loop begins, to set its parameters.
 */
export async function doInitcalls(
  kernel: Kernel,
  table: readonly Initcall[],
  levels: readonly InitcallLevel[],
  beforeLoop: (loop: string) => Promise<undefined>,
): Promise<undefined> {
  const waiting = levels.flatMap((level) => table.filter((call) => call.level === level));
  let begun = 0;
  const begin = async (level: InitcallLevel | undefined) => {
    const end = level === undefined ? levels.length : levels.indexOf(level) + 1;
    for (; begun < end; begun++) {
      if (begun > 0) endLevel(kernel, levels[begun - 1]);
      const loop = loopOf(levels[begun]);
      if (begun === 0 || loop !== loopOf(levels[begun - 1])) await beforeLoop(loop);
    }
  };
  while (waiting.length > 0) {
    await begin(waiting[0].level);
    const call = await takeInitcall(kernel, waiting);
    // Its level may come later still when levels are ignored; what is free does not begin it.
    if (!isFree(kernel, call)) await begin(call.level);
    await doOneInitcall(kernel, call);
  }
  await begin(undefined);
  kernel.sched.barrier("initcall", "end of the initcalls");
}

/** Between two levels that are kept apart nothing changes places. */
function endLevel({ choices, sched }: Kernel, level: InitcallLevel): undefined {
  if (choices.freedom("initcall").levels === "ignored") return;
  sched.barrier("initcall", `end of the ${level} initcalls`);
}

function isFree({ choices }: Kernel, { name }: Initcall): boolean {
  if (!choices.varies("initcall")) return false;
  return choices.freedom("initcall").only?.includes(name) ?? true;
}

/** The next initcall out of those that wait. */
async function takeInitcall(kernel: Kernel, waiting: Initcall[]): Promise<Initcall> {
  const { choices, sched } = kernel;
  if (!choices.active) return waiting.shift() as Initcall;
  const ignored = choices.freedom("initcall").levels === "ignored";
  const near = ignored ? waiting : waiting.filter(({ level }) => level === waiting[0].level);
  const free = choices.candidates("initcall", near, ({ name }) => name);
  const call = free[await sched.decide("initcall", free.map(({ name }) => name))];
  waiting.splice(waiting.indexOf(call), 1);
  return call;
}
