/**
 * The verb `order`.
 *
 * @module
 */
import { parseArgs } from "@std/cli/parse-args";
import type { Scenario } from "../lab/explore/scenario.ts";
import type { Progress } from "../lab/explore/work.ts";
import { readPart, ResultFileError } from "../lab/explore/result_file.ts";
import { explore, type ExploreOptions, mergeResults, type Sample } from "../lab/order.ts";
import { counted, orderText } from "../lab/order_text.ts";
import { reportPage } from "../lab/report/page.ts";
import type { Findings, OrderResult } from "../lab/result.ts";
import { exploreWorkers } from "../vm/explore_workers.ts";
import { type Args, explainGuestError, MACHINE_HELP, warnUnmodelled } from "./guest_options.ts";
import {
  ORDER_HELP,
  ORDER_STRINGS,
  scenarioOf,
  scenarioWords,
  shellWords,
  varyText,
  VIEW_HELP,
} from "./order_options.ts";
import { printHelp, UsageError, type Verb } from "./verb.ts";

const HELP = `paraguest order: boot a machine in every order that could make a difference

usage: paraguest order [OPTION...] [-- QEMU_OPTION...]
       paraguest order merge FILE... [--out FILE] [--report FILE] [--json]

Orders that differ only in steps which have nothing to do with each other end alike;
one of each such class is booted. The result says which ends there are, how many orders
lead to each, the smallest change that does, and why.

what is explored:
${ORDER_HELP}${VIEW_HELP}
how far:
  --bound N             only orders in which at most N pairs of steps are not as usual
  --sample N            N orders at random
  --seed S              with --sample; the same seed gives the same orders; default: 1
  --depth D             with --sample: find what needs D steps in a certain order
  --seconds N           stop after N seconds
  --shard I/N           only part I of N, for another machine to do the rest
  --jobs N              N workers at the same time, with the same result; default: 1

what comes of it:
  --report FILE         write a page for a browser
  --json                print the result as JSON
  --show N              tell N outcomes in full; default: 10
  --out FILE            write the result down, for merge
  --help                say this

${MACHINE_HELP}
merge puts the files of all shards together.
Ctrl-C ends it with what it has; the exit code is 130 then. Else it is 0 when all orders
end alike, and 1 when they do not.

examples:
  paraguest order --modules all --vary modules -- -device virtio-rng-device
  paraguest order --vary levels=virtio_init,virtio_mmio_init --report orders.html \\
    -- -device virtio-keyboard-device
`;

const NUMBERS = ["bound", "sample", "seed", "depth", "jobs", "show"] as const;

const OPTIONS = {
  string: [...ORDER_STRINGS, ...NUMBERS, "seconds", "view", "shard", "report", "out"],
  boolean: ["json", "help"],
  collect: ["vary"],
  alias: { h: "help" },
  "--": true,
  unknown: (arg: string) => {
    if (!arg.startsWith("-")) return true;
    throw new UsageError(`order: unknown option '${arg}'; see paraguest order --help`);
  },
} as const;

const INTERRUPTED = 130;

function numberOf(args: Args, name: (typeof NUMBERS)[number]): number | undefined {
  if (args[name] === undefined) return undefined;
  if (!/^\d+$/.test(args[name])) {
    throw new UsageError(`order: --${name} wants a number, not '${args[name]}'`);
  }
  return Number(args[name]);
}

/** Seconds may have a fraction; of nothing else there is a part. */
function secondsOf({ seconds }: Args): number | undefined {
  if (seconds === undefined) return undefined;
  if (/^\d*\.?\d+$/.test(seconds) && Number(seconds) > 0) return Number(seconds);
  throw new UsageError(`order: --seconds wants a time above 0, not '${seconds}'`);
}

/** More workers than this are a mistake. */
const JOBS_MAX = 256;

function jobsOf(args: Args): number {
  const count = numberOf(args, "jobs") ?? 1;
  if (count >= 1 && count <= JOBS_MAX) return count;
  throw new UsageError(`order: --jobs wants a number from 1 to ${JOBS_MAX}, not '${args.jobs}'`);
}

function sampleOf(args: Args): Sample | undefined {
  const [runs, seed, depth] = (["sample", "seed", "depth"] as const).map((name) =>
    numberOf(args, name)
  );
  if (runs === undefined) {
    const alone = ["seed", "depth"].find((name) => args[name] !== undefined);
    if (alone === undefined) return undefined;
    throw new UsageError(`order: --${alone} needs --sample N`);
  }
  return { runs, ...seed === undefined ? {} : { seed }, ...depth === undefined ? {} : { depth } };
}

function shardOf(args: Args): ExploreOptions["shard"] {
  if (args.shard === undefined) return undefined;
  const [, index, of] = /^(\d+)\/(\d+)$/.exec(args.shard)?.map(Number) ?? [];
  if (index === undefined || index < 1 || index > of) {
    throw new UsageError(`order: --shard wants a part such as 1/4, not '${args.shard}'`);
  }
  return { index, of };
}

/** How far to go. Each of the ways to see less than everything stands alone. */
function limitsOf(args: Args): ExploreOptions {
  const [bound, sample, shard] = [numberOf(args, "bound"), sampleOf(args), shardOf(args)];
  const given = Object.entries({ bound, sample, shard }).filter(([, value]) => value !== undefined);
  if (given.length > 1) {
    throw new UsageError(`order: --${given[0][0]} and --${given[1][0]} exclude each other`);
  }
  const seconds = secondsOf(args);
  const time = seconds === undefined
    ? {}
    : { milliseconds: seconds * 1000, clock: () => performance.now() };
  return { ...Object.fromEntries(given), ...time };
}

