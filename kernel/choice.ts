/**
 * The one choice interface: whatever could go another way in real life asks here.
 *
 * A run is the list of answers. All zeros is Linux's own order, so a kernel without a chooser simply
 * takes option 0 everywhere. The ordering lab replays and permutes runs by giving a chooser.
 *
 * @module
 */

/** What is being decided. */
export type ChoiceKind =
  /** Which runnable task goes on. */
  | "task"
  /** Which of the initcalls that may run next does. */
  | "initcall"
  /** In which order platform devices are created and slots are probed. */
  | "slot"
  /** Whether a pending interrupt is taken at this point (0) or at a later one (1). */
  | "irq"
  /** Which of the timers that expire at the same instant fires first. */
  | "timer"
  /** Whether an asynchronous probe runs before the task that started it goes on. */
  | "async"
  /** Whether an operation that may fail does: 0 works, 1 fails. */
  | "fault"
  /** A decision of the machine, such as a device's fault plan. */
  | "machine";

/** One decision: what, out of how many options, which one was taken. */
export interface Choice {
  /** What was decided. */
  readonly kind: ChoiceKind;
  /** Number of options. */
  readonly count: number;
  /** The option taken, from 0. */
  readonly taken: number;
  /** Names the options when the recorder asked for it. */
  readonly label: string;
}

/**
 * Decides. `describe(i)` names option `i` for people; it is not called unless wanted.
 *
 * @returns The option to take, from 0 to `count - 1`.
 */
export type Chooser = (
  kind: ChoiceKind,
  count: number,
  describe: (option: number) => string,
) => number;

/** Asks the chooser, or takes option 0 where there is none, and records what a chooser answered. */
export class Choices {
  /** Decides; without one every answer is 0. */
  chooser: Chooser | undefined;
  /** The answers of the chooser so far, oldest first. */
  readonly taken: Choice[] = [];

  /** True when somebody other than the default decides. */
  get active(): boolean {
    return this.chooser !== undefined;
  }

  /**
   * Takes one of `count` options.
   *
   * @throws {RangeError} When the chooser answers something that is not an option.
   */
  choose(kind: ChoiceKind, count: number, describe: (option: number) => string): number {
    if (this.chooser === undefined || count < 2) return 0;
    const taken = this.chooser(kind, count, describe);
    if (!Number.isInteger(taken) || taken < 0 || taken >= count) {
      throw new RangeError(
        `Choice "${kind}" has options 0 to ${count - 1}, the chooser took ${taken}`,
      );
    }
    this.taken.push({ kind, count, taken, label: describe(taken) });
    return taken;
  }
}

/** How a task touched a kernel object, for the ordering lab. */
export type AccessKind =
  | "read"
  | "write"
  /** Adds to the end of a list whose order somebody may see. */
  | "append"
  /** Takes a number from an allocator, so that the next taker gets another one. */
  | "take";

/** Hears what the running task reads, writes, appends to or takes a number from. */
export type AccessListener = (object: string, key: string, kind: AccessKind) => undefined;
