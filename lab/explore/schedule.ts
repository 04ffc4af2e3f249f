/**
 * A run as people say it: which steps in which order. A schedule can be followed, also where the answers of
 * the run it was taken from would mean something else.
 *
 * @module
 */
import { insideStep, type Point, type Run, type Strategy } from "./run.ts";

/** A step that is to come, and how it is decided inside. */
export interface Scheduled {
  /** As the option is called. */
  readonly name: string;
  /** The answers inside the step, without zeros at the end. Default: none but zeros. */
  readonly inside?: readonly number[];
}

/** The schedule of a run. */
export function scheduleOf({ steps, points }: Run): Scheduled[] {
  return steps.map(({ name, point }) => {
    const inside: number[] = [];
    for (let i = point + 1; i < points.length && insideStep(points[i].kind); i++) {
      inside.push(points[i].taken);
    }
    const last = inside.findLastIndex((taken) => taken !== 0);
    return last < 0 ? { name } : { name, inside: inside.slice(0, last + 1) };
  });
}

/** Names the n-th step of the same name, so that each step of a run has a name of its own. */
export function stepKeys(names: readonly string[]): string[] {
  const seen = new Map<string, number>();
  return names.map((name) => {
    const count = seen.get(name) ?? 0;
    seen.set(name, count + 1);
    return count === 0 ? name : `${name}#${count}`;
  });
}

/** Runs once, as a schedule says. A step that cannot come when it should is passed over. */
export class Follow implements Strategy {
  readonly #schedule: readonly Scheduled[];
  #next = 0;
  #inside: number[] = [];
  #begun = false;
  /** The first step that could not come when it should. */
  missed: string | undefined;

  constructor(schedule: readonly Scheduled[]) {
    this.#schedule = schedule;
  }

  begin(): boolean {
    if (this.#begun) return false;
    return this.#begun = true;
  }

  pick({ kind, names }: Point): number {
    if (insideStep(kind)) return Math.min(this.#inside.shift() ?? 0, names.length - 1);
    while (this.#next < this.#schedule.length) {
      const { name, inside } = this.#schedule[this.#next++];
      const option = names.indexOf(name);
      if (option < 0) this.missed ??= name;
      else {
        this.#inside = [...inside ?? []];
        return option;
      }
    }
    return 0;
  }

  end(): undefined {}
}

/** Runs once, with the answers of a run that was written down. */
export class Replay implements Strategy {
  readonly #vector: readonly number[];
  #next = 0;
  #begun = false;
  /** What does not fit, in one line. */
  misfit: string | undefined;

  constructor(vector: readonly number[]) {
    this.#vector = vector;
  }

  begin(): boolean {
    if (this.#begun) return false;
    return this.#begun = true;
  }

  pick({ kind, names }: Point): number {
    if (names.length < 2) return 0;
    const place = this.#next++;
    const taken = this.#vector[place] ?? 0;
    if (taken < names.length) return taken;
    this.misfit ??= `choice ${place} (${kind}) has options 0 to ${names.length - 1}, not ${taken}`;
    return 0;
  }

  end(): undefined {
    if (this.#next < this.#vector.length) {
      this.misfit ??= `the run has ${this.#next} choices, not ${this.#vector.length}`;
    }
  }
}
