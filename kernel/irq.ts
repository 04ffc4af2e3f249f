/**
 * Interrupts: the controller's inputs, Linux's numbers for them, handlers, and the points at which
 * they are taken.
 *
 * A line from the machine is only noted when it changes. It is taken when a task waits, finishes or
 * busy-waits, never inside a register access.
 *
 * Linux: kernel/irq/, drivers/irqchip/irq-gic.c
 *
 * @module
 */
import type { Clock, Costs } from "./clock.ts";
import { KernelBug, KernelError } from "./errors.ts";
import { KERN_EMERG, KERN_ERR, type Printk } from "./printk.ts";

/** What a handler says: whether the interrupt was its device's. Linux: irqreturn_t */
export type IrqReturn = "handled" | "none";

/** Runs in atomic context: it must not sleep. Linux: irq_handler_t */
export type IrqHandler = (irq: number) => IrqReturn;

/** One handler of a line. Linux: struct irqaction */
export interface IrqAction {
  /** Linux's number of the interrupt. */
  readonly irq: number;
  /** Shown in `/proc/interrupts`. */
  readonly name: string;
  /** Called at each interrupt of the line, after the handlers that came before it. */
  readonly handler: IrqHandler;
  /** Others may share the line when they say so too (IRQF_SHARED). */
  readonly shared: boolean;
}

/** How a line signals. Linux: IRQ_TYPE_* */
export type Trigger = "edge" | "level";

/** One interrupt of the controller. Linux: struct irq_desc */
export class IrqDesc {
  /** The handlers, in the order in which they were requested. */
  readonly actions: IrqAction[] = [];
  /** How often it was taken. */
  count = 0;
  /** Interrupts since the last look at how many were unwanted. */
  sinceLook = 0;
  /** How many of them no handler wanted; starts anew when they are far apart. */
  unhandled = 0;
  /** When the last unwanted one came, in nanoseconds. */
  lastUnhandledNs: number = -Infinity;
  /** Switched off because nobody wanted it. */
  disabled = false;
  /** The level of the line now. */
  level = false;
  /** A rising edge was seen and not taken yet. */
  pending = false;
  /** Somebody asked for it at some time. */
  requested = false;

  /**
   * Made by {@linkcode Irqs.createMapping}.
   *
   * @internal
   */
  constructor(
    /** Linux's number. */
    readonly irq: number,
    /** The controller's number: 32 and up are the shared ones. */
    readonly hwirq: number,
    /** How the line signals. */
    readonly trigger: Trigger,
  ) {}

  /** True when it wants to be taken now. */
  get ready(): boolean {
    if (this.disabled || this.actions.length === 0) return false;
    return this.trigger === "edge" ? this.pending : this.level;
  }
}

/** The controller's number of shared peripheral interrupt 0. */
export const GIC_SPI_BASE = 32;
/** After this many interrupts of a line somebody looks how many were unwanted ... */
const INTERRUPTS_PER_LOOK = 100_000;
/** ... and switches the line off when there were more than this. */
const UNHANDLED_LIMIT = 99_900;
/** Unwanted interrupts that are further apart than this are no storm. Linux: HZ / 10 */
const UNHANDLED_WINDOW_NS = 100_000_000;

/** All interrupts of one kernel. */
export class Irqs {
  /** By Linux's number. */
  readonly descs: Map<number, IrqDesc> = new Map();

  readonly #byHwirq = new Map<number, IrqDesc>();
  /** Levels of lines that no driver has mapped yet. */
  readonly #levels = new Map<number, boolean>();
  readonly #ready = new Set<IrqDesc>();
  /** The highest Linux number so far; none is ever given back. */
  #last = 0;
  readonly #clock: Clock;
  readonly #costs: Costs;
  readonly #printk: Printk;
  readonly #touch: (hwirq: number) => undefined;

  /**
   * Each kernel makes its own.
   *
   * @internal
   * @param touch Is told of a line that somebody looks at or changes.
   */
  constructor(
    clock: Clock,
    costs: Costs,
    printk: Printk,
    touch: (hwirq: number) => undefined,
  ) {
    this.#clock = clock;
    this.#costs = costs;
    this.#printk = printk;
    this.#touch = touch;
  }

