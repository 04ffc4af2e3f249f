/**
 * The choice of an I/O scheduler. Requests go straight to the driver with either; what changes is what
 * sysfs shows.
 *
 * Linux: block/elevator.c, block/mq-deadline.c
 *
 * @module
 */
import { KernelError } from "../errors.ts";
import { type Attribute, type AttributeGroup, Kobject } from "../kobject.ts";

/** Requests that a scheduler holds by default, at most. Linux: BLKDEV_DEFAULT_RQ */
const BLKDEV_DEFAULT_RQ = 128;
/** Linux: BLKDEV_MIN_RQ */
const BLKDEV_MIN_RQ = 4;
/** Linux: MAX_SCHED_RQ */
const MAX_SCHED_RQ = 16 * BLKDEV_DEFAULT_RQ;

/** A file of mq-deadline: its name, first value and limits. */
type Tunable = readonly [name: string, value: number, min: number, max: number];

const INT_MAX = 0x7fffffff;

const TUNABLES: readonly Tunable[] = [
  ["read_expire", 500, 0, INT_MAX],
  ["write_expire", 5000, 0, INT_MAX],
  ["writes_starved", 2, -0x80000000, INT_MAX],
  ["front_merges", 1, 0, 1],
  ["async_depth", 0, 1, INT_MAX],
  ["fifo_batch", 16, 0, INT_MAX],
  ["prio_aging_expire", 10000, 0, INT_MAX],
];

function tunableFile([name, , min, max]: Tunable): Attribute<IoSched> {
  return {
    name,
    mode: 0o644,
    show: (sched) => `${sched.values.get(name)}\n`,
    store: (sched, value) => {
      const number = Number(value.trim());
      if (value.trim() === "" || !Number.isInteger(number)) {
        throw new KernelError("EINVAL", `${name}: '${value.trim()}' is not a number`);
      }
      sched.values.set(name, Math.min(Math.max(number, min), max));
    },
  };
}

const IOSCHED_GROUP: AttributeGroup<IoSched> = { attrs: TUNABLES.map(tunableFile) };

/** The folder of the scheduler in use. */
class IoSched extends Kobject {
  readonly values = new Map(TUNABLES.map(([name, value]) => [name, value] as const));

  constructor() {
    super("iosched");
  }

  override defaultGroups(): readonly AttributeGroup<never>[] {
    return [IOSCHED_GROUP as AttributeGroup<never>];
  }
}

/** Which scheduler a queue has, and how many requests it may hold. Linux: struct elevator_queue */
export class Elevator {
  /** Linux: q->nr_requests */
  nrRequests: number;
  #sched: IoSched | undefined;
  readonly #folder: Kobject;
  readonly #depth: number;

  /**
   * @param folder The queue's folder.
   * @param depth Tags of a hardware queue.
   * @param queues Hardware queues: a single one gets mq-deadline. Linux: elevator_get_default()
   */
  constructor(folder: Kobject, depth: number, queues: number) {
    this.#folder = folder;
    this.#depth = depth;
    this.nrRequests = depth;
    if (queues === 1) this.#start();
  }

  #start(): undefined {
    this.#sched = new IoSched();
    this.#sched.addTo(this.#folder);
    this.#setDepth(2 * Math.min(this.#depth, BLKDEV_DEFAULT_RQ));
  }

  #setDepth(count: number): undefined {
    this.nrRequests = count;
    this.#sched?.values.set("async_depth", count);
  }

  /** The one in use in brackets; mq-deadline is named first unless it is not in use. Linux: elv_iosched_show() */
  show(): string {
    return this.#sched === undefined ? "[none] mq-deadline \n" : "[mq-deadline] none\n";
  }

  /** Linux: elv_iosched_store() */
  switchTo(value: string): undefined {
    const name = value.trim();
    if (name !== "none" && name !== "mq-deadline") {
      throw new KernelError("EINVAL", `there is no I/O scheduler '${name}'`);
    }
    if ((name === "none") === (this.#sched === undefined)) return;
    if (name === "mq-deadline") return this.#start();
    this.#sched?.remove();
    this.#sched = undefined;
    this.nrRequests = this.#depth;
  }

  /** Linux: queue_requests_store(), blk_mq_update_nr_requests() */
  resize(count: number): undefined {
    const most = this.#sched === undefined ? this.#depth : MAX_SCHED_RQ;
    const wanted = Math.max(count, BLKDEV_MIN_RQ);
    if (wanted > most) throw new KernelError("EINVAL", `${wanted} requests are too many`);
    this.#setDepth(wanted);
  }
}
