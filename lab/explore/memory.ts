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
import { type Accesses, modifies, type Objects } from "./access.ts";
import { insideStep, type Run, type Step } from "./run.ts";

/** The version of each object by its number; 0 where nobody touched it yet. */
export type Versions = Int32Array;

/** A step that can be foreseen. */
export interface Foreseen {
  /** What it touches. */
  readonly accesses: Accesses;
  /** Number of what it is and found. */
  readonly context: number;
}

/** What is known of a step when it has looked at some objects: which one is next, and what was found there before. */
interface Looking {
  readonly object: number;
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
  readonly #contexts = new Map<string, number>();
  readonly #steps = new Map<string, Looking | Foreseen>();
  readonly #changes = new Map<string, Change>();
  /** Options by the set of steps that were taken. */
  readonly #options = new Map<string, readonly string[]>();

  constructor(objects: Objects) {
    this.#objects = objects;
  }

  /** Versions before the first step. */
  get origin(): Versions {
    return new Int32Array(this.#objects.count);
  }

  /**
   * Learns from a run.
   *
   * @returns For each step the number of what it is and found: equal sets of these numbers are equivalent runs.
   * @throws {IncompleteAccessError} When a step contradicts what is known.
   */
  learn(run: Run): number[] {
    let versions = this.origin;
    return run.steps.map((step) => {
      const foreseen = { accesses: step.accesses, context: this.#contextOf(run, step, versions) };
      if (!isDecidedInside(run, step)) this.#remember(step, versions, foreseen);
      versions = this.after(versions, foreseen);
      return foreseen.context;
    });
  }

  #contextOf(run: Run, { name, point, accesses }: Step, versions: Versions): number {
    let text = name;
    for (let i = point + 1; i < run.points.length && insideStep(run.points[i].kind); i++) {
      text += `|${run.points[i].taken}`;
    }
    for (const object of accesses.keys()) text += `,${object}:${versions[object] ?? 0}`;
    let context = this.#contexts.get(text);
    if (context === undefined) this.#contexts.set(text, context = this.#contexts.size + 1);
    return context;
  }

  #remember({ name, accesses }: Step, versions: Versions, foreseen: Foreseen): undefined {
    let put = (what: Looking | Foreseen) => void this.#steps.set(name, what);
    let known = this.#steps.get(name);
    for (const object of accesses.keys()) {
      if (known === undefined) put(known = { object, found: new Map() });
      if (!("found" in known) || known.object !== object) throw this.#contradiction(name, object);
      const { found } = known;
      const version = versions[object] ?? 0;
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
      known = known.found.get(versions[known.object] ?? 0);
    }
    return known;
  }

  /** The versions after a step. */
  after(versions: Versions, { accesses, context }: Foreseen): Versions {
    const after = new Int32Array(this.#objects.count);
    after.set(versions);
    for (const [object, bits] of accesses) if (modifies(bits)) after[object] = context;
    return after;
  }

  /**
   * Learns which options a run had, where steps always make the same others possible.
   *
   * @param ended The run came to its end: after its last step there were none.
   */
  learnOptions({ points, steps }: Run, ended: boolean): undefined {
    const taken: string[] = [];
    steps.forEach(({ name, point }, i) => {
      const { names } = points[point];
      const next = i + 1 < steps.length ? points[steps[i + 1].point].names : undefined;
      taken.push(name);
      if (next === undefined && !ended) return;
      this.#options.set(keyOf(taken), next ?? []);
      if (names.length > 1 && !this.#changes.has(name)) {
        this.#changes.set(name, changeBy(name, names, next ?? []));
      }
    });
  }

  /** The options after steps were taken, the last of them at a point with these options. */
  optionsAfter(taken: readonly string[], names: readonly string[]): readonly string[] | undefined {
    const known = this.#options.get(keyOf(taken));
    if (known !== undefined) return known;
    const last = taken[taken.length - 1];
    const change = this.#changes.get(last);
    const left = names.filter((name) => name !== last);
    return change === undefined || left.length === 0 ? undefined : [...left, ...change];
  }
}

/** Its way was decided inside: what it found is not all that counts. */
function isDecidedInside({ points }: Run, { point }: Step): boolean {
  return point + 1 < points.length && insideStep(points[point + 1].kind);
}

function changeBy(name: string, before: readonly string[], after: readonly string[]): Change {
  if (before.some((other) => other !== name && !after.includes(other))) return undefined;
  return after.filter((other) => !before.includes(other));
}

function keyOf(taken: readonly string[]): string {
  return taken.toSorted().join("\n");
}
