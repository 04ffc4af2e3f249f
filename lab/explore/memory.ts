/**
 * What is known of steps from the runs so far: a step that finds everything it looks at as it was in an
 * earlier run does what it did there. So whole runs can be foreseen, and need not be run when they would
 * show nothing new.
 *
 * An object has a version: which step touched it last, and what that step had found. Equal versions mean
 * equal histories.
 *
 * @module
 */
import { type Accesses, looksAt, modifies, type Objects } from "./access.ts";
import { Fingerprint, unordered } from "./hash.ts";
import { insideStep, type Run, type Step } from "./run.ts";

/** The version of each object by its number; 0 where nobody touched it yet. */
export type Versions = Float64Array;

/** A step that can be foreseen. */
export interface Foreseen {
  /** What it touches. */
  readonly accesses: Accesses;
  /** Fingerprint of what it is and found. */
  readonly context: number;
}

/** The set of steps before the first one. */
export const NOTHING_TAKEN = 0;
/** Fingerprints of sets are below this: two of them can be added exactly. */
const SETS = 2 ** 52;

/** What is known of a step when it has looked at some objects: which one is next, and what was found there before. */
interface Looking {
  readonly object: number;
  /** It has ever depended on what was found there; only added to or taken from, it has not. */
  looks: boolean;
  readonly found: Map<number, Looking | Foreseen>;
}

/** A step touched other objects than before, though all that it looked at was as before. */
export class IncompleteAccessError extends Error {
  /** The name of the class. */
  override name = "IncompleteAccessError";
}

/** What a step changes in the options: what it adds beside taking away itself; `undefined` when it does more. */
type Change = readonly string[] | undefined;

/** What runs have taught. */
export class Memory {
  readonly #objects: Objects;
  readonly #steps = new Map<string, Looking | Foreseen>();
  readonly #changes = new Map<string, Change>();
  /** Options by the set of steps that were taken. */
  readonly #options = new Map<number, readonly string[]>();
  readonly #names = new Map<string, number>();

  constructor(objects: Objects) {
    this.#objects = objects;
  }

  /** Versions before the first step. */
  get origin(): Versions {
    return new Float64Array(this.#objects.count);
  }

  /**
   * Learns from a run what its steps do.
   *
   * @throws {IncompleteAccessError} When a step contradicts what is known.
   */
  learn(run: Run, contexts: readonly number[]): undefined {
    let versions = this.origin;
    run.steps.forEach((step, i) => {
      const foreseen = { accesses: step.accesses, context: contexts[i] };
      if (!isDecidedInside(run, step)) this.#remember(step, versions, foreseen);
      versions = this.after(versions, foreseen);
    });
  }

  #remember({ name, accesses }: Step, versions: Versions, foreseen: Foreseen): undefined {
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
  }

  #contradiction(name: string, object: number): IncompleteAccessError {
    const [{ object: what, key }] = this.#objects.records(new Map([[object, 1]]));
    return new IncompleteAccessError(
      `${name} touches ${what} ${key} only sometimes, though all it looked at before is the same: ` +
        "it looks at something that is not reported",
    );
  }

  /** What a step will do; `undefined` when it never found things so. */
  foresee(name: string, versions: Versions): Foreseen | undefined {
    let known = this.#steps.get(name);
    while (known !== undefined && "found" in known) {
      known = known.found.get(versionFor(known, versions));
    }
    return known;
  }

  /** The versions after a step. */
  after(versions: Versions, { accesses, context }: Foreseen): Versions {
    const after = this.origin;
    after.set(versions);
    for (const [object, bits] of accesses) {
      after[object] = versionAfter(after[object] ?? 0, bits, context);
    }
    return after;
  }

  /**
   * Learns which options a run had, where steps always make the same others possible.
   *
   * @param ended The run came to its end: after its last step there were none.
   */
  learnOptions({ points, steps }: Run, ended: boolean): undefined {
    let taken = NOTHING_TAKEN;
    steps.forEach(({ name, point }) => {
      const { names } = points[point];
      // Also the point at which a run was stopped says what was offered.
      const next = points.slice(point + 1).find(({ kind }) => !insideStep(kind))?.names;
      taken = this.withTaken(taken, name);
      if (next === undefined && !ended) return;
      this.#options.set(taken, next ?? []);
      if (names.length > 1 && !this.#changes.has(name)) {
        this.#changes.set(name, changeBy(name, names, next ?? []));
      }
    });
  }

  /** The set of steps that were taken, with one more, whatever their order: a fingerprint. */
  withTaken(taken: number, name: string): number {
    let print = this.#names.get(name);
    if (print === undefined) {
      print = new Fingerprint().text(name).value % SETS;
      this.#names.set(name, print);
    }
    return (taken + print) % SETS;
  }

  /**
   * The options after steps were taken.
   *
   * @param last The last of them, at a point with the options `names`.
   */
  optionsAfter(
    taken: number,
    last: string,
    names: readonly string[],
  ): readonly string[] | undefined {
    const known = this.#options.get(taken);
    if (known !== undefined) return known;
    const change = this.#changes.get(last);
    if (change === undefined) return undefined;
    const next = [...names.filter((name) => name !== last), ...change];
    return next.length === 0 ? undefined : next;
  }
}

/**
 * For each step of a run, a fingerprint of what it is and found. Runs with the same fingerprints, in whatever
 * order, are equivalent.
 */
export function contextsOf(run: Run, objects: Objects): number[] {
  const versions = new Map<number, number>();
  return run.steps.map(({ name, point, accesses }) => {
    const print = new Fingerprint().text(name);
    for (let i = point + 1; i < run.points.length && insideStep(run.points[i].kind); i++) {
      print.number(run.points[i].taken);
    }
    for (const [object, bits] of accesses) {
      print.number(objects.fingerprint(object));
      if (looksAt(bits)) print.number(versions.get(object) ?? 0);
    }
    const { value } = print;
    for (const [object, bits] of accesses) {
      versions.set(object, versionAfter(versions.get(object) ?? 0, bits, value));
    }
    return value;
  });
}

function versionFor({ object, looks }: Looking, versions: Versions): number {
  return looks ? versions[object] ?? 0 : 0;
}

/** The version of an object after a step; that of a set is the same in whatever order it was added to. */
function versionAfter(version: number, bits: number, context: number): number {
  if (!modifies(bits)) return version;
  return looksAt(bits) ? context : unordered(version, context);
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

function changeBy(name: string, before: readonly string[], after: readonly string[]): Change {
  if (before.some((other) => other !== name && !after.includes(other))) return undefined;
  return after.filter((other) => !before.includes(other));
}
