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
 * up are not even begun, and those that end where another run ended before need not be made. A run is also given up
 * when something sleeps that nothing to come can wake: otherwise 27 tasks that have little in common are begun in
 * 2 ** 27 ways.
 *
 * @module
 */
import { STOP } from "../../kernel/choice.ts";
import { type Accesses, addAccesses, independent, type Objects } from "./access.ts";
import { IncompleteAccessError, type Memory, type State } from "./memory.ts";
import { insideStep, type Offer, type Point, type Run, type Step, type Strategy } from "./run.ts";
import type { Outcome } from "./scenario.ts";
import type { Values } from "./values.ts";

/** Options that need not be tried, by name, with what their step would touch: runs that begin so were seen. */
export type SleepSet = ReadonlyMap<string, Accesses>;

/** What a step does. */
interface Deed {
  readonly accesses: Accesses;
  readonly values: Values;
}

const NOTHING: Deed = { accesses: new Map(), values: new Map() };

/** A point on the way to the runs that come next. */
class Node {
  /** The option that is tried now. */
  taken = 0;
  /** Options whose runs were all seen, with what their step touched in any of them. */
  readonly done = new Map<number, Accesses>();
  /** What the step of the option that is tried touched in any run so far. */
  touched: Accesses = new Map();
  /** What it did in the last of them. */
  deed = NOTHING;
  /** Where things stand before the step, if runs are foreseen. */
  state: State | undefined;

  constructor(
    readonly offer: Offer,
    readonly sleep: SleepSet,
    /** The runs that are looked for take a certain option here. */
    readonly fixed = false,
  ) {
    this.taken = offer.names.findIndex((name) => !sleep.has(name));
  }

  get names(): readonly string[] {
    return this.offer.names;
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

  /** The step of the option that is tried did this. */
  note(deed: Deed): undefined {
    this.deed = deed;
    addAccesses(this.touched, deed.accesses);
  }

  /** What sleeps after the step, where something is offered. */
  sleepAfter({ kind, names }: Offer): SleepSet {
    // Behind a barrier comes what was there before, without what it ends.
    const offered = kind === "barrier" ? this.names : names;
    const sleep = new Map<string, Accesses>();
    const keep = (name: string, touched: Accesses) => {
      if (offered.includes(name) && independent(touched, this.deed.accesses)) {
        sleep.set(name, touched);
      }
    };
    for (const [name, touched] of this.sleep) keep(name, touched);
    for (const [option, touched] of this.done) keep(this.names[option], touched);
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

  begin(tries: number = Infinity): boolean | Run | undefined {
    if (!this.#started) return this.#started = true;
    for (let last, left = tries; (last = this.#path.at(-1)) !== undefined;) {
      if (left === 0) return undefined;
      if (!last.advance()) this.#path.pop();
      else {
        const news = this.#lookAhead();
        if (news !== false) return news;
        left--;
      }
    }
    return false;
  }

  /** Foresees the run until something new comes, or to its end; false when all of it was seen. */
  #lookAhead(): boolean | Run {
    const memory = this.#memory;
    if (memory === undefined) return true;
    for (;;) {
      const last = this.#path[this.#path.length - 1];
      if (last.state === undefined) return true;
      const step = memory.foresee(last.name, last.state);
      if (step === undefined) return true;
      const state = memory.after(last.state, last.name, step);
      const offer = memory.offerAfter(state, last.name, last.offer);
      if (offer === undefined) return true;
      last.note(step);
      if (offer.names.length === 0) return this.#foreseenRun(memory.endOf(state)) ?? true;
      const node = new Node(offer, last.sleepAfter(offer));
      if (node.taken < 0 || this.#isSeen(node)) {
        this.foreseen++;
        return false;
      }
      node.state = state;
      this.#path.push(node);
    }
  }

  /** The run that all this leads to. */
  #foreseenRun(outcome: Outcome | undefined): Run | undefined {
    if (outcome === undefined) return undefined;
    const points = this.#path.map(({ offer, taken }) => ({ ...offer, taken }));
    const steps = this.#path.flatMap(({ offer: { kind, actors }, taken, name, deed }, point) =>
      insideStep(kind)
        ? []
        : [{ point, name, actor: actors[taken], accesses: deed.accesses, values: deed.values }]
    );
    return { points, steps, outcome };
  }

  pick(point: Point, place: number, steps: readonly Step[]): number {
    const known = this.#path[place];
    if (known !== undefined) return optionOf(point, known, place);
    const { taken } = this.#branch;
    if (place < taken.length) {
      const node = new Node(point, new Map(), true);
      node.taken = point.names.indexOf(taken[place]);
      this.#path.push(node);
      return optionOf(point, node, place);
    }
    const inside = insideStep(point.kind);
    const node = new Node(point, inside ? new Map() : this.#sleepAt(point, place, steps));
    if (node.taken < 0 || this.#isSeen(node)) {
      this.givenUp++;
      return STOP;
    }
    this.#path.push(node);
    return node.taken;
  }

  /**
   * True when something sleeps that nothing can wake: whatever comes now could come after it, and that was seen. All
   * that others do after it was seen too, so what is known of them is all they can do. Of what sleeps since the branch
   * began somebody else saw it.
   */
  #isSeen({ offer, sleep }: Node): boolean {
    const memory = this.#memory;
    if (memory === undefined) return false;
    return [...sleep].some(([name, touched]) =>
      !this.#branch.sleep.has(name) && memory.isLeftAlone(name, touched, offer)
    );
  }

  #sleepAt(point: Point, place: number, steps: readonly Step[]): SleepSet {
    if (place === this.#branch.taken.length) return this.#branch.sleep;
    const last = steps[steps.length - 1];
    const before = this.#path[last.point];
    before.note(last);
    return before.sleepAfter(point);
  }

  end(run: Run): undefined {
    for (const step of run.steps) this.#path[step.point].note(step);
    const memory = this.#memory;
    if (memory === undefined) return;
    try {
      const states = memory.learn(run);
      run.steps.forEach(({ point }, i) => this.#path[point].state = states[i]);
    } catch (error) {
      if (!(error instanceof IncompleteAccessError)) throw error;
      this.doubt = error.message;
      this.#memory = undefined;
    }
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