  /**
   * Gives the controller's interrupt `hwirq` a Linux number: the next one, or the one it has.
   *
   * Linux: irq_create_mapping()
   */
  createMapping(hwirq: number, trigger: Trigger): IrqDesc {
    const known = this.#byHwirq.get(hwirq);
    if (known !== undefined) return known;
    const irq = ++this.#last;
    const desc = new IrqDesc(irq, hwirq, trigger);
    desc.level = this.#levels.get(hwirq) ?? false;
    this.descs.set(irq, desc);
    this.#byHwirq.set(hwirq, desc);
    return desc;
  }

  /** A shared peripheral line changed. Only noted here; see {@linkcode ready}. */
  latch(spi: number, level: boolean): undefined {
    const hwirq = GIC_SPI_BASE + spi;
    this.#touch(hwirq);
    const desc = this.#byHwirq.get(hwirq);
    if (desc === undefined) {
      this.#levels.set(hwirq, level);
      return;
    }
    if (level && !desc.level) desc.pending = true;
    desc.level = level;
    if (desc.ready) this.#ready.add(desc);
    else this.#ready.delete(desc);
  }

  /**
   * Adds a handler to a line.
   *
   * Linux: request_irq()
   *
   * @throws {KernelError} `EINVAL` without such an interrupt, `EBUSY` when it is taken and not shared.
   */
  requestIrq(action: IrqAction): undefined {
    const desc = this.descs.get(action.irq);
    if (desc === undefined) {
      throw new KernelError("EINVAL", `${action.name}: no interrupt ${action.irq}`);
    }
    this.#touch(desc.hwirq);
    const other = desc.actions[0];
    if (other !== undefined && !(other.shared && action.shared)) {
      this.#printk.print(
        KERN_ERR,
        `genirq: Flags mismatch irq ${action.irq}. ${
          action.shared ? "00000080" : "00000000"
        } (${action.name}) vs. ${other.shared ? "00000080" : "00000000"} (${other.name})`,
      );
      throw new KernelError(
        "EBUSY",
        `${action.name}: interrupt ${action.irq} belongs to ${other.name}`,
      );
    }
    desc.actions.push(action);
    desc.requested = true;
    if (desc.ready) this.#ready.add(desc);
  }

  /** Takes a handler away. Linux: free_irq() */
  freeIrq(action: IrqAction): undefined {
    const desc = this.descs.get(action.irq);
    const at = desc?.actions.indexOf(action) ?? -1;
    if (desc === undefined || at < 0) {
      throw new KernelBug(`Trying to free already-free IRQ ${action.irq} (${action.name})`);
    }
    this.#touch(desc.hwirq);
    desc.actions.splice(at, 1);
    if (desc.actions.length === 0) {
      desc.pending = false;
      this.#ready.delete(desc);
    }
  }

  /** Those that could be taken now, in the order in which they came. */
  get ready(): IterableIterator<IrqDesc> {
    return this.#ready.values();
  }

  /** Calls the handlers of one line. Linux: handle_irq_event(), handle_fasteoi_irq() */
  handle(desc: IrqDesc): undefined {
    this.#clock.advanceByNs(this.#costs.interrupt);
    this.#touch(desc.hwirq);
    desc.pending = false;
    desc.count++;
    let handled = false;
    try {
      for (const action of [...desc.actions]) {
        if (action.handler(desc.irq) === "handled") handled = true;
      }
      this.#noteInterrupt(desc, handled);
    } finally {
      if (!desc.ready) this.#ready.delete(desc);
    }
  }

  /** Switches a line off that nobody wants. Linux: note_interrupt(), __report_bad_irq() */
  #noteInterrupt(desc: IrqDesc, handled: boolean): undefined {
    if (!handled) {
      const { nowNs } = this.#clock;
      const near = nowNs - desc.lastUnhandledNs <= UNHANDLED_WINDOW_NS;
      desc.unhandled = near ? desc.unhandled + 1 : 1;
      desc.lastUnhandledNs = nowNs;
    }
    if (++desc.sinceLook < INTERRUPTS_PER_LOOK) return;
    desc.sinceLook = 0;
    const stuck = desc.unhandled > UNHANDLED_LIMIT;
    desc.unhandled = 0;
    if (!stuck) return;
    const why = `irq ${desc.irq}: nobody cared (try booting with the "irqpoll" option)`;
    this.#printk.print(KERN_ERR, why);
    this.#printk.print(KERN_ERR, "handlers:");
    for (const { name } of desc.actions) this.#printk.print(KERN_ERR, name);
    this.#printk.print(KERN_EMERG, `Disabling IRQ #${desc.irq}`);
    desc.disabled = true;
  }
}
