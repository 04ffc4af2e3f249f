/**
 * What follows when a link comes or goes: a worker, at most once a second, brings the interface's
 * state in line.
 *
 * Linux: net/core/link_watch.c
 *
 * @module
 */
import type { Kernel } from "../kernel.ts";
import { Slot } from "../slot.ts";
import { DelayedWork, SYSTEM_WQ } from "../workqueue.ts";
import { IFF_UP, type OperState } from "./if.ts";
import type { NetDevice } from "./netdevice.ts";
import { callNetdeviceNotifiers, NET_DEVICES } from "./registry.ts";
import { devActivate, devDeactivate } from "./sch_generic.ts";

/** Events of no urgency wait so long after the last ones. */
const SECOND_NS = 1_000_000_000;

/** The events that wait. */
export class LinkWatch {
  readonly #kernel: Kernel;
  readonly #waiting = new Set<NetDevice>();
  readonly #work: DelayedWork;
  /** Linux: linkwatch_nextevent */
  #nextEventNs = -Infinity;
  /** Linux: LW_URGENT */
  #urgent = false;

  constructor(kernel: Kernel) {
    this.#kernel = kernel;
    this.#work = new DelayedWork(
      kernel.sched,
      kernel.get(SYSTEM_WQ),
      "linkwatch_event",
      () => this.#event(),
    );
  }

  /** Linux: linkwatch_fire_event() */
  fire(dev: NetDevice): undefined {
    const urgent = isUrgent(dev);
    const isNew = !this.#waiting.has(dev);
    this.#waiting.add(dev);
    if (isNew || urgent) this.#schedule(urgent);
  }

  /** Linux: linkwatch_schedule_work() */
  #schedule(urgent: boolean): undefined {
    if (this.#urgent) return;
    const { nowNs } = this.#kernel.clock;
    if (urgent) {
      this.#urgent = true;
      this.#work.runNow();
    } else this.#work.scheduleAt(Math.max(this.#nextEventNs, nowNs), nowNs);
  }

  async #event(): Promise<undefined> {
    await this.#kernel.get(NET_DEVICES).rtnl.with(() =>
      this.#run(this.#nextEventNs > this.#kernel.clock.nowNs)
    );
  }

  /** Linux: __linkwatch_run_queue() */
  async #run(urgentOnly: boolean): Promise<undefined> {
    if (!urgentOnly) this.#nextEventNs = this.#kernel.clock.nowNs + SECOND_NS;
    this.#urgent = false;
    for (const dev of [...this.#waiting]) {
      if (urgentOnly && !isUrgent(dev)) continue;
      await this.#do(dev);
    }
    if (this.#waiting.size > 0) this.#schedule(false);
  }

  /** Linux: linkwatch_do_dev() */
  async #do(dev: NetDevice): Promise<undefined> {
    this.#waiting.delete(dev);
    rfc2863Policy(dev);
    if ((dev.flags & IFF_UP) === 0) return;
    if (dev.carrierOk) devActivate(dev);
    else devDeactivate(dev);
    await callNetdeviceNotifiers("change", dev);
  }

  /** A device goes: its event is dealt with now. Linux: linkwatch_forget_dev() */
  async forget(dev: NetDevice): Promise<undefined> {
    if (this.#waiting.has(dev)) await this.#do(dev);
  }
}

/** The link events of a kernel. */
export const LINK_WATCH: Slot<LinkWatch> = new Slot("link watch", (k) => new LinkWatch(k));

/** A link that comes to a device which is up cannot wait. Linux: linkwatch_urgent_event() */
function isUrgent(dev: NetDevice): boolean {
  return dev.running && dev.carrierOk && dev.txQueues.some((queue) => !queue.active);
}

function defaultOperstate(dev: NetDevice): OperState {
  return dev.carrierOk ? "up" : "down";
}

/** Linux: rfc2863_policy() */
function rfc2863Policy(dev: NetDevice): undefined {
  dev.operstate = defaultOperstate(dev);
}

/** State of a link that was set before the device was registered. Linux: linkwatch_init_dev() */
export function linkwatchInitDev(dev: NetDevice): undefined {
  if (!dev.carrierOk) rfc2863Policy(dev);
}

/** The driver sees a link. Linux: netif_carrier_on() */
export function netifCarrierOn(dev: NetDevice): undefined {
  if (dev.carrierOk) return;
  dev.carrierOk = true;
  if (dev.regState === "uninitialized") return;
  dev.carrierUpCount++;
  dev.kernel.get(LINK_WATCH).fire(dev);
}

/** The driver sees no link any more. Linux: netif_carrier_off() */
export function netifCarrierOff(dev: NetDevice): undefined {
  if (!dev.carrierOk) return;
  dev.carrierOk = false;
  if (dev.regState === "uninitialized") return;
  dev.carrierDownCount++;
  dev.kernel.get(LINK_WATCH).fire(dev);
}
