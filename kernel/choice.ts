/**
 * The one choice interface: whatever could go another way in real life asks here.
 *
 * A run is the list of answers. All zeros is Linux's own order, so a kernel without a chooser simply
 * takes option 0 everywhere. The ordering lab replays and permutes runs by giving a chooser.
 *
 * A point with a single option is asked too: it says where a step of the run ends and the next begins.
 *
 * @module
 */

/** What is being decided. */
export type ChoiceKind =
  /** Which of the initcalls that may run next does. */
  | "initcall"
  /** In which order platform devices are created and slots are probed. */
  | "slot"
  /** Which of the modules that a script wants loaded is loaded next. */
  | "module"
  /** Whether a pending interrupt is taken now or something else goes first. */
  | "irq"
  /** Whether a timer that is due fires now or something else goes first. */
  | "timer"
  /** Whether an asynchronous function goes on or something else goes first, also the task that started it. */
  | "async"
  /** Whether a worker of a work queue goes on or something else goes first. */
  | "work"
  /** Whether any other task goes on or something else goes first. */
  | "task"
  /** Whether an operation that may fail does: 0 works, 1 fails. */
  | "fault"
  /** A decision of the machine, such as a device's fault plan. */
  | "machine"
  /** No decision: all that could change places is done, such as the initcalls of a level. */
  | "barrier";

/** Kinds of what may come between two steps of a task. */
const INTERLEAVED: readonly ChoiceKind[] = ["irq", "timer", "async", "work", "task"];

/** Which of several things of a kind may go another way. */
export interface Freedom {
  /** Names of those that may; the others keep their order among themselves. Default: all. */
  readonly only?: readonly string[];
  /** Whether initcalls stay within their level. Default: `"kept"`. */
  readonly levels?: "kept" | "ignored";
  /**
   * Where those that are free may come: anywhere among the others, or only where one of them was, so that they
   * change places with each other. Default: `"any"`.
   */
  readonly places?: "any" | "own";
}

/** What may go another way than Linux's own, by kind. What is left out stays as it is. */
export type Vary = { readonly [Kind in ChoiceKind]?: boolean | Freedom };

/** How far a kind may vary, where that is said. */
export function freedomOf(said: boolean | Freedom | undefined): Freedom {
  return typeof said === "object" ? said : {};
}

/** True when something may come between two steps of a task. */
export function isInterleaved(vary: Vary): boolean {
  return INTERLEAVED.some((kind) => (vary[kind] ?? false) !== false);
}

/** A point at which a run could go another way. */
export interface ChoicePoint {
  /** What is decided: the kind of option 0, which waits when another one is taken. */
  readonly kind: ChoiceKind;
  /** Number of options; they are counted from 0, Linux's own first. */
  readonly count: number;
  /** Names an option; no two of a point have the same name. */
  readonly describe: (option: number) => string;
  /** The kind of an option. */
  readonly kindOf: (option: number) => ChoiceKind;
  /**
   * Whose step an option is: a task's, an interrupt's, a timer's. Equal to the option's name unless the
   * task stands at a fork and the option is one of its ways.
   */
  readonly actorOf: (option: number) => string;
}

/** Decides: returns an option of the point. */
export type Chooser = (point: ChoicePoint) => number;

/** The answer of a chooser that has seen enough: nothing runs in this kernel any more. Not for faults. */
export const STOP: number = -1;

/** One decision: what, out of how many options, which one was taken. */
export interface Choice {
  /** What was decided. */
  readonly kind: ChoiceKind;
  /** Number of options, at least 2. */
  readonly count: number;
  /** The option taken, from 0. */
  readonly taken: number;
  /** Names the option taken. */
  readonly label: string;
}

/** Something that can happen next: an interrupt, a timer, or a task that goes on. */
export interface Option {
  /** What is decided when it is taken. */
  readonly kind: ChoiceKind;
  /** What is varied when something else happens first. */
  readonly waits: ChoiceKind;
  /** For people, and to know it again at the next point. */
  readonly name: string;
  /** Whose step it is; see {@linkcode ChoicePoint.actorOf}. */
  readonly actor: string;
  /** Makes it happen. */
  readonly take: () => undefined;
}

