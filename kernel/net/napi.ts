/**
 * Receiving by polling: an interrupt only says that there is something; a soft interrupt then asks
 * each device for as much as its budget allows.
 *
 * Linux: net/core/dev.c, include/linux/netdevice.h (NAPI)
 *
 * @module
 */
import type { Kernel } from "../kernel.ts";
import { Slot } from "../slot.ts";
import { WaitQueue } from "../wait.ts";

/** Packets that one soft interrupt may take from all devices together. Linux: netdev_budget */
const NETDEV_BUDGET = 300;

/** A weight above this is too much. Linux: NAPI_POLL_WEIGHT */
const NAPI_POLL_WEIGHT = 64;

/** What is polled, and who polls. Linux: struct softnet_data */
class Softnet {
  readonly #kernel: Kernel;
  readonly #pollList: Napi[] = [];
  /** Somebody was told that a weight is too much. */
  weightReported = false;
  readonly #action = (): undefined => this.#netRxAction();
  #daemon = false;

  constructor(kernel: Kernel) {
    this.#kernel = kernel;
  }

  /** Puts `napi` on the list and has it polled soon. Linux: ____napi_schedule() */
  schedule(napi: Napi): undefined {
    this.#pollList.push(napi);
    if (!this.#daemon) this.#kernel.softirq.raise(this.#action);
  }

  /** Linux: net_rx_action() */
  #netRxAction(): undefined {
    let budget = NETDEV_BUDGET;
    while (this.#pollList.length > 0 && budget > 0) {
      const napi = this.#pollList.shift() as Napi;
      const done = napi.poll(napi.weight);
      budget -= Math.max(done, 1);
      if (napi.weight > 0 && done >= napi.weight) this.#pollList.push(napi);
    }
    if (this.#pollList.length > 0) this.#wakeDaemon();
  }

  /** Too much for a soft interrupt: a task goes on, so that others get their turn. Linux: wakeup_softirqd() */
  #wakeDaemon(): undefined {
    if (this.#daemon) return;
    this.#daemon = true;
    this.#kernel.sched.spawn("ksoftirqd/0", async () => {
      while (this.#pollList.length > 0) {
        this.#kernel.softirq.raise(this.#action);
        await this.#kernel.sched.yield();
      }
      this.#daemon = false;
    });
  }
}

/** The polling of one kernel. */
const SOFTNET: Slot<Softnet> = new Slot("softnet", (kernel) => new Softnet(kernel));

/**
 * Says once that a device wants more packets per poll than is good.
 *
 * Linux: netif_napi_add_weight()
 *
 * @param name What the device's messages start with.
 */
export function checkNapiWeight(kernel: Kernel, name: string, weight: number): undefined {
  const softnet = kernel.get(SOFTNET);
  if (weight <= NAPI_POLL_WEIGHT || softnet.weightReported) return;
  softnet.weightReported = true;
  kernel.err(`${name}: netif_napi_add_weight() called with weight ${weight}`);
}

/** One queue that is polled. Linux: struct napi_struct */
export class Napi {
  readonly #kernel: Kernel;
  readonly #idle: WaitQueue;
  /** It is on the list, is being polled, or is disabled. Linux: NAPI_STATE_SCHED */
  #scheduled = true;
  /** It was scheduled once more meanwhile. Linux: NAPI_STATE_MISSED */
  #missed = false;
  #disabling = false;

  /**
   * @param weight Packets per poll; 0 for a queue that is not polled at all.
   * @param poll Takes up to `budget` packets and returns how many it took; calls
   *   {@linkcode completeDone} when it took fewer.
   */
  constructor(
    kernel: Kernel,
    readonly name: string,
    public weight: number,
    readonly poll: (budget: number) => number,
  ) {
    this.#kernel = kernel;
    this.#idle = new WaitQueue(kernel.sched, `the end of polling ${name}`);
  }

  /** True when the caller may call {@linkcode schedule}. Linux: napi_schedule_prep() */
  schedulePrep(): boolean {
    if (this.#disabling) return false;
    if (this.#scheduled) {
      this.#missed = true;
      return false;
    }
    this.#scheduled = true;
    return true;
  }

  /** Has it polled, after {@linkcode schedulePrep} allowed that. Linux: __napi_schedule() */
  schedule(): undefined {
    this.#kernel.get(SOFTNET).schedule(this);
  }

  /** Polling is over; false when it goes on at once. Linux: napi_complete_done() */
  completeDone(): boolean {
    if (this.#missed) {
      this.#missed = false;
      this.schedule();
      return false;
    }
    this.#scheduled = false;
    this.#idle.wakeUp();
    return true;
  }

  /** Lets it be scheduled. Linux: napi_enable() */
  enable(): undefined {
    this.#scheduled = false;
    this.#missed = false;
  }

  /** Waits until it is not being polled and keeps it from being scheduled. Linux: napi_disable() */
  async disable(): Promise<undefined> {
    this.#disabling = true;
    await this.#idle.waitEvent(() => !this.#scheduled);
    this.#scheduled = true;
    this.#missed = false;
    this.#disabling = false;
  }
}
