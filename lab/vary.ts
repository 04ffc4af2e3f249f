/**
 * What may go another way, in words: `["initcalls", "slots=a003e00.virtio_mmio,a003c00.virtio_mmio"]`.
 *
 * @module
 */
import type { ChoiceKind, Freedom, Vary } from "../kernel/choice.ts";
import { nearest } from "../kernel/of/dts/suggest.ts";

/** A word for something that may go another way. */
export interface VaryWord {
  /** What it is for the kernel. */
  readonly kind: ChoiceKind;
  /** What may happen, for people. */
  readonly summary: string;
  /** More that is free than {@linkcode kind} says. */
  readonly freedom?: Freedom;
}

/** The words that {@linkcode varyOf} knows. */
export const VARY_WORDS: Readonly<Record<string, VaryWord>> = {
  initcalls: { kind: "initcall", summary: "initcalls of a level, in any order" },
  levels: {
    kind: "initcall",
    summary: "initcalls, at any level and in any order",
    freedom: { levels: "ignored" },
  },
  slots: {
    kind: "slot",
    summary: "devices of the tree (virtio ones) change places",
    freedom: { places: "own" },
  },
  modules: { kind: "module", summary: "modules, loaded in any order" },
  async: { kind: "async", summary: "probes that run beside the boot, first or later" },
  deferral: { kind: "work", summary: "workers, deferred probes among them, now or later" },
  interrupts: { kind: "irq", summary: "interrupts that are pending, now or later" },
  timers: { kind: "timer", summary: "timers that are due, now or later" },
  tasks: { kind: "task", summary: "all other tasks, now or later" },
  faults: { kind: "fault", summary: "operations that may fail do, or do not" },
};

/** What may go another way when a word names it, for people. */
export function namedFreedom(word: string, names: string): string {
  const [list, { freedom, kind }] = [names.replaceAll(",", ", "), VARY_WORDS[word]];
  if (freedom?.places === "own") return `${list} change places`;
  const where = kind !== "initcall" || freedom?.levels === "ignored" ? "" : " of their level";
  return `${list} (${word}), anywhere among the others${where}`;
}

/** Something is to vary that nobody knows, or that this scenario does not leave open. */
export class VaryError extends Error {
  /** The name of the class. */
  override name = "VaryError";
}

/**
 * Reads words; names behind an `=` say what alone is free, and all else of the kind keeps its order.
 *
 * @throws {VaryError} When a word is not one of {@linkcode VARY_WORDS}.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { varyOf } from "./vary.ts";
 * assertEquals(varyOf(["slots", "levels=virtio_init"]), {
 *   slot: { places: "own" },
 *   initcall: { levels: "ignored", only: ["virtio_init"] },
 * });
 * ```
 */
export function varyOf(words: readonly string[]): Vary {
  const vary: { [Kind in ChoiceKind]?: boolean | Freedom } = {};
  for (const text of words) {
    const [word, names] = text.split("=");
    if (!Object.hasOwn(VARY_WORDS, word)) {
      const known = Object.keys(VARY_WORDS).join(", ");
      throw new VaryError(`nothing called '${word}' can vary; there are ${known}`);
    }
    const { kind, freedom = {} } = VARY_WORDS[word];
    if (names === "") throw new VaryError(`'${text}' names nothing; leave out the = to vary all`);
    const only = names === undefined ? {} : { only: names.split(",") };
    const free = { ...freedom, ...only };
    vary[kind] = Object.keys(free).length === 0 ? true : free;
  }
  return vary;
}

/**
 * Refuses names of things that are not there: nothing would vary.
 *
 * @param what What has these names: `"initcall"`.
 * @throws {VaryError} With the name that is nearest, or all names if none is near.
 */
export function checkNames(
  what: string,
  names: readonly string[],
  known: readonly string[],
): undefined {
  const missing = names.find((name) => !known.includes(name));
  if (missing === undefined) return;
  const near = known.find((name) => name.startsWith(missing)) ?? nearest(missing, known);
  const hint = near === undefined ? `there are ${known.join(", ")}` : `is it ${near}?`;
  throw new VaryError(`no ${what} '${missing}' is there; ${hint}`);
}
