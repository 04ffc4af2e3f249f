/**
 * A kernel under the steering of a run: it asks what to do next, and says what its steps touch.
 *
 * @module
 */
import {
  type AccessKind,
  type ChoiceKind,
  type ChoicePoint,
  isInterleaved,
  STOP,
  type Vary,
} from "../kernel/choice.ts";
import type { Kernel } from "../kernel/kernel.ts";
import type { Steering } from "./explore/scenario.ts";

/** What a scheduler calls a device that is not done yet. */
const MACHINE = "the machine";

/** Kinds of what is one thing to those of its kind, in however many steps it is done. */
const WHOLE: readonly ChoiceKind[] = ["initcall", "slot", "module", "fault", "machine"];

/**
 * True when the orders of a class are those of a partial order. An initcall that others may come into goes on in several
 * steps, between which no other initcall may come: which of the two is first is open, but not what is between. A timer
 * that does not vary, and becomes due while an interrupt is taken, fires sooner where nothing else is left to do.
 */
export function isExact(vary: Vary): boolean {
  const varies = (kind: ChoiceKind) => (vary[kind] ?? false) !== false;
  return !isInterleaved(vary) || varies("timer") && !WHOLE.some(varies);
}

/** Objects that only steps have in common that may be interleaved. */
export const QUEUES: readonly string[] = [
  "wait queue",
  "work queue",
  "device lock",
  "woken tasks",
  "timer",
  "timers",
  "time",
  "interrupt",
  "probes under way",
  "deferred triggers",
  "deferred device",
];

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
  #undecided = 0;
  #nowNs = 0;
  #timers = false;
  #machine = false;
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
    this.#interleaved = kernel.choices.interleaved;
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

  /** The run has come to its end. */
  end(): undefined {
    this.#noteRest();
  }

  /** Tells what the step has to do with others though both touch different things. */
  #noteRest(): undefined {
    if (this.#kernel === undefined) return;
    if (this.#interleaved) this.#noteTime(this.#kernel);
    this.#noteLeft(this.#kernel);
  }

  /**
   * Steps take time, in whatever order; whether something is due then depends on which of them came before. So it
   * counts for each that takes time whether timers are set.
   */
  #noteTime({ sched, clock }: Kernel): undefined {
    const { timers, machine } = sched.timed;
    const passes = clock.nowNs !== this.#nowNs;
    if (passes) this.access("time", "", "insert");
    if (passes) this.access("timers", "", "read");
    const counts = passes && (timers || this.#timers);
    if (machine || this.#machine || counts) this.access("time", "", "read");
    this.#nowNs = clock.nowNs;
    this.#timers = timers;
    this.#machine = machine;
  }

  /**
   * What a step leaves to be done, and nobody decides about, is done when a later step waits for something. The
   * scheduler says who waits; here it is said who leaves something, or does what was left.
   */
  #noteLeft({ sched, choices }: Kernel): undefined {
    const { switches } = sched;
    const { undecided } = choices;
    const pending = sched.pending(!this.#interleaved);
    const waited = switches !== this.#switches || pending.includes(MACHINE);
    const did = this.#interleaved && undecided !== this.#undecided;
    const left = waited ? pending + this.#pending !== "" : pending !== this.#pending;
    if (did || left) this.access("what is left to do", "", "write");
    // It takes its time, in which what was left goes on.
    else if (this.#interleaved) this.access("what is left to do", "", "read");
    this.#switches = switches;
    this.#undecided = undecided;
    this.#pending = pending;
  }
}
