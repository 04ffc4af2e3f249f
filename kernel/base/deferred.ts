/**
 * Probes that are put off until something changes, and how long that may take.
 *
 * Linux: the deferred probes of drivers/base/dd.c
 *
 * @module
 */
import { ASYNC } from "../async.ts";
import { KernelError } from "../errors.ts";
import type { Kernel } from "../kernel.ts";
import type { MightSleep } from "../might_sleep.ts";
import { KERN_INFO, KERN_WARNING } from "../printk.ts";
import { textFile } from "../vfs/node.ts";
import { WaitQueue } from "../wait.ts";
import { DelayedWork, SYSTEM_WQ, Work, WorkQueue } from "../workqueue.ts";
import { becauseOf } from "./attempt.ts";
import { type Device, devPrintk, devWarn } from "./device.ts";
import { fwDevlinkDriversDone, fwDevlinkProbingDone } from "./fw_devlink.ts";
import { deviceMoveToTail } from "./links.ts";

const DD = "drivers/base/dd.c";

/** The last whole number among words; others are as if they were not given. Linux: kstrtoint() */
function lastNumber(words: readonly string[]): number | undefined {
  const last = words.findLast((word) => /^[-+]?\d+$/.test(word));
  return last === undefined ? undefined : Number(last);
}

/** Devices whose probe was put off. */
export class DeferredProbes {
  /** Waiting for something to change, oldest first. Linux: deferred_probe_pending_list */
  readonly pending = new Set<Device>();
  /** Probed again by the worker, with what made that so. Linux: deferred_probe_active_list */
  readonly active = new Map<Device, string>();
  /** How often something changed. Linux: deferred_trigger_count */
  triggerCount = 0;
  /** Linux: initcalls_done */
  initcallsDone = false;
  /** Every probe is put off: the machine is going down, or to sleep. Linux: defer_all_probes */
  blocked = false;

  readonly #kernel: Kernel;
  readonly #probe: (dev: Device) => MightSleep<undefined>;
  readonly #queue: WorkQueue;
  readonly #work: Work;
  readonly #timeout: DelayedWork;
  readonly #idle: WaitQueue;
  #enabled = false;
  #probing = 0;
  #timeoutS: number;

  /** @param probe Looks for a driver for a device. */
  constructor(kernel: Kernel, probe: (dev: Device) => MightSleep<undefined>) {
    const { sched, params, ordering, profile } = kernel;
    this.#kernel = kernel;
    this.#probe = probe;
    this.#queue = new WorkQueue(sched, "events_unbound");
    this.#work = new Work("deferred_probe_work_func", () => this.#retry());
    const name = "deferred_probe_timeout_work";
    this.#timeout = new DelayedWork(sched, kernel.get(SYSTEM_WQ), name, () => this.#expire());
    this.#idle = new WaitQueue(sched, "devices that are being probed");
    this.#timeoutS = lastNumber(params.getAll("deferred_probe_timeout")) ??
      ordering.deferredProbeTimeoutS ??
      (this.#modules ? profile.deferredProbeTimeoutS : 0);
  }

  get #modules(): boolean {
    return this.#kernel.kconfig.MODULES ?? true;
  }

  /** Puts a device on the waiting list. Linux: driver_deferred_probe_add() */
  add(dev: Device): undefined {
    if (!dev.canMatch) return;
    this.#kernel.access?.("deferred", "", "append");
    this.#kernel.access?.("deferred device", dev.path, "write");
    if (this.waits(dev)) return;
    this.#kernel.dyndbg?.dev(DD, "driver_deferred_probe_add", dev, "Added to deferred list");
    this.pending.add(dev);
  }

  /** Whether a device is on one of the lists. */
  waits(dev: Device): boolean {
    this.#kernel.access?.("deferred device", dev.path, "read");
    return this.pending.has(dev) || this.active.has(dev);
  }

  /** Takes a device off both lists. Linux: driver_deferred_probe_del() */
  forget(dev: Device): undefined {
    this.#kernel.access?.("deferred device", dev.path, "read");
    if (!this.pending.delete(dev) && !this.active.delete(dev)) return;
    this.#kernel.access?.("deferred device", dev.path, "write");
    this.#kernel.access?.("deferred", "", "write");
    this.#kernel.dyndbg?.dev(DD, "driver_deferred_probe_del", dev, "Removed from deferred list");
    dev.deferReason = "";
  }

