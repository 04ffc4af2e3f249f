/**
 * What is known of steps from the runs so far: a step that finds everything it looks at as it was in an
 * earlier run does what it did there. So whole runs can be foreseen, and need not be run when they would
 * show nothing new, or when their end was seen before.
 *
 * An object has a version: what it holds, where steps say that. Otherwise which step touched it last, and what
 * that step had found: then equal versions mean equal histories.
 *
 * @module
 */
import {
  type Accesses,
  addAccesses,
  independent,
  looksAt,
  modifies,
  type Objects,
} from "./access.ts";
import { Fingerprint, sumOf } from "./hash.ts";
import { insideStep, type Offer, type Run, type Step } from "./run.ts";
import type { Outcome, Scenario } from "./scenario.ts";
import { sameValues, type Value, type Values } from "./values.ts";

/** The version of each object by its number; 0 where nobody touched it yet. */
type Versions = Float64Array;

/** Where a run stands between two steps. */
export interface State {
  /** What objects hold. */
  readonly versions: Versions;
  /** The steps that were made, whatever their order: a fingerprint. */
  readonly taken: number;
}

/** A step that can be foreseen. */
export interface Foreseen {
  /** What it touches. */
  readonly accesses: Accesses;
  /** What it leaves there, where that is said. */
  readonly values: Values;
  /** Fingerprint of what it is and found. */
  readonly context: number;
}

/** What is known of a step when it has looked at some objects: which one is next, and what was found there before. */
interface Looking {
  readonly object: number;
  /** It has ever depended on what was found there; only added to or taken from, it has not. */
  looks: boolean;
  readonly found: Map<number, Looking | Foreseen>;
}

/** A step did something else than before, though all that it looked at was as before. */
export class IncompleteAccessError extends Error {
  /** The name of the class. */
  override name = "IncompleteAccessError";
}

/** What a step changes in the options: what it adds beside taking away itself; `undefined` when it does more. */
type Change = Offer | undefined;

/** Nothing is left to decide: the run ends. */
const END: Offer = { kind: "barrier", names: [], actors: [] };

/** What runs have taught. */
export class Memory {
  readonly #objects: Objects;
  readonly #fixed: boolean;
  readonly #visible: boolean;
  readonly #steps = new Map<string, Looking | Foreseen>();
  readonly #changes = new Map<string, Change>();
  /** What each step touched in any run. */
  readonly #touched = new Map<string, Accesses>();
  /** Options by what decides about them. */
  readonly #offers = new Map<number, Offer>();
  readonly #ends = new Map<number, Outcome>();
  readonly #names = new Map<string, number>();

  /** @param scenario What about it can be foreseen. */
  constructor(objects: Objects, scenario: Pick<Scenario, "fixedSteps" | "visible">) {
    this.#objects = objects;
    this.#fixed = scenario.fixedSteps === true;
    this.#visible = scenario.visible === true;
  }

  /** Before the first step. */
  get origin(): State {
    return { versions: new Float64Array(this.#objects.count), taken: 0 };
  }

  /**
   * Learns from a run.
   *
   * @returns Where it stood before each step.
   * @throws {IncompleteAccessError} When it contradicts what is known.
   */
  learn(run: Run): State[] {
    const contexts = contextsOf(run, this.#objects, true);
    const states = [this.origin];
    run.steps.forEach((step, i) => {
      const { accesses, values } = step;
      const foreseen = { accesses, values, context: contexts[i] };
      this.#noteTouched(step);
      if (!isDecidedInside(run, step)) this.#remember(step, states[i].versions, foreseen);
      states.push(this.after(states[i], step.name, foreseen));
    });
    this.#learnOffers(run, states);
    this.#learnEnd(states[run.steps.length], run.outcome);
    return states;
  }

  #learnEnd(state: State, outcome: Outcome | undefined): undefined {
    if (!this.#visible || outcome === undefined) return;
    const print = this.#print(state);
    const known = this.#ends.get(print) ?? outcome;
    const view = Object.keys(outcome).find((view) => known[view] !== outcome[view]);
    if (view !== undefined) {
      throw new IncompleteAccessError(
        `${view} is not always the same where all objects hold the same: it shows something that is not reported`,
      );
    }
    this.#ends.set(print, outcome);
  }

  #noteTouched({ name, accesses }: Step): undefined {
    let touched = this.#touched.get(name);
    if (touched === undefined) this.#touched.set(name, touched = new Map());
    addAccesses(touched, accesses);
  }

  #remember({ name, accesses, values }: Step, versions: Versions, foreseen: Foreseen): undefined {
    let put = (what: Looking | Foreseen) => void this.#steps.set(name, what);
    let known = this.#steps.get(name);
    for (const [object, bits] of accesses) {
      if (known === undefined) put(known = { object, looks: false, found: new Map() });
      if (!("found" in known) || known.object !== object) throw this.#contradiction(name, object);
      const { found } = known;
      if (looksAt(bits) && !known.looks) {
        known.looks = true;
        found.clear();
      }
      const version = versionFor(known, versions);
      put = (what) => void found.set(version, what);
      known = found.get(version);
    }
    if (known !== undefined && "found" in known) throw this.#contradiction(name, known.object);
    if (known === undefined) put(foreseen);
    else if (!sameValues(known.values, values)) {
      throw new IncompleteAccessError(
        `${name} writes other values, though all it looked at is the same: it looks at something that is not reported`,
      );
    }
  }

  #contradiction(name: string, object: number): IncompleteAccessError {
    const [{ object: what, key }] = this.#objects.records(new Map([[object, 1]]));
    return new IncompleteAccessError(
      `${name} touches ${what} ${key} only sometimes, though all it looked at before is the same: ` +
        "it looks at something that is not reported",
    );
  }

