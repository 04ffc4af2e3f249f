/**
 * Makes each step of a probe fail once, and looks for what is left behind.
 *
 * @module
 */
import { assert, assertEquals } from "@std/assert";
import type { Machine } from "../hypervisor/platform.ts";
import { KernelError } from "../kernel/errors.ts";
import type { Region } from "../kernel/io.ts";
import type { Kernel, KernelOptions } from "../kernel/kernel.ts";
import { MODULES } from "../kernel/module.ts";
import type { Inode } from "../kernel/vfs/node.ts";
import { bootGuest, type TestGuest } from "./guest.ts";

/** What a sweep does. */
export interface ProbeFailureSweep<M extends Machine> {
  /** Makes the machine; every round gets a new one. */
  machine(): M;
  readonly options?: KernelOptions;
  /** Modules to load before anything may fail. */
  readonly before?: readonly string[];
  /** The module whose loading binds the devices, with what it needs. */
  readonly module: string;
  /** Paths and tasks that stay once they were made, as they do in Linux. */
  readonly lasting?: RegExp;
  /** The rule that Linux's own driver breaks whenever it probes. */
  readonly linuxFault?: string;
  /** Looks whether the devices work; called after a load in which nothing failed. */
  works?(guest: TestGuest<M>): Promise<unknown>;
}

function* below(path: string, inode: Inode): Iterable<string> {
  yield path;
  if (inode.kind !== "dir") return;
  for (const name of [...inode.names()].sort()) {
    const child = inode.lookup(name);
    if (child !== undefined) yield* below(`${path}/${name}`, child);
  }
}

function* regions(region: Region, indent = ""): Iterable<string> {
  for (const child of region.children) {
    yield `${indent}${child.start.toString(16)}-${child.end.toString(16)} ${child.name}`;
    yield* regions(child, `${indent}  `);
  }
}

/** An interrupt keeps its number and its folders for ever, whoever asked for it first. */
const IRQ_FOLDER = /^\/(?:proc|sys\/kernel)\/irq\/\d/;
/** A file that goes with the first successful probe and never comes back. */
const WAITING = /\/waiting_for_supplier$/;

/** All paths of a tree in byte order; numbers that Linux never uses again are left out of names. */
function paths(root: string, inode: Inode, lasting: RegExp | undefined): string[] {
  return [...below(root, inode)]
    .filter((path) => !IRQ_FOLDER.test(path) && !WAITING.test(path) && !lasting?.test(path))
    .map((path) => path.replace(/\binput\d+/g, "inputN")).sort();
}

/** Everything that a probe may leave behind, as text; without what is `lasting`. */
export function footprint(kernel: Kernel, lasting?: RegExp): Record<string, readonly string[]> {
  const actions = [...kernel.irq.descs.values()].flatMap(({ actions }) =>
    actions.map(({ name }) => name)
  );
  const held = [...kernel.mem.live.values()].map(({ memory, owner }) => `${owner} ${memory.size}`);
  return {
    interrupts: actions.sort(),
    iomem: [...regions(kernel.io.root)],
    mappings: [...kernel.io.mappings].map(({ start }) => start.toString(16)).sort(),
    memory: held.sort(),
    sysfs: paths("/sys", kernel.sysfs, lasting),
    dev: paths("/dev", kernel.devtmpfs, lasting),
    proc: paths("/proc", kernel.procfs, lasting),
    tasks: kernel.sched.tasks.map(({ name }) => name).filter((name) => !lasting?.test(name)).sort(),
  };
}

/** Fails the fault number `n`, counted from 0; tells whether it came to that. */
class FailNth {
  #seen = 0;
  label = "";

  constructor(readonly n: number, readonly kernel: Kernel) {
    kernel.choices.chooser = ({ kind, describe }) => {
      if (kind !== "fault" || this.#seen++ !== n) return 0;
      this.label = describe(1);
      return 1;
    };
  }

  /** Nothing fails any more. */
  stop(): undefined {
    this.kernel.choices.chooser = undefined;
  }
}

async function unload(guest: TestGuest, module: string): Promise<undefined> {
  const modules = guest.kernel.get(MODULES);
  const image = modules.images.get(module)!;
  for (const { name } of [image, ...modules.dependencies(image).reverse()]) {
    if (modules.find(name) !== undefined) await guest.rmmod(name);
  }
}

/** Lets work that was begun come to its end. */
function rest(guest: TestGuest): Promise<undefined> {
  return guest.run(() => guest.kernel.sched.settle());
}

/** One round: true when there was a fault number `n`. */
async function round<M extends Machine>(
  sweep: ProbeFailureSweep<M>,
  n: number,
  bound: Record<string, readonly string[]> | undefined,
): Promise<boolean> {
  const guest = await bootGuest(sweep.machine(), sweep.options);
  const { kernel, machine } = guest;
  await guest.modprobe(...(sweep.before ?? []));
  await rest(guest);
  const before = footprint(kernel, sweep.lasting);
  const fault = new FailNth(n, kernel);
  try {
    await guest.modprobe(sweep.module);
  } catch (error) {
    if (!(error instanceof KernelError)) throw error;
  }
  await rest(guest);
  fault.stop();
  if (fault.label === "") return false;
  await unload(guest, sweep.module);
  await rest(guest);
  assertEquals(footprint(kernel, sweep.lasting), before, `left behind when ${fault.label} (${n})`);
  // Only up to here: like Linux, the next probe does not reset a device that failed, and breaks a rule so.
  const complaints = machine.violations.filter(({ message }) => message !== sweep.linuxFault);
  assertEquals(complaints, [], `the device complains when ${fault.label} (${n})`);
  await guest.modprobe(sweep.module);
  await rest(guest);
  assertEquals(
    footprint(kernel, sweep.lasting),
    bound,
    `the next load after ${fault.label} (${n})`,
  );
  await sweep.works?.(guest);
  await unload(guest, sweep.module);
  await rest(guest);
  assertEquals(footprint(kernel, sweep.lasting), before, `left behind after the next load (${n})`);
  kernel.mem.checkFreed();
  assertEquals(kernel.mem.usesAfterFree, []);
  await machine[Symbol.asyncDispose]();
  return true;
}

/**
 * Loads a driver again and again; each time the next of all operations that may fail does. Afterwards
 * nothing may be left behind, and the next load must work as if nothing had happened.
 *
 * @returns How many operations may fail.
 */
export async function sweepProbeFailures<M extends Machine>(
  sweep: ProbeFailureSweep<M>,
): Promise<number> {
  const guest = await bootGuest(sweep.machine(), sweep.options);
  await guest.modprobe(...(sweep.before ?? []), sweep.module);
  await rest(guest);
  const bound = footprint(guest.kernel, sweep.lasting);
  await sweep.works?.(guest);
  await guest.machine[Symbol.asyncDispose]();
  let n = 0;
  while (await round(sweep, n, bound)) n++;
  assert(n > 0, `${sweep.module}: nothing can fail`);
  return n;
}
