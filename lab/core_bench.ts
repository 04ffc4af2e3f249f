/**
 * Buses, drivers and devices made up for an experiment, on the real driver core.
 *
 * @module
 */
import { busRegister, busToJoin } from "../kernel/base/bus.ts";
import { PROBE_ATTEMPTS } from "../kernel/base/attempt.ts";
import { deviceAdd } from "../kernel/base/core.ts";
import { DEFERRED, releaseDriver } from "../kernel/base/dd.ts";
import { devErrProbe } from "../kernel/base/device.ts";
import { driverRegister } from "../kernel/base/driver.ts";
import {
  PLATFORM_BUS,
  PLATFORM_ROOT,
  PlatformDevice,
  type PlatformDriver,
} from "../kernel/base/platform.ts";
import { ERRNO, type Errno } from "../kernel/errno.ts";
import type { KernelError } from "../kernel/errors.ts";
import { Ida } from "../kernel/ida.ts";
import { GIC_SPI_BASE, type IrqReturn } from "../kernel/irq.ts";
import type { Kernel } from "../kernel/kernel.ts";
import { Registry } from "../kernel/registry.ts";
import { WaitQueue } from "../kernel/wait.ts";

/** A driver of an experiment. */
export interface BenchDriver {
  /** Its name on its bus. */
  readonly name: string;
  /** The bus that it registers with. Default: `"platform"`. */
  readonly bus?: string;
  /** The devices that it fits, by their names without the number: `"card"` for `card.1`. */
  readonly fits: readonly string[];
  /** The fact without which a probe cannot succeed. Default: none. */
  readonly needs?: string;
  /** What its probe answers while that is missing. Default: `"EPROBE_DEFER"`. */
  readonly without?: Errno;
  /** Others may go on between its look for that and what follows. Default: false. */
  readonly pauses?: boolean;
  /** The fact that its probe makes. Default: none. */
  readonly provides?: string;
  /** Its probe gives the device the next number of these: with `"sd"` the fact `sd0`, then `sd1`. Default: none. */
  readonly numbers?: string;
  /** Numbers that devices have by an alias of the device tree. Default: none. */
  readonly aliases?: Readonly<Record<string, number>>;
  /** It is probed beside other work. Default: false. */
  readonly async?: boolean;
  /** What else its probe does, last, with the device of this name. Default: nothing. */
  readonly probe?: (device: string) => unknown;
}

/** A kernel with nothing on its buses but what an experiment puts there. */
export class CoreBench {
  /** What an experiment wants to be known by name. The lab hears who looks. */
  readonly facts: Map<string, unknown>;
  readonly #news: WaitQueue;
  readonly #devices = new Map<string, PlatformDevice>();
  readonly #numbers = new Map<string, Ida>();

  /**
   * Each run of a scenario makes its own.
   *
   * @internal
   */
  constructor(
    /** The kernel that it is about. */
    readonly kernel: Kernel,
  ) {
    this.facts = new Registry(kernel, "fact");
    this.#news = new WaitQueue(kernel.sched, "a fact");
  }

  /** Makes a fact known; who waits for it goes on. */
  tell(fact: string, value: unknown = true): undefined {
    this.facts.set(fact, value);
    this.#news.wakeUp();
  }

  /** Sleeps until a fact is known. */
  async until(fact: string): Promise<undefined> {
    await this.#news.waitEvent(() => this.facts.has(fact));
  }

  /** Makes a bus known on which devices meet drivers by name, as on the platform bus. */
  addBus(name: string): undefined {
    busRegister(this.kernel, { ...PLATFORM_BUS, name });
  }

  /**
   * Registers a driver and probes what it fits.
   *
   * @throws {KernelError} `EINVAL` without its bus, `EBUSY` when its name is taken.
   */
  async addDriver(driver: BenchDriver): Promise<undefined> {
    const { name, bus = "platform", fits, async } = driver;
    const ops: PlatformDriver = {
      name,
      idTable: fits,
      ...async === true ? { probeType: "asynchronous" } : {},
      probe: (dev) => this.#probe(driver, dev),
    };
    await driverRegister(this.kernel, bus, ops);
  }

