/**
 * Every inequivalent run, once. Runs that differ only in the order of steps that touch nothing in common are
 * equivalent; one of them is run to its end.
 *
 * At each point all options are tried one after the other. Those that were tried sleep in the runs that
 * begin with another one, until a step touches what theirs would: what they lead to was seen. A run in
 * which everything sleeps is given up.
 *
 * After Godefroid: Partial-Order Methods for the Verification of Concurrent Systems (1996). Source sets, which
 * try fewer options, are no use here: they assume that what a step touches does not depend on what it finds,
 * and the steps of a kernel are large. (Tried on random models, one in a thousand lost an outcome.) In their
 * place, runs are foreseen where what their steps do is known (`memory.ts`), so that those that would be given
 * up are not even begun.
 *
 * @module
 */
import { STOP } from "../../kernel/choice.ts";
import { type Accesses, addAccesses, independent, type Objects } from "./access.ts";
import {
  contextsOf,
  IncompleteAccessError,
  type Memory,
  NOTHING_TAKEN,
  type Versions,
} from "./memory.ts";
import { insideStep, type Point, type Run, type Step, type Strategy } from "./run.ts";

/** Options that need not be tried, by name, with what their step would touch: runs that begin so were seen. */
export type SleepSet = ReadonlyMap<string, Accesses>;

/** A point on the way to the runs that come next. */
class Node {
  /** The option that is tried now. */
  taken = 0;
  /** Options whose runs were all seen, with what their step touched in any of them. */
  readonly done = new Map<number, Accesses>();
  /** What the step of the option that is tried touched in any run so far. */
  touched: Accesses = new Map();
  /** Where the objects stand before the step, if runs are foreseen. */
  versions: Versions | undefined;
  /** The steps before it as a set, if runs are foreseen. */
  before = NOTHING_TAKEN;

  constructor(
    readonly names: readonly string[],
    readonly inside: boolean,
    readonly sleep: SleepSet,
    /** The runs that are looked for take a certain option here. */
    readonly fixed = false,
  ) {
    this.taken = names.findIndex((name) => !sleep.has(name));
  }

  get name(): string {
    return this.names[this.taken];
  }

  /** Goes over to the next option that does not sleep; false when there is none. */
  advance(): boolean {
    if (this.fixed) return false;
    this.done.set(this.taken, this.touched);
    this.touched = new Map();
    do this.taken++; while (this.taken < this.names.length && this.sleep.has(this.name));
    return this.taken < this.names.length;
  }

  /** What sleeps after the step, where `names` are offered. */
  sleepAfter(names: readonly string[], accesses: Accesses): SleepSet {
    const sleep = new Map<string, Accesses>();
    for (const [name, touched] of this.sleep) {
      if (names.includes(name) && independent(touched, accesses)) sleep.set(name, touched);
    }
    for (const [option, touched] of this.done) {
      const name = this.names[option];
      if (names.includes(name) && independent(touched, accesses)) sleep.set(name, touched);
    }
    return sleep;
  }
}

/** A run did not go as the one before it, though it was answered the same: the scenario is not deterministic. */
export class NondeterminismError extends Error {
  /** The name of the class. */
  override name = "NondeterminismError";
}

/** A part of all runs. */
export interface Branch {
  /** The options taken at the first points. */
  readonly taken: readonly string[];
  /** What sleeps after them. */
  readonly sleep: SleepSet;
}

/** All runs. */
export const ALL: Branch = { taken: [], sleep: new Map() };

/** Decides so that of every class of equivalent runs one is seen. */
export class Search implements Strategy {
  /** Runs that were given up because all that they could show was seen. */
  givenUp = 0;
  /** Runs that were not begun for the same reason. */
  foreseen = 0;

  readonly #path: Node[] = [];
  readonly #branch: Branch;
  readonly #objects: Objects;
  /** What contradicts that runs can be foreseen: a step looks at something that it does not report. */
  doubt: string | undefined;
  #memory: Memory | undefined;
  #started = false;