/** Asks the chooser, or takes option 0 where there is none, and records what a chooser answered. */
export class Choices {
  /** Decides; without one every answer is 0. */
  chooser: Chooser | undefined;
  /** What the chooser is asked about. Default: everything. */
  vary: Vary | undefined;
  /** The answers of the chooser so far, oldest first; points with a single option are left out. */
  readonly taken: Choice[] = [];

  /** How often something happened that was the only one that could, and is not varied: no point of the run. */
  undecided = 0;

  /** True when somebody other than the default decides. */
  get active(): boolean {
    return this.chooser !== undefined;
  }

  /** True when the chooser is asked about this kind. */
  varies(kind: ChoiceKind): boolean {
    if (this.chooser === undefined) return false;
    if (this.vary === undefined) return true;
    return (this.vary[kind] ?? false) !== false;
  }

  /** True when the chooser is asked what comes between two steps of a task. */
  get interleaved(): boolean {
    return this.chooser !== undefined && (this.vary === undefined || isInterleaved(this.vary));
  }

  /**
   * Those of `waiting` that may come next: the ones that are free to, and the first of the others.
   *
   * @param nameOf Names an element, for the `only` of {@linkcode Freedom}.
   */
  candidates<T>(kind: ChoiceKind, waiting: readonly T[], nameOf: (one: T) => string): T[] {
    if (!this.varies(kind)) return waiting.slice(0, 1);
    const { only, places } = this.freedom(kind);
    if (only === undefined) return [...waiting];
    const isFree = (one: T) => only.includes(nameOf(one));
    if (places === "own") return isFree(waiting[0]) ? waiting.filter(isFree) : [waiting[0]];
    const first = waiting.find((one) => !isFree(one));
    return waiting.filter((one) => one === first || isFree(one));
  }

  /** How far a kind may vary. */
  freedom(kind: ChoiceKind): Freedom {
    return freedomOf(this.vary?.[kind]);
  }

  /**
   * Takes one of `count` options of a kind.
   *
   * @throws {RangeError} When the chooser answers something that is not an option.
   */
  choose(kind: ChoiceKind, count: number, describe: (option: number) => string): number {
    if (!this.varies(kind)) return 0;
    return this.#ask({ kind, count, describe, kindOf: () => kind, actorOf: describe }, 0);
  }

  /**
   * Says that all that could change places is done: what comes now comes after it.
   *
   * @param actor Whose step comes now; see {@linkcode ChoicePoint.actorOf}.
   */
  barrier(actor: string, name: string): undefined {
    const describe = () => name;
    this.#ask({
      kind: "barrier",
      count: 1,
      describe,
      kindOf: () => "barrier",
      actorOf: () => actor,
    }, 0);
  }

  /**
   * Takes one of several things that can happen next.
   *
   * @returns `undefined` when the chooser stops the run.
   * @throws {RangeError} When the chooser answers something that is not an option.
   */
  pick(options: readonly Option[]): Option | undefined {
    const { kind, waits } = options[0];
    if (options.length === 1 && !this.varies(kind) && !this.varies(waits)) {
      this.undecided++;
      return options[0];
    }
    const describe = (i: number) => options[i].name;
    const kindOf = (i: number) => options[i].kind;
    const actorOf = (i: number) => options[i].actor;
    return options[this.#ask({ kind, count: options.length, describe, kindOf, actorOf }, STOP)];
  }

  #ask(point: ChoicePoint, least: number): number {
    const { kind, count } = point;
    const taken = (this.chooser as Chooser)(point);
    if (!Number.isInteger(taken) || taken < least || taken >= count) {
      throw new RangeError(
        `Choice "${kind}" has options 0 to ${count - 1}, the chooser took ${taken}`,
      );
    }
    if (count > 1 && taken >= 0) {
      this.taken.push({ kind, count, taken, label: point.describe(taken) });
    }
    return taken;
  }
}

/** How a task touched a kernel object, for the ordering lab. */
export type AccessKind =
  | "read"
  | "write"
  /** Adds to the end of a list whose order somebody may see. */
  | "append"
  /**
   * Adds to a set whose order nobody sees, or takes away from it: two of these may change places. Steps that mean the
   * same element say so by another object.
   */
  | "insert"
  /** Takes a number from an allocator, so that the next taker gets another one. */
  | "take";

/** Hears what the running task reads, writes, appends to or takes a number from. */
export type AccessListener = (object: string, key: string, kind: AccessKind) => undefined;
