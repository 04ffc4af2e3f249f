/**
 * The experiments with orders, `scenarios/ordering/`: each file is run, and what it says is compared with what it
 * expects. Each expectation comes from somewhere else, which the file names in its `sources`:
 *
 * - `recording NAME`: the indented lines of what is expected are lines of what real Linux printed or logged there,
 *   in that order. Where there are several recordings, one after the other.
 * - `Linux FILE: FUNCTION(): WHAT`: it follows from Linux's source.
 * - `enumeration`: the file exports the `scenario` that it explores, and naive enumeration of every order finds the
 *   same outcomes, each in as many orders.
 */
import { assert, assertEquals, assertMatch } from "@std/assert";
import { Objects } from "../lab/explore/access.ts";
import { collectOutcomes } from "../lab/explore/collect_outcomes.ts";
import { Naive } from "../lab/explore/naive.ts";
import { execute } from "../lab/explore/run.ts";
import type { Scenario } from "../lab/explore/scenario.ts";
import { viewTexts } from "../lab/explore/collect.ts";
import { readRecording } from "./recordings.ts";

/** What an experiment's file exports. */
interface Experiment {
  /** Where the expectation comes from. */
  readonly sources: readonly string[];
  /** What is printed. */
  readonly expected: string;
  /** Runs it, and tells what came of it in a few lines. */
  readonly experiment: () => Promise<string>;
  /** What is explored, where an enumeration is a source. */
  readonly scenario?: Scenario;
}

const FOLDER = new URL("../scenarios/ordering/", import.meta.url);
const LINUX = /^Linux [\w/.-]+: \w+\(\): ./;

/** What Linux printed and logged in a recording, a line each. */
async function recordedLines(name: string): Promise<string[]> {
  const { stdout, dmesg } = await readRecording(name);
  return `${stdout}\n${dmesg}`.split("\n").map((line) => line.trim());
}

function checkQuotes(expected: string, recorded: readonly string[]): undefined {
  let at = 0;
  const quotes = expected.split("\n").filter((line) => /^\s+\S/.test(line));
  assert(quotes.length > 0, "a recording is a source, but nothing is indented as Linux's");
  for (const quote of quotes) {
    const found = recorded.indexOf(quote.trim(), at);
    assert(found >= 0, `Linux does not say this here: ${quote.trim()}`);
    at = found + 1;
  }
}

/** How many orders lead to each outcome. */
type Orders = Map<string, bigint>;

async function enumerate(scenario: Scenario): Promise<Orders> {
  const orders: Orders = new Map();
  const strategy = new Naive();
  const objects = new Objects();
  while (strategy.begin()) {
    const { outcome } = await execute(scenario, strategy, objects);
    const text = JSON.stringify(viewTexts(outcome!));
    orders.set(text, (orders.get(text) ?? 0n) + 1n);
  }
  return orders;
}

async function checkEnumeration(scenario: Scenario): Promise<undefined> {
  const { views } = await collectOutcomes(scenario);
  const naive = await enumerate(scenario);
  for (const [view, groups] of views) {
    const expected: Orders = new Map();
    for (const [outcome, count] of naive) {
      const text = JSON.parse(outcome)[view];
      expected.set(text, (expected.get(text) ?? 0n) + count);
    }
    const found = [...groups.values()].map(({ text, orders }) => [text, orders] as const);
    assertEquals(new Map(found), expected, view);
  }
}

for (const { name } of [...Deno.readDirSync(FOLDER)].sort((a, b) => a.name < b.name ? -1 : 1)) {
  if (!/^\d\d_\w+\.ts$/.test(name)) continue;
  Deno.test(`experiment ${name}: what it shows is what its sources say`, async (t) => {
    const { sources, expected, experiment, scenario }: Experiment = await import(
      new URL(name, FOLDER).href
    );
    await t.step("it prints what it expects", async () => {
      assertEquals((await experiment()).trim().split("\n"), expected.trim().split("\n"));
    });
    await t.step("its sources are there, and say so", async () => {
      assert(sources.length > 0, "nothing is said of where the expectation comes from");
      const recorded: string[] = [];
      for (const source of sources) {
        if (source.startsWith("recording ")) {
          recorded.push(...await recordedLines(source.slice(10)));
        } else if (source !== "enumeration") assertMatch(source, LINUX);
      }
      if (recorded.length > 0) checkQuotes(expected, recorded);
      assertEquals(sources.includes("enumeration"), scenario !== undefined);
      if (scenario !== undefined) await checkEnumeration(scenario);
    });
    await t.step("it is short enough to read at once", async () => {
      const lines = (await Deno.readTextFile(new URL(name, FOLDER))).trimEnd().split("\n");
      assert(lines.length >= 15 && lines.length <= 40, `${name} has ${lines.length} lines`);
    });
  });
}
