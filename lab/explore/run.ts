/**
 * One run, as the explorers see it: points, steps between them, what each step touched, what came of it.
 *
 * @module
 */
import { type AccessKind, type ChoiceKind, type ChoicePoint, STOP } from "../../kernel/choice.ts";
import type { Accesses, Objects } from "./access.ts";
import type { Outcome, Scenario, Steering } from "./scenario.ts";
import { noteValue, type Values } from "./values.ts";

/** What can be decided. */
export interface Offer {
  /** What is decided. */
  readonly kind: ChoiceKind;
  /** The options, the default first. */
  readonly names: readonly string[];
  /** Whose step each option is; its own name where that says it. */
  readonly actors: readonly string[];
}

/** A point of a run, and the option taken there. */
export interface Point extends Offer {
  /** The option taken. `STOP` at the last point of a run that was stopped. */
  taken: number;
}

/** What happened from a point at which something was picked to the next such point. */
export interface Step {
  /** Number of the point in the run. */
  readonly point: number;
  /** The option that was taken. */
  readonly name: string;
  /** Whose step it was. */
  readonly actor: string;
  /** What it touched. */
  readonly accesses: Accesses;
  /** What it left there, where that was said. */
  readonly values: Values;
}

/** A run that has ended. */
export interface Run {
  readonly points: readonly Point[];
  readonly steps: readonly Step[];
  /** What came of it; `undefined` when it was stopped. */
  readonly outcome: Outcome | undefined;
}

/** Decides run after run. */
export interface Strategy {
  /**
   * Prepares the next run.
   *
   * @param tries So many runs may be foreseen on the way. Default: as many as there are.
   * @returns True when it is to be made. The run itself where it need not be made to be known. False when all was seen,
   *   `undefined` when none was found in so many tries: to be asked again.
   */
  begin(tries?: number): boolean | Run | undefined;
  /** Decides at a point: number `place` of the run, whose last step is finished where `steps` ends. */
  pick(point: Point, place: number, steps: readonly Step[]): number;
  /** Learns from a run. */
  end(run: Run): undefined;
}

/** True when the point is about how the step goes on, not about which step comes next. */
export function insideStep(kind: ChoiceKind): boolean {
  return kind === "fault" || kind === "machine";
}

/** Writes down one run. */
class Recorder implements Steering {
  readonly points: Point[] = [];
  readonly steps: Step[] = [];
  readonly #strategy: Strategy;
  readonly #objects: Objects;
  /** How many steps of its own each actor made, where that is all that it remembers. */
  readonly #counts: Map<string, number> | undefined;
  /** Where accesses go: what comes before the first point belongs to no step. */
  #accesses: Accesses = new Map();
  #values: Values = new Map();

  constructor({ visible }: Scenario, strategy: Strategy, objects: Objects) {
    this.#strategy = strategy;
    this.#objects = objects;
    if (visible === true) this.#counts = new Map();
  }

  readonly choose = (asked: ChoicePoint): number => {
    const point = describePoint(asked);
    const place = this.points.push(point) - 1;
    point.taken = this.#strategy.pick(point, place, this.steps);
    if (point.taken !== STOP && !insideStep(point.kind)) this.#beginStep(place, point);
    return point.taken;
  };

  readonly access = (
    object: string,
    key: string,
    kind: AccessKind,
    value?: unknown,
  ): undefined => {
    const number = this.#objects.note(this.#accesses, object, key, kind);
    noteValue(this.#values, number, kind, value);
  };

  #beginStep(point: number, { kind, names, actors, taken }: Point): undefined {
    const [name, actor] = [names[taken], actors[taken]];
    const accesses = this.#accesses = new Map();
    const values = this.#values = new Map();
    this.steps.push({ point, name, actor, accesses, values });
    // It goes on from where it stopped.
    if (name === actor || kind === "barrier") {
      this.access("step of", name, "write", this.#count(name));
    }
  }

  #count(name: string): number | undefined {
    const count = (this.#counts?.get(name) ?? 0) + 1;
    return this.#counts?.set(name, count) && count;
  }

  run(outcome: Outcome | undefined): Run {
    return { points: this.points, steps: this.steps, outcome };
  }
}

function describePoint({ kind, count, describe, actorOf }: ChoicePoint): Point {
  const names: string[] = [];
  const actors: string[] = [];
  for (let i = 0; i < count; i++) {
    names.push(describe(i));
    actors.push(actorOf(i));
  }
  return { kind, names, actors, taken: 0 };
}

/**
 * Runs the scenario once as the strategy decides.
 *
 * @returns The run, or a promise of it where the scenario is asynchronous.
 */
export function execute(
  scenario: Scenario,
  strategy: Strategy,
  objects: Objects,
): Run | Promise<Run> {
  const recorder = new Recorder(scenario, strategy, objects);
  const outcome = scenario.run(recorder);
  if (outcome instanceof Promise) return outcome.then((value) => recorder.run(value));
  return recorder.run(outcome);
}

/** The answers of a run, without those that were no decision and the zeros at the end. */
export function vectorOf(run: Run): number[] {
  const vector = run.points.filter(({ names }) => names.length > 1).map(({ taken }) => taken);
  return vector.slice(0, vector.findLastIndex((taken) => taken !== 0) + 1);
}
