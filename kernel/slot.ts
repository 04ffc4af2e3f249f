import type { Kernel } from "./kernel.ts";

/**
 * Names a piece of state that every kernel has one of: a subsystem's registry, a driver's numbers.
 * A kernel makes it when somebody first asks, with {@linkcode Kernel.get}. This is how modules keep
 * state without globals.
 *
 * @typeParam T The state.
 */
export class Slot<T> {
  /** Names a piece of state; no kernel has it yet. */
  constructor(
    /** For people. */
    readonly name: string,
    /** Makes the state of one kernel. */
    readonly create: (kernel: Kernel) => T,
  ) {}
}
