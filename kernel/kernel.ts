/**
 * One guest kernel: the owner of every registry, clock and log. A hundred of them live in one process.
 *
 * @module
 */
import type { Guest, Platform } from "../hypervisor/platform.ts";
import { type AccessListener, Choices, type Chooser, type Option, type Vary } from "./choice.ts";
import { Clock, type Costs, DEFAULT_COSTS } from "./clock.ts";
import type { DynamicDebug } from "./dyndbg.ts";
import type { Errno } from "./errno.ts";
import type { Finding } from "./finding.ts";
import { KernelError } from "./errors.ts";
import { type Initcall, SymbolTable } from "./initcall.ts";
import { Io } from "./io.ts";
import { type IrqDesc, Irqs } from "./irq.ts";
import { Kobject } from "./kobject.ts";
import { Mem } from "./mem.ts";
import type { DeviceTree } from "./of/tree.ts";
import type { Ordering } from "./ordering.ts";
import { Params } from "./params.ts";
import { type Kconfig, type Profile, profileOf } from "./profile.ts";
import {
  KERN_CRIT,
  KERN_DEBUG,
  KERN_ERR,
  KERN_INFO,
  KERN_NOTICE,
  KERN_WARNING,
  Printk,
} from "./printk.ts";
import { Scheduler } from "./sched.ts";
import type { Slot } from "./slot.ts";
import { Softirqs } from "./softirq.ts";
import { PlainDirectory } from "./vfs/node.ts";

/** What a kernel is made with. */
export interface KernelOptions {
  /** The kernel command line. Default: what `/chosen/bootargs` says. */
  readonly append?: string;
  /** Overrides of what things cost in virtual time. */
  readonly costs?: Partial<Costs>;
  /** Decides what could go another way. Default: Linux's own order. */
  readonly chooser?: Chooser;
  /** What is done in another order than Linux's. Default: nothing. */
  readonly ordering?: Ordering;
  /** What the chooser is asked about. Default: everything. */
  readonly vary?: Vary;
  /** Which year's kernel it is where that changes orders: a name of `PROFILES`. Default: `"6.1"`. */
  readonly profile?: string;
  /** Its configuration where that changes orders. */
  readonly kconfig?: Kconfig;
  /** An initial ramdisk brings the init. Without one the kernel looks for `root=` itself, and ends there. Default: true. */
  readonly initramfs?: boolean;
  /** False drops all kernel messages. Default: true. */
  readonly log?: boolean;
  /** Number of processors that the kernel believes in. Default: what the device tree says. */
  readonly cpus?: number;
}

/** A guest kernel on a machine. Linux: everything that is global there */
export class Kernel implements Guest {
  /** Virtual time, and what moves it on. */
  readonly clock: Clock = new Clock();
  /** What things cost in virtual time: the defaults with the overrides of `options.costs`. */
  readonly costs: Costs;
  /** Where everything that could go another way is decided. */
  readonly choices: Choices = new Choices();
  /** Which year's kernel this is where that changes orders. */
  readonly profile: Profile;
  /** The kernel log and its consoles. Linux: kernel/printk/ */
  readonly log: Printk;
  /** The command line; replaced by `setupArch()` when only the device tree has one. */
  params: Params;
  /** Tasks, sleeping and waking, timers. Linux: kernel/sched/ */
  readonly sched: Scheduler;
  /** Interrupt lines and their handlers. Linux: kernel/irq/ */
  readonly irq: Irqs;
  /**
   * Work that runs after interrupt handlers. Linux: kernel/softirq.c
   *
   * @internal
   */
  readonly softirq: Softirqs;
  /** The physical address space: regions that are taken, register accesses. Linux: struct resource */
  readonly io: Io;
  /** Guest memory that drivers share with devices. Linux: dma_alloc_coherent() */
  readonly mem: Mem;
  /**
   * The root of `/sys`; scripts read it through `vm.fs`.
   *
   * @internal
   */
  readonly sysfs: Kobject = new Kobject("sys");
  /**
   * The root of `/proc`; scripts read it through `vm.fs`.
   *
   * @internal
   */
  readonly procfs: PlainDirectory = new PlainDirectory(0o555);
  /**
   * The root of `/dev`; scripts read it through `vm.fs`.
   *
   * @internal
   */
  readonly devtmpfs: PlainDirectory = new PlainDirectory();
  /**
   * The root of `/sys/kernel/debug`; scripts read it through `vm.fs`.
   *
   * @internal
   */
  readonly debugfs: PlainDirectory = new PlainDirectory(0o700);
  /**
   * Names of functions in messages; set by `startKernel()`.
   *
   * @internal
   */
  symbols: SymbolTable = new SymbolTable([]);
  /**
   * Debug messages that somebody asked for. Linux: lib/dynamic_debug.c
   *
   * @internal
   */
  dyndbg: DynamicDebug | undefined;
  /** Initcalls, probes and what devices do to sleep are logged. Linux: initcall_debug */
  initcallDebug = false;
  /**
   * Runs each initcall instead of the kernel, for the ordering lab: calls its function, or does not.
   *
   * @internal
   */
  aroundInitcall: ((call: Initcall) => Promise<number | undefined>) | undefined;
  /** The tree that the kernel booted with; set by `setupArch()`. */
  tree: DeviceTree | undefined;
  readonly #slots = new Map<Slot<unknown>, unknown>();