  /**
   * Something changed: everything that waits is tried again.
   *
   * Linux: driver_deferred_probe_trigger()
   *
   * @param change What, for people: `"virtio0 was bound"`.
   */
  trigger(change: string): undefined {
    this.#kernel.access?.("deferred probing", "", "read");
    if (!this.#enabled) return;
    this.#kernel.access?.("deferred triggers", "", "insert");
    this.triggerCount++;
    this.#kernel.access?.("deferred", "", this.pending.size > 0 ? "write" : "read");
    for (const dev of this.pending) this.active.set(dev, change);
    this.pending.clear();
    if (this.active.size > 0) this.#queue.queue(this.#work);
  }

  /** Linux: deferred_probe_work_func() */
  async #retry(): Promise<undefined> {
    this.#kernel.access?.("deferred", "", "read");
    for (const [dev, change] of this.active) {
      this.#kernel.access?.("deferred", "", "write");
      this.#kernel.access?.("deferred device", dev.path, "write");
      this.active.delete(dev);
      dev.deferReason = "";
      deviceMoveToTail(dev);
      const text = "Retrying from deferred list";
      this.#kernel.dyndbg?.dev(DD, "deferred_probe_work_func", dev, text);
      await becauseOf(this.#kernel, `tried again: ${change}`, () => this.#probe(dev));
      this.#kernel.access?.("deferred", "", "read");
    }
  }

  /** Counts a probe that is under way. Linux: probe_count */
  enter(): undefined {
    this.#kernel.access?.("probes under way", "", "insert");
    this.#probing++;
  }
  leave(): undefined {
    this.#kernel.access?.("probes under way", "", "insert");
    this.#probing--;
    this.#idle.wakeUp();
  }

  /** Linux: deferred_probe_initcall(), at late_initcall */
  async initcall(): Promise<number> {
    this.#kernel.debugfs.add("devices_deferred", textFile(() => this.show()));
    this.#kernel.access?.("deferred probing", "", "write");
    this.#enabled = true;
    await this.#triggerAndWait("deferred_probe_initcall");
    this.#kernel.access?.("deferred timeout", "initcalls", "write");
    this.initcallsDone = true;
    if (!this.#modules) fwDevlinkDriversDone(this.#kernel);
    await this.#triggerAndWait("deferred_probe_initcall");
    if (this.#timeoutS > 0) this.#armTimeout();
    if (!this.#modules) await fwDevlinkProbingDone(this.#kernel);
    return 0;
  }

  async #triggerAndWait(change: string): Promise<undefined> {
    this.trigger(change);
    await this.#queue.flush(this.#work);
  }

  /** The text of `devices_deferred`. Linux: deferred_devs_show() */
  show(): string {
    this.#kernel.access?.("deferred", "", "read");
    return [...this.pending].map((dev) => `${dev.name}\t${dev.deferReason}\n`).join("");
  }

  #armTimeout(): undefined {
    this.#kernel.access?.("deferred timeout", "", "write");
    const { nowNs } = this.#kernel.clock;
    this.#timeout.scheduleAt(nowNs + this.#timeoutS * 1e9, nowNs);
  }

  /** Each new driver restarts a timeout that runs. Linux: deferred_probe_extend_timeout() */
  extendTimeout(): undefined {
    if (!this.#kernel.profile.extendTimeout) return;
    this.#kernel.access?.("deferred timeout", "", "read");
    if (!this.#timeout.stop()) return;
    this.#armTimeout();
    const text = `Extended deferred probe timeout by ${this.#timeoutS} secs`;
    this.#kernel.dyndbg?.print(DD, "deferred_probe_extend_timeout", text);
  }

  /** Nobody waits for suppliers without a driver any more; names what still waits. Linux: deferred_probe_timeout_work_func() */
  async #expire(): Promise<undefined> {
    const { profile } = this.#kernel;
    this.#kernel.access?.("deferred timeout", "", "write");
    fwDevlinkDriversDone(this.#kernel);
    this.#timeoutS = 0;
    await this.#triggerAndWait("the time for suppliers is over");
    for (const dev of this.pending) {
      if (!profile.pendingReason) devPrintk(KERN_INFO, dev, "deferred probe pending");
      else {
        const why = dev.deferReason === "" ? "(reason unknown)" : dev.deferReason;
        devPrintk(KERN_WARNING, dev, `deferred probe pending: ${why}`);
      }
    }
    await fwDevlinkProbingDone(this.#kernel);
  }

  /**
   * What a driver that misses a supplier says which it can do without.
   *
   * Linux: driver_deferred_probe_check_state()
   *
   * @returns `EPROBE_DEFER` while the supplier may still come, `ETIMEDOUT` when the time for that is over,
   *   `ENODEV` when no module can bring it.
   */
  checkState(dev: Device): KernelError {
    this.#kernel.access?.("deferred timeout", "initcalls", "read");
    this.#kernel.access?.("deferred timeout", "", "read");
    if (!this.#modules && this.initcallsDone) {
      devWarn(dev, "ignoring dependency for device, assuming no driver");
      return new KernelError("ENODEV", `${dev.name}: no driver for its supplier is built in`);
    }
    if (this.#timeoutS === 0 && this.initcallsDone) {
      devWarn(dev, "deferred probe timeout, ignoring dependency");
      return new KernelError("ETIMEDOUT", `${dev.name}: its supplier did not come in time`);
    }
    return new KernelError("EPROBE_DEFER", `${dev.name}: its supplier is not there yet`);
  }

  /** Lets no device be probed, and sleeps until none is. Linux: device_block_probing() */
  async block(): Promise<undefined> {
    this.blocked = true;
    await this.wait();
  }

  /** Lets devices be probed again, also those that came meanwhile. Linux: device_unblock_probing() */
  unblock(): undefined {
    this.blocked = false;
    this.trigger("devices may be probed again");
  }

  #isProbing(): boolean {
    this.#kernel.access?.("probes under way", "", "read");
    return this.#probing > 0;
  }

  /** Sleeps until no device is being probed and none waits to be. Linux: wait_for_device_probe() */
  async wait(): Promise<undefined> {
    await this.#queue.flush(this.#work);
    await this.#idle.waitEvent(() => !this.#isProbing());
    await this.#kernel.get(ASYNC).synchronizeFull();
  }
}
