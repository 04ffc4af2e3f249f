/**
 * Compares random source with dtc, many files at a time, and makes a smaller file of each that differs.
 *
 * @module
 */
import fc from "fast-check";
import { compile } from "./dtc_in_process.ts";
import {
  checkDifferences,
  type CompileOutcome,
  type CorpusRun,
  peerOutcomes,
} from "./dts_corpus.ts";
import type { GeneratedCase } from "./dts_generator.ts";

/** A file that the two compilers do not agree on. */
export interface Mismatch extends GeneratedCase {
  /** What they do not agree on. */
  readonly problem: string;
}

/** What became of many files. */
export interface FuzzResult {
  /** How many files dtc accepts. */
  readonly accepted: number;
  /** How many files end dtc itself by a signal; nothing is compared then. */
  readonly crashed: number;
  /** Those that differ. */
  readonly mismatches: readonly Mismatch[];
}

/** Compares `count` cases that a seed decides. */
export async function fuzz(
  cases: fc.Arbitrary<GeneratedCase>,
  { seed, count }: { seed: number; count: number },
): Promise<FuzzResult> {
  const sample = fc.sample(cases, { seed, numRuns: count });
  const outcomes = await peerOn(sample);
  const mismatches = sample.flatMap((item, index) => {
    const problem = difference(item, outcomes[index]);
    return problem === undefined ? [] : [{ ...item, problem }];
  });
  const accepted = outcomes.filter(({ code }) => code === 0).length;
  const crashed = outcomes.filter(({ code }) => code > 2).length;
  return { accepted, crashed, mismatches };
}

async function peerOn(cases: readonly GeneratedCase[]): Promise<CompileOutcome[]> {
  const folder = await Deno.makeTempDir();
  try {
    const runs = cases.map(({ source, options }, index): CorpusRun => {
      Deno.writeFileSync(`${folder}/${index}`, bytesOf(source));
      return { name: "", folder, stages: [[...options, `${index}`]] };
    });
    return (await peerOutcomes(runs)).map(([outcome]) => outcome);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

function bytesOf(source: string | Uint8Array): Uint8Array {
  return typeof source === "string" ? new TextEncoder().encode(source) : source;
}

/** What is different; an exception of ours is no difference but an error. */
function difference(
  { source, options }: GeneratedCase,
  expected: CompileOutcome,
): string | undefined {
  const actual = compile([...options, "-"], "/", bytesOf(source));
  if (expected.code > 2) return undefined;
  // dtc reads some broken blobs further than they go, and finds the error only there.
  const isBlob = typeof source !== "string";
  if (isBlob && expected.code > 0 && actual.code > 0) return undefined;
  if (actual.code !== expected.code) {
    return `dtc exits with ${expected.code}, we with ${actual.code}`;
  }
  const at = expected.output.findIndex((byte, index) => byte !== actual.output[index]);
  if (at >= 0) return `output differs at offset ${at}`;
  if (actual.output.length !== expected.output.length) return "our output is longer";
  const checks = checkDifferences(expected, actual);
  return checks.length === 0 ? undefined : `checks differ\n${checks.join("\n")}`;
}

/** So often a file is compiled while it is made smaller. */
const TRIES_MAX = 400;

/** Takes options and ever shorter runs of words out, as long as a difference of the same kind stays. */
export async function minimise(mismatch: Mismatch): Promise<Mismatch> {
  let best = mismatch;
  let tries = 0;
  const stays = async (item: GeneratedCase) => {
    if (++tries > TRIES_MAX) return false;
    const [outcome] = await peerOn([item]);
    const problem = difference(item, outcome);
    if (problem === undefined || kind(problem) !== kind(best.problem)) return false;
    best = { ...item, problem };
    return true;
  };
  if (typeof best.source !== "string") return best;
  await stays({ ...best, options: [] });
  let words: string[] = best.source.match(/\S+\s*/g) ?? [];
  for (let size = words.length >> 1; size >= 1; size >>= 1) {
    for (let at = 0; at < words.length;) {
      const rest = [...words.slice(0, at), ...words.slice(at + size)];
      if (await stays({ ...best, source: rest.join("") })) words = rest;
      else at += size;
    }
  }
  return best;
}

/** The first line of a problem without its numbers. */
function kind(problem: string): string {
  return problem.split("\n")[0].replace(/offset \d+/, "");
}

/** A mismatch as text to copy. A blob is base64. */
export function render({ source, options, problem }: Mismatch): string {
  const text = typeof source === "string" ? source : btoa(String.fromCharCode(...source));
  return `${problem}\ndtc ${options.join(" ")}\n${text}\n`;
}