  /**
   * Makes a kernel and attaches it to the machine. Nothing runs yet: `boot()` starts it.
   *
   * @param platform The machine, with no guest so far.
   * @param options What differs from the defaults.
   */
  constructor(
    /** The machine under the kernel. */
    readonly platform: Platform,
    /** What the kernel was made with. */
    readonly options: KernelOptions = {},
  ) {
    this.costs = { ...DEFAULT_COSTS, ...options.costs };
    this.profile = profileOf(options.profile);
    this.choices.chooser = options.chooser;
    this.choices.vary = options.vary;
    this.params = new Params(options.append ?? "");
    this.log = new Printk(() => this.clock.nowNs);
    this.log.enabled = options.log ?? true;
    this.irq = new Irqs(
      this.clock,
      this.costs,
      this.log,
      (hwirq) => this.access?.("interrupt", `${hwirq}`, "write"),
    );
    this.io = new Io(platform, this.clock, this.costs);
    this.mem = new Mem(platform, (what) => this.failable(what));
    this.sched = new Scheduler(this.clock, this.costs, this.choices, {
      takeInterrupts: () => this.#takeInterrupts(),
      interrupts: () => this.#interrupts(),
      runDue: () => platform.runDue(),
      nextEventNs: () => platform.nextEventNs(),
      waitExternal: () => platform.waitExternal(),
    });
    this.sysfs.listener = this.sched;
    this.softirq = new Softirqs(this.sched);
    platform.attach(this);
  }

  /** Options of its configuration. */
  get kconfig(): Kconfig {
    return this.options.kconfig ?? {};
  }

  /** What is done in another order than Linux's. */
  get ordering(): Ordering {
    return this.options.ordering ?? {};
  }

  /** Hears what tasks read, write, append to and take numbers from; nobody by default. */
  get access(): AccessListener | undefined {
    return this.sched.access;
  }
  set access(listener: AccessListener | undefined) {
    this.sched.access = listener;
  }

  /** Virtual time in nanoseconds since power-on. */
  get nowNs(): number {
    return this.clock.nowNs;
  }

  /** An interrupt line of the machine changed; noted, and taken later. */
  interrupt(spi: number, level: boolean): undefined {
    this.irq.latch(spi, level);
    if (level) this.sched.poke();
  }

  /** A decision of the machine. */
  choose(kind: string, count: number): number {
    return this.choices.choose("machine", count, (i) => `${kind} ${i}`);
  }

  #takeInterrupts(): boolean {
    let took = false;
    for (const desc of this.irq.ready) {
      took = true;
      while (desc.ready) this.#takeInterrupt(desc);
    }
    return took;
  }

  #takeInterrupt(desc: IrqDesc): undefined {
    this.sched.atomicDepth++;
    try {
      this.softirq.afterHandlers(() => this.irq.handle(desc));
    } finally {
      this.sched.atomicDepth--;
    }
  }

  #interrupts(): Option[] {
    return [...this.irq.ready].map((desc) => {
      const name = `interrupt of ${desc.actions[0].name}`;
      return {
        kind: "irq",
        waits: "irq",
        name,
        actor: name,
        take: () => this.#takeInterrupt(desc),
      };
    });
  }

  /**
   * The state that `slot` names, made at the first call.
   *
   * @example
   * ```ts
   * import { assertEquals } from "@std/assert";
   * import { boot, embedded, Slot } from "../mod.ts";
   * const CALLS = new Slot("calls", () => ({ count: 0 }));
   * await using vm = await boot(embedded());
   * vm.kernel.get(CALLS).count++;
   * assertEquals(vm.kernel.get(CALLS).count, 1);
   * ```
   */
  get<T>(slot: Slot<T>): T {
    let state = this.#slots.get(slot) as T | undefined;
    if (state === undefined) {
      state = slot.create(this);
      this.#slots.set(slot, state);
    }
    return state;
  }

  /**
   * Marks an operation that can fail in real life. It works unless the chooser says otherwise.
   *
   * @param what For people: `"an interrupt for virtio0"`.
   * @throws {KernelError} With `code`, when the chooser lets it fail.
   */
  failable(what: string, code: Errno = "ENOMEM"): undefined {
    if (!this.choices.active) return;
    const taken = this.choices.choose(
      "fault",
      2,
      (i) => i === 0 ? `${what} works` : `${what} fails`,
    );
    if (taken === 1) throw new KernelError(code, `${what}: made to fail`);
  }

  /**
   * A probe runs now, and what it sees is kept.
   *
   * @internal
   */
  get probing(): boolean {
    return this.sched.current?.findings !== undefined;
  }

  /**
   * Notes what the probe that runs now saw; nothing where none runs.
   *
   * @internal
   */
  found(object: string, key: string, value: Finding["value"]): undefined {
    this.sched.current?.findings?.push({ object, key, value });
  }

  /** Prints a message at a level. Linux: printk() */
  printk(level: number, text: string): undefined {
    this.log.print(level, text);
  }
  /** Linux: pr_crit() */
  crit(text: string): undefined {
    this.log.print(KERN_CRIT, text);
  }
  /** Linux: pr_err() */
  err(text: string): undefined {
    this.log.print(KERN_ERR, text);
  }
  /** Linux: pr_warn() */
  warn(text: string): undefined {
    this.log.print(KERN_WARNING, text);
  }
  /** Linux: pr_notice() */
  notice(text: string): undefined {
    this.log.print(KERN_NOTICE, text);
  }
  /** Linux: pr_info() */
  info(text: string): undefined {
    this.log.print(KERN_INFO, text);
  }
  /** A message that dmesg keeps but no console shows. Linux: printk(KERN_DEBUG) */
  debug(text: string): undefined {
    this.log.print(KERN_DEBUG, text);
  }
}
