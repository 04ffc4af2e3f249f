/**
 * What the lab explores: anything that runs from beginning to end, asks where it could go another way,
 * and says what it touches.
 *
 * @module
 */
import type { AccessKind, Chooser, Vary } from "../../kernel/choice.ts";
import type { Kernel } from "../../kernel/kernel.ts";

/** What a run is steered and watched by. */
export interface Steering {
  /** Decides; `STOP` ends the run. */
  readonly choose: Chooser;
  /**
   * Hears what the step that runs now does to what others see.
   *
   * @param value What the object holds then, or what is added to a set, as plain data. Default: it is not said, and
   *   stands for all that led there.
   */
  readonly access: (object: string, key: string, kind: AccessKind, value?: unknown) => undefined;
}

/** What came of a run: a text for each view. Equal texts mean that nobody who looks this way sees a difference. */
export type Outcome = Readonly<Record<string, string>>;

/** A view is asked for that nobody knows. */
export class ViewError extends Error {
  /** The name of the class. */
  override name = "ViewError";
}

/** What about a scenario may be chosen by who explores it. */
export interface Varied {
  /** What may go another way. Default: as the scenario says. */
  readonly vary?: Vary;
  /** What is looked at. Default: as the scenario says. */
  readonly views?: readonly string[];
}

/**
 * Something that can go in many ways. The same answers of the chooser give the same run, always.
 *
 * Between two points nothing else runs: all accesses reported there are those of one step. Steps that
 * touch nothing in common, or only read it, may change places without changing the outcome.
 */
export interface Scenario {
  /** For people. */
  readonly name: string;
  /** Everything that decides how runs go, as text: replay ids hold its hash. */
  readonly definition: string;
  /**
   * Every step has a name of its own, makes the same other steps possible whatever came before, and takes
   * no other away as long as some are left: all orders are orders of the same steps. Runs can be foreseen
   * then. Default: false.
   */
  readonly fixedSteps?: boolean;
  /**
   * All orders of a class are those of one partial order, so that they are counted exactly. Default: as
   * {@linkcode fixedSteps} says.
   */
  readonly exact?: boolean;
  /**
   * What will happen, and what is seen in the end, is decided by what objects hold and by which steps were made, whatever
   * their order: nothing else remembers anything. Ends that were seen before are foreseen then. Default: false.
   */
  readonly visible?: boolean;
  /**
   * Runs once.
   *
   * @param look Is shown the kernel in the end, with its log, where there is one.
   * @returns `undefined` when the steering stopped it.
   */
  run(
    steering: Steering,
    look?: (kernel: Kernel) => undefined,
  ): Outcome | undefined | Promise<Outcome | undefined>;
  /**
   * The same with something else that varies or is looked at. Without it a scenario decides these by itself.
   *
   * @throws {Error} When it has no such view.
   */
  varied?(what: Varied): Scenario;
}
