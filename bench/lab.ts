/**
 * How fast orders are explored: whole boots under the lab's steering, all orders of eleven free initcalls and of a whole
 * kernel within its levels, a run made again, a failing run made small, and what a second worker brings.
 *
 *     deno run -A bench/lab.ts [BOOTS]
 *
 * @module
 */
import {
  bootScenario,
  embeddedModel,
  explore,
  exploreWorkers,
  replay,
  type Scenario,
} from "../mod.ts";
import { Objects } from "../lab/explore/access.ts";
import { virtioModel } from "../lab/explore/driver_model.ts";
import { execute, type Run } from "../lab/explore/run.ts";
import { RandomRuns } from "../lab/explore/sample.ts";
import { Follow, scheduleOf } from "../lab/explore/schedule.ts";
import { shrink } from "../lab/explore/shrink.ts";
import { modelScenario } from "../lab/explore/tasks.ts";
import { median, row } from "./report.ts";

const ROUNDS = 5;
const BOOTS = 100;
const SHRUNK = 10;

const DISK_AND_CARD = [
  ...["-drive", "if=none,id=d0,file=disk.img,format=raw", "-device", "virtio-blk-device,drive=d0"],
  ...["-netdev", "hubport,hubid=0,id=n0", "-device", "virtio-net-device,netdev=n0"],
];

const MODEL = embeddedModel(DISK_AND_CARD, { images: { "disk.img": new Uint8Array(1 << 20) } });

/** A whole boot, with the bus and a driver at any level. */
const WHOLE = bootScenario(MODEL, {
  vary: { initcall: { only: ["virtio_init", "virtio_blk_init"], levels: "ignored" } },
  views: ["bindings"],
});

const FREE = [
  ...["virtio_init", "virtio_mmio_init", "genhd_device_init"],
  ...["virtio_blk_init", "virtio_net_driver_init"],
];

/** What the workers of this bench explore: a whole kernel, with its bus, drivers and disks at any level. */
export const scenario: Scenario = bootScenario(MODEL, {
  vary: { initcall: { only: FREE, levels: "ignored" } },
  views: ["bindings"],
});

/** Milliseconds that something takes, and what it gives. */
async function timed<T>(body: () => T | Promise<T>): Promise<[ms: number, value: T]> {
  const from = performance.now();
  const value = await body();
  return [performance.now() - from, value];
}

/** The middle of several rounds. */
async function middle(rounds: number, body: () => Promise<unknown>): Promise<number> {
  const all: number[] = [];
  for (let round = 0; round < rounds; round++) all.push((await timed(body))[0]);
  return median(all);
}

async function benchBoots(boots: number): Promise<undefined> {
  const logged = WHOLE.varied({ views: ["bindings", "log"] });
  const bootAll = async (one: Scenario) => {
    for (let i = 0; i < boots; i++) await execute(one, new Follow([]), new Objects());
  };
  await bootAll(WHOLE);
  await bootAll(logged);
  const times: Record<string, number[]> = { "no log": [], log: [] };
  for (let round = 0; round < ROUNDS; round++) {
    times["no log"].push((await timed(() => bootAll(WHOLE)))[0] / boots);
    times.log.push((await timed(() => bootAll(logged)))[0] / boots);
  }
  row("boots", "ms/boot", "boots/s");
  for (const [name, all] of Object.entries(times)) {
    row(name, median(all).toFixed(3), Math.round(1000 / median(all)));
  }
}

/** What a full exploration of the eleven found: it must not change. */
interface Eleven {
  readonly orders: bigint | undefined;
  readonly classes: number;
  readonly outcomes: number;
}

async function benchEleven(): Promise<Eleven> {
  const eleven = modelScenario(virtioModel(["blk", "net", "console", "input"]));
  const [ms, { runs, classes, orders, outcomes }] = await timed(() => explore(eleven));
  row("11 free initcalls", "ms", "orders", "runs", "classes", "outcomes", "runs/outcome");
  const each = (runs / outcomes.length).toFixed(1);
  row("all of them", Math.round(ms), `${orders}`, runs, classes, outcomes.length, each);
  return { orders, classes, outcomes: outcomes.length };
}

/** All orders within the levels of a whole kernel. */
async function benchLevels(runs: number): Promise<undefined> {
  const [ms, found] = await timed(() => explore(bootScenario(MODEL), { runs }));
  row("a whole kernel", "ms", "orders", "runs", "classes", "outcomes");
  const orders = Number(found.orders).toExponential(1);
  row("within levels", Math.round(ms), orders, found.runs, found.classes, found.outcomes.length);
}

/** A run that fails in a random order of the eleven, made small. */
async function benchShrink(count: number): Promise<undefined> {
  const eleven = modelScenario(virtioModel(["blk", "net", "console", "input"]));
  const fails = ({ errors }: { readonly [view: string]: string }) => errors.includes("no class");
  const random = new RandomRuns(11, 10_000);
  const objects = new Objects();
  const times: number[] = [];
  let events = 0;
  while (times.length < count && random.begin()) {
    const run = execute(eleven, random, objects) as Run;
    if (!fails(run.outcome!)) continue;
    const [ms, shrunk] = await timed(() => shrink(eleven, scheduleOf(run), fails));
    times.push(ms);
    events = Math.max(events, shrunk.events.length);
  }
  row("shrinking", "ms, middle", "ms, worst", "events left, most");
  row("failing orders", median(times).toFixed(1), Math.max(...times).toFixed(1), events);
}

async function benchReplay(rounds: number): Promise<undefined> {
  const { outcomes } = await explore(WHOLE);
  const { replayId } = outcomes[outcomes.length - 1];
  await replay(WHOLE, replayId);
  const ms = await middle(rounds, () => replay(WHOLE, replayId));
  row("replay", "ms");
  row("boot with its log", ms.toFixed(2));
}

async function benchWorkers(rounds: number): Promise<undefined> {
  const ms: number[] = [];
  const runs: number[] = [];
  for (const count of [1, 2]) {
    using workers = exploreWorkers(import.meta.url, { count });
    const all: number[] = [];
    // What a worker needs to start and to become fast is not part of it.
    await explore(scenario, rounds === 1 ? { workers, runs: 1 } : { workers });
    for (let i = 0; i < rounds; i++) {
      const [spent, result] = await timed(() => explore(scenario, { workers }));
      all.push(spent);
      runs[count] = result.runs;
    }
    ms.push(median(all));
  }
  row("workers", "1, ms", "2, ms", "speed-up", "1, runs", "2, runs");
  const speedUp = (ms[0] / ms[1]).toFixed(2);
  row("five initcalls", Math.round(ms[0]), Math.round(ms[1]), speedUp, runs[1], runs[2]);
}

/** Prints all figures. */
export async function benchLab(boots = BOOTS): Promise<Eleven> {
  const rounds = Math.min(ROUNDS, boots);
  await benchBoots(boots);
  const eleven = await benchEleven();
  await benchLevels(boots < BOOTS ? boots : Infinity);
  await benchReplay(rounds);
  await benchShrink(Math.min(SHRUNK, boots));
  await benchWorkers(rounds);
  return eleven;
}

if (import.meta.main) {
  const [boots = BOOTS] = Deno.args.map(Number);
  await benchLab(boots);
}
