/**
 * A kernel under the steering of a run: it asks what to do next, and says what its steps touch.
 *
 * @module
 */
import {
  type AccessKind,
  type ChoiceKind,
  type ChoicePoint,
  STOP,
  type Vary,
} from "../kernel/choice.ts";
import type { Kernel } from "../kernel/kernel.ts";
import type { Steering } from "./explore/scenario.ts";

/** What a scheduler calls a device that is not done yet. */
const MACHINE = "the machine";

/** Kinds of what may come between two steps. */
const INTERLEAVED: readonly ChoiceKind[] = ["irq", "timer", "async", "work", "task"];

/** True when something may come between two steps. */
export function isInterleaved(vary: Vary): boolean {
  return INTERLEAVED.some((kind) => (vary[kind] ?? false) !== false);
}

/** Objects that only steps have in common that may be interleaved. */
export const QUEUES: readonly string[] = ["wait queue", "work queue", "device lock"];

/** Stands between one kernel and the steering of its run. */
export class Steered {
  /** The step that runs. */
  step = "the beginning";
  /** Resolves when the steering has seen enough. */
  readonly stopped: Promise<undefined>;
  readonly #steering: Steering;
  /** Objects whose accesses are passed over: nobody looks at what their order changes. */
  readonly #unseen: ReadonlySet<string>;
  #kernel: Kernel | undefined;
  #interleaved = false;
  #switches = 0;
  #pending = "";
  #stop: (value: undefined) => void = () => undefined;

  /**
   * Hands on what the steering says, and what it is to hear.
   *
   * @param unseen Objects whose accesses the steering does not hear of.
   */
  constructor(steering: Steering, unseen: ReadonlySet<string> = new Set()) {
    this.#steering = steering;
    this.#unseen = unseen;
    this.stopped = new Promise((resolve) => this.#stop = resolve);
  }

  /** Listens to a kernel whose chooser calls {@linkcode choose}. */
  attach(kernel: Kernel): undefined {
    this.#kernel = kernel;
    this.#interleaved = isInterleaved(kernel.choices.vary ?? {});
    kernel.access = this.access.bind(this);
  }

  /** Tells the steering what the running step does. */
  access(object: string, key: string, kind: AccessKind): undefined {
    if (!this.#unseen.has(object)) this.#steering.access(object, key, kind);
  }

  /** Asks the steering. */
  choose(point: ChoicePoint): number {
    this.#noteRest();
    const taken = this.#steering.choose(point);
    if (taken === STOP) this.#stop(undefined);
    else this.step = point.describe(taken);
    return taken;
  }

  /**
   * What a step leaves to be done is done when a later step waits for something. The scheduler says who waits;
   * here it is said who leaves something, or does what was left.
   */
  #noteRest(): undefined {
    if (this.#kernel === undefined) return;
    const { pending, switches } = this.#kernel.sched;
    const waited = switches !== this.#switches;
    // While a device works, every step is one that passes its time.
    const passes = waited || pending.includes(MACHINE);
    const changed = passes ? pending + this.#pending !== "" : pending !== this.#pending;
    if (changed) this.access("what is left to do", "", "write");
    // It takes its time, in which what was left goes on.
    else if (this.#interleaved) this.access("what is left to do", "", "read");
    this.#switches = switches;
    this.#pending = pending;
  }
}
