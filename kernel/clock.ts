/**
 * What things cost in virtual time, in nanoseconds. Time advances by these and by explicit sleeps,
 * so a boot chart is the same on every machine. Every figure can be overridden, also to zero.
 */
export interface Costs {
  /** One register read or write: on real hardware a VM exit. */
  readonly registerAccess: number;
  /** Entering and leaving an interrupt handler. */
  readonly interrupt: number;
  /** Switching from one task to another. */
  readonly taskSwitch: number;
  /** One initcall, beside what it does. */
  readonly initcall: number;
  /** Looking a device over: one call of a driver's probe function, beside what it does. */
  readonly probe: number;
  /** Loading one module into memory, beside its init function. */
  readonly moduleLoad: number;
  /** Starting a program: long beside what a disk takes for a request. */
  readonly exec: number;
}

/** The default costs: orders of magnitude of a small arm64 guest under hardware virtualisation. */
export const DEFAULT_COSTS: Costs = {
  registerAccess: 1_500,
  interrupt: 2_000,
  taskSwitch: 1_000,
  initcall: 500,
  probe: 1_000,
  moduleLoad: 200_000,
  exec: 500_000,
};

/** The virtual clock of one kernel. */
export class Clock {
  /** Nanoseconds since power-on. */
  nowNs = 0;

  /** Moves time on by a modelled cost of `ns` nanoseconds. */
  advanceByNs(ns: number): undefined {
    this.nowNs += ns;
  }

  /** Moves time on to `atNs`; time never goes back. */
  advanceToNs(atNs: number): undefined {
    if (atNs > this.nowNs) this.nowNs = atNs;
  }
}