  /**
   * @param objects The numbers of the objects, shared with those who record the runs.
   * @param memory What is known from other runs, where runs can be foreseen: see `fixedSteps` of a scenario.
   * @param branch Only runs that begin so are seen. Default: all.
   */
  constructor(objects: Objects, memory?: Memory, branch: Branch = ALL) {
    this.#objects = objects;
    this.#memory = memory;
    this.#branch = branch;
  }

  begin(tries: number = Infinity): boolean | undefined {
    if (!this.#started) return this.#started = true;
    for (let last, left = tries; (last = this.#path.at(-1)) !== undefined;) {
      if (left === 0) return undefined;
      if (!last.advance()) this.#path.pop();
      else if (this.#isNews()) return true;
      else left--;
    }
    return false;
  }

  /** Foresees the run until something new comes; false when all of it was seen. */
  #isNews(): boolean {
    const memory = this.#memory;
    if (memory === undefined) return true;
    for (;;) {
      const last = this.#path[this.#path.length - 1];
      if (last.versions === undefined) return true;
      const step = memory.foresee(last.name, last.versions);
      if (step === undefined) return true;
      const taken = memory.withTaken(last.before, last.name);
      const names = memory.optionsAfter(taken, last.name, last.names);
      if (names === undefined || names.length === 0) return true;
      addAccesses(last.touched, step.accesses);
      const node = new Node(names, false, last.sleepAfter(names, step.accesses));
      if (node.taken < 0) {
        this.foreseen++;
        return false;
      }
      node.versions = memory.after(last.versions, step);
      node.before = taken;
      this.#path.push(node);
    }
  }

  pick(point: Point, place: number, steps: readonly Step[]): number {
    const known = this.#path[place];
    if (known !== undefined) return optionOf(point, known, place);
    const { taken } = this.#branch;
    const inside = insideStep(point.kind);
    if (place < taken.length) {
      const node = new Node(point.names, inside, new Map(), true);
      node.taken = point.names.indexOf(taken[place]);
      this.#path.push(node);
      return optionOf(point, node, place);
    }
    const node = new Node(
      point.names,
      inside,
      inside ? new Map() : this.#sleepAt(point, place, steps),
    );
    if (node.taken >= 0) this.#path.push(node);
    else this.givenUp++;
    return node.taken >= 0 ? node.taken : STOP;
  }

  #sleepAt({ kind, names }: Point, place: number, steps: readonly Step[]): SleepSet {
    if (place === this.#branch.taken.length) return this.#branch.sleep;
    const last = steps[steps.length - 1];
    const before = this.#path[last.point];
    // Behind a barrier comes what was there before, without what it ends.
    return before.sleepAfter(kind === "barrier" ? before.names : names, last.accesses);
  }

  end(run: Run): undefined {
    for (const { point, accesses } of run.steps) addAccesses(this.#path[point].touched, accesses);
    const memory = this.#memory;
    if (memory === undefined) return;
    const contexts = contextsOf(run, this.#objects);
    try {
      memory.learn(run, contexts);
    } catch (error) {
      if (!(error instanceof IncompleteAccessError)) throw error;
      this.doubt = error.message;
      this.#memory = undefined;
      return;
    }
    memory.learnOptions(run, run.outcome !== undefined);
    let versions = memory.origin;
    let taken = NOTHING_TAKEN;
    run.steps.forEach(({ name, point, accesses }, i) => {
      this.#path[point].versions = versions;
      this.#path[point].before = taken;
      taken = memory.withTaken(taken, name);
      versions = memory.after(versions, { accesses, context: contexts[i] });
    });
  }
}

/** Where the option stands that the node takes. */
function optionOf({ names }: Point, node: Node, place: number): number {
  const option = names.indexOf(node.name);
  if (option < 0 || names.length !== node.names.length) {
    throw new NondeterminismError(
      `Point ${place} offers ${names.join(", ")}, where ${node.names.join(", ")} were expected`,
    );
  }
  return option;
}