  /** What a step will do; `undefined` when it never found things so. */
  foresee(name: string, { versions }: State): Foreseen | undefined {
    let known = this.#steps.get(name);
    while (known !== undefined && "found" in known) {
      known = known.found.get(versionFor(known, versions));
    }
    return known;
  }

  /** Where a run stands after a step. */
  after({ versions, taken }: State, name: string, step: Foreseen): State {
    const after = new Float64Array(this.#objects.count);
    after.set(versions);
    for (const [object, bits] of step.accesses) {
      const value = step.values.get(object);
      after[object] = versionAfter(after[object] ?? 0, bits, step.context, value);
    }
    return { versions: after, taken: sumOf(taken, this.#printOf(name)) };
  }

  #printOf(name: string): number {
    let print = this.#names.get(name);
    if (print === undefined) this.#names.set(name, print = new Fingerprint().text(name).value);
    return print;
  }

  /** A fingerprint of everything. */
  #print({ versions, taken }: State): number {
    const print = new Fingerprint().number(taken);
    versions.forEach((version, object) => {
      if (version !== 0) print.number(object).number(version);
    });
    return print.value;
  }

  /** What decides about the options. */
  #offerKey(state: State): number {
    return this.#fixed ? state.taken : this.#print(state);
  }

  #learnOffers({ points, steps, outcome }: Run, states: readonly State[]): undefined {
    steps.forEach(({ name, point }, i) => {
      // Also the point at which a run was stopped says what was offered.
      const next = points.slice(point + 1).find(({ kind }) => !insideStep(kind)) ??
        (outcome === undefined ? undefined : END);
      if (next === undefined) return;
      this.#offers.set(this.#offerKey(states[i + 1]), next);
      const { names } = points[point];
      if (this.#fixed && names.length > 1 && !this.#changes.has(name)) {
        this.#changes.set(name, changeBy(name, names, next));
      }
    });
  }

  /**
   * What can be decided after steps were made.
   *
   * @param last The last of them, one of `before`.
   * @returns Nothing to decide when the run ends there; `undefined` when it is not known.
   */
  offerAfter(state: State, last: string, before: Offer): Offer | undefined {
    const known = this.#offers.get(this.#offerKey(state));
    if (known !== undefined) return known;
    const change = this.#changes.get(last);
    if (change === undefined) return undefined;
    const staying = before.names.flatMap((name, i) => name === last ? [] : [i]);
    if (staying.length + change.names.length === 0) return undefined;
    return {
      kind: before.kind,
      names: [...staying.map((i) => before.names[i]), ...change.names],
      actors: [...staying.map((i) => before.actors[i]), ...change.actors],
    };
  }

  /**
   * True when everything that can come before a step that is offered left alone, in all runs so far, what the step
   * touches.
   */
  isLeftAlone(step: string, touched: Accesses, { names }: Offer): boolean {
    const coming = new Set(names);
    for (const name of coming) {
      if (name === step) continue;
      const others = this.#touched.get(name);
      const change = this.#changes.get(name);
      if (others === undefined || change === undefined || !independent(touched, others)) {
        return false;
      }
      for (const added of change.names) coming.add(added);
    }
    return true;
  }

  /** What comes of a run that ends so; `undefined` when none did yet, or when more decides about it. */
  endOf(state: State): Outcome | undefined {
    return this.#visible ? this.#ends.get(this.#print(state)) : undefined;
  }
}

/**
 * For each step of a run, a fingerprint of what it is and found. Runs with the same fingerprints, in whatever
 * order, are equivalent, unless things count as the same that only hold the same.
 *
 * @param byValue Things that hold the same count as the same. Default: only those that came about in the same way.
 */
export function contextsOf(run: Run, objects: Objects, byValue = false): number[] {
  const versions = new Map<number, number>();
  return run.steps.map(({ name, point, accesses, values }) => {
    const print = new Fingerprint().text(name);
    for (let i = point + 1; i < run.points.length && insideStep(run.points[i].kind); i++) {
      print.number(run.points[i].taken);
    }
    for (const [object, bits] of accesses) {
      print.number(objects.fingerprint(object));
      if (looksAt(bits)) print.number(versions.get(object) ?? 0);
    }
    const { value: context } = print;
    for (const [object, bits] of accesses) {
      const value = byValue ? values.get(object) : undefined;
      versions.set(object, versionAfter(versions.get(object) ?? 0, bits, context, value));
    }
    return context;
  });
}

function versionFor({ object, looks }: Looking, versions: Versions): number {
  return looks ? versions[object] ?? 0 : 0;
}

/** The version of an object after a step; that of a set is the same in whatever order it was added to. */
function versionAfter(
  version: number,
  bits: number,
  context: number,
  value: Value | undefined,
): number {
  if (!modifies(bits)) return version;
  if (value !== undefined) return sumOf(value.written ?? version, value.added);
  return looksAt(bits) ? context : sumOf(version, context);
}

/** A fingerprint of the class of a run, by the contexts of its steps. */
export function classOf(contexts: readonly number[]): number {
  const print = new Fingerprint();
  for (const context of contexts.toSorted((a, b) => a - b)) print.number(context);
  return print.value;
}

/** Its way was decided inside: what it found is not all that counts. */
function isDecidedInside({ points }: Run, { point }: Step): boolean {
  return point + 1 < points.length && insideStep(points[point + 1].kind);
}

function changeBy(name: string, before: readonly string[], after: Offer): Change {
  if (before.some((other) => other !== name && !after.names.includes(other))) return undefined;
  const added = after.names.flatMap((other, i) => before.includes(other) ? [] : [i]);
  return {
    kind: after.kind,
    names: added.map((i) => after.names[i]),
    actors: added.map((i) => after.actors[i]),
  };
}