  async #probe(driver: BenchDriver, dev: PlatformDevice): Promise<undefined> {
    const { needs, without = "EPROBE_DEFER", provides, numbers, aliases, probe } = driver;
    const missing = needs !== undefined && !this.facts.has(needs);
    if (driver.pauses === true) await this.pause();
    if (needs !== undefined) this.kernel.found("need", needs, missing ? "missing" : "there");
    if (missing) throw devErrProbe(dev, without, `${needs} is missing`);
    if (numbers !== undefined) {
      const number = this.takeNumber(numbers, aliases?.[dev.name]);
      this.tell(`${numbers}${number}`, dev.name);
    }
    if (provides !== undefined) this.tell(provides, dev.name);
    await probe?.(dev.name);
  }

  /** Takes the lowest free number of a kind, or exactly `wanted`. */
  takeNumber(kind: string, wanted?: number): number {
    let ida = this.#numbers.get(kind);
    if (ida === undefined) this.#numbers.set(kind, ida = new Ida(this.kernel, kind));
    return ida.alloc(wanted, wanted);
  }

  /**
   * Adds a device and probes it.
   *
   * @throws {KernelBug} Without its bus, in kernels that do not look for it.
   * @throws {KernelError} `EEXIST` when its name is taken.
   */
  async addDevice(name: string, bus: string = "platform"): Promise<undefined> {
    const dev = new PlatformDevice(this.kernel, name);
    dev.bus = busToJoin(this.kernel, bus);
    dev.parentDevice = this.kernel.get(PLATFORM_ROOT);
    this.#devices.set(name, dev);
    await deviceAdd(dev);
  }

  /** Makes a device's driver let go of it. */
  async unbind(name: string): Promise<undefined> {
    await releaseDriver(this.#device(name));
  }

  #device(name: string): PlatformDevice {
    const dev = this.#devices.get(name);
    if (dev === undefined) throw new RangeError(`no device '${name}' was added`);
    return dev;
  }

  /** The driver that has the device; `undefined` without one. Only for looking at the end: the lab does not hear of it. */
  driverOf(name: string): string | undefined {
    return this.#devices.get(name)?.driver?.name;
  }

  /** How often a driver was called that put its device off. Only for looking at the end. */
  get callsInVain(): number {
    return this.kernel.get(PROBE_ATTEMPTS).filter(({ result }) => result === ERRNO.EPROBE_DEFER)
      .length;
  }

  /** Lets anything else that can go on do so first, if that is varied. */
  async pause(): Promise<undefined> {
    await this.kernel.sched.preempt("task");
  }

  /** Sleeps until no probe is under way and none is put off that could succeed. Linux: wait_for_device_probe() */
  async waitForProbes(): Promise<undefined> {
    await this.kernel.get(DEFERRED).wait();
  }

  /**
   * What a probe throws that misses something which the device can do without: whether to wait for it any longer.
   *
   * Linux: driver_deferred_probe_check_state()
   */
  waitOrGiveUp(device: string): KernelError {
    return this.kernel.get(DEFERRED).checkState(this.#device(device));
  }

  /** Calls `handler` whenever {@linkcode interrupt} is called. */
  onInterrupt(handler: () => undefined): undefined {
    const { irq } = this.kernel.irq.createMapping(GIC_SPI_BASE, "edge");
    const answer = (): IrqReturn => {
      handler();
      return "handled";
    };
    this.kernel.irq.requestIrq({ irq, name: "device", handler: answer, shared: false });
  }

  /** A device raises its interrupt. */
  interrupt(): undefined {
    this.kernel.interrupt(0, true);
    this.kernel.interrupt(0, false);
  }
}