/** Says on a terminal how far it is, lets signals in, and ends the work at Ctrl-C. */
class ProgressLine {
  interrupted = false;
  #shownMs = 0;
  readonly #startMs = performance.now();
  readonly #interrupt = (): void => {
    this.interrupted = true;
  };

  constructor() {
    Deno.addSignalListener("SIGINT", this.#interrupt);
  }

  /** To be called now and then; false when there was a Ctrl-C. */
  async hear({ runs, classes, outcomes }: Progress): Promise<boolean> {
    const nowMs = performance.now();
    if (nowMs - this.#shownMs < 100) return true;
    this.#shownMs = nowMs;
    const far = [counted(runs, "boot"), counted(classes, "class"), counted(outcomes, "outcome")];
    const seconds = Math.round((nowMs - this.#startMs) / 1000);
    this.#write(`\r${far.join(", ")} in ${seconds} s; Ctrl-C ends it with these\x1b[K`);
    await new Promise((resolve) => setTimeout(resolve));
    return !this.interrupted;
  }

  #write(text: string): undefined {
    if (Deno.stderr.isTerminal()) Deno.stderr.writeSync(new TextEncoder().encode(text));
  }

  [Symbol.dispose](): void {
    Deno.removeSignalListener("SIGINT", this.#interrupt);
    this.#write("\r\x1b[K");
  }
}

/** What came of it, and the words that say what it is. */
interface Told {
  readonly result: OrderResult;
  readonly words: readonly string[];
  readonly interrupted: boolean;
}

/** What workers explore: the scenario of a command line. */
export function scenario(words: readonly string[]): Promise<Scenario> {
  return scenarioOf("order", parseArgs([...words], OPTIONS));
}

async function exploreAll(args: Args, words: readonly string[]): Promise<Told> {
  const limits = limitsOf(args);
  const count = jobsOf(args);
  warnUnmodelled(args);
  const explored = await scenarioOf("order", args);
  await checkTargets(args);
  using workers = count > 1
    ? exploreWorkers(import.meta.url, { count, argument: words })
    : undefined;
  using line = new ProgressLine();
  const result = await explore(explored, {
    ...limits,
    progress: (progress) => line.hear(progress),
    ...workers === undefined ? {} : { workers },
  });
  return { result, words: scenarioWords(args), interrupted: line.interrupted };
}

/** Nobody wants to hear after hours of work that its result cannot be written. */
async function checkTargets({ out, report }: Args): Promise<undefined> {
  for (const path of [out, report]) {
    if (path !== undefined) (await Deno.open(path, { write: true, create: true })).close();
  }
}

/** The files say what was explored. */
async function mergeAll(names: readonly string[]): Promise<Told> {
  if (names.length === 0) throw new UsageError("order: merge wants the files of all shards");
  const files = [];
  for (const name of names) files.push({ name, text: await Deno.readTextFile(name) });
  const [first] = files;
  const { note: words = [], exploration: { baseline } } = readPart(first.text, first.name);
  const scenario = await scenarioOf("order", {
    ...parseArgs([...words], OPTIONS),
    view: Object.keys(baseline).filter((view) => view !== "all").join(),
  });
  return { result: await mergeResults(scenario, files), words, interrupted: false };
}

/** What is told, with commands that can be copied. */
function findingsOf({ result, words }: Told): Findings {
  const { title, coverage, orders, exact, runs, outcomes } = result;
  const rest = words.length === 0 ? "" : ` ${shellWords(words)}`;
  return {
    ...{ title, coverage, orders, exact, runs, outcomes },
    varied: varyText(parseArgs([...words], OPTIONS)),
    replayCommand: (id) => `paraguest replay ${id}${rest}`,
  };
}

/** Counts are texts: they can be larger than numbers in JSON are exact. */
function jsonText({ replayCommand = (id) => id, ...found }: Findings): string {
  const outcomes = found.outcomes.map((outcome) => ({
    ...outcome,
    replay: replayCommand(outcome.replayId),
  }));
  const countText = (_key: string, value: unknown) =>
    typeof value === "bigint" ? String(value) : value;
  return JSON.stringify({ ...found, outcomes }, countText, 2);
}

async function run(words: readonly string[]): Promise<number> {
  const args = parseArgs([...words], OPTIONS);
  if (args.help) return printHelp(HELP);
  const [first, ...files] = args._.map(String);
  if (first !== undefined && first !== "merge") {
    throw new UsageError(`order: unknown argument '${first}'; QEMU's options follow --`);
  }
  const shown = numberOf(args, "show");
  const told = first === "merge" ? await mergeAll(files) : await exploreAll(args, words);
  const found = findingsOf(told);
  console.log(args.json ? jsonText(found) : orderText(found, shown).trimEnd());
  if (args.out !== undefined) await Deno.writeTextFile(args.out, told.result.file(told.words));
  if (args.report !== undefined) {
    const moves = await told.result.whatIf();
    await Deno.writeTextFile(args.report, reportPage({ ...found, moves }));
  }
  if (told.interrupted) return INTERRUPTED;
  return found.outcomes.length > 1 ? 1 : 0;
}

function explain(error: unknown): string | undefined {
  return error instanceof ResultFileError ? error.message : explainGuestError(error);
}

/** `paraguest order` */
export const VERB: Verb = { run, explain };
