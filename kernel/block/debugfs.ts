/**
 * `/sys/kernel/debug/block/vda` and `/sys/kernel/debug/bdi/254:0`: the folders and what is constant in them.
 * They are made when somebody looks.
 *
 * Linux: block/blk-mq-debugfs.c, mm/backing-dev.c
 *
 * @module
 */
import { type Directory, type Inode, PlainDirectory, textFile } from "../vfs/node.ts";
import type { Gendisk } from "./gendisk.ts";
import type { HwContext } from "./hw_context.ts";
import type { RequestQueue } from "./request_queue.ts";

/** Files that only root reads. */
const MODE = 0o400;

/** A folder that is made when somebody looks into it. */
class LazyDirectory implements Directory {
  readonly kind = "dir";
  readonly mode = 0o755;
  readonly #make: () => PlainDirectory;

  constructor(make: () => PlainDirectory) {
    this.#make = make;
  }

  lookup(name: string): Inode | undefined {
    return this.#make().lookup(name);
  }

  names(): Iterable<string> {
    return this.#make().names();
  }
}

/** Texts by name; later names are listed first. */
function folder(files: Readonly<Record<string, () => string>>): PlainDirectory {
  const dir = new PlainDirectory();
  for (const [name, read] of Object.entries(files)) dir.add(name, textFile(read, MODE));
  return dir;
}

const empty = () => "";

function hctxFolder(queue: RequestQueue, hctx: HwContext): PlainDirectory {
  const polled = hctx.index >= queue.set.defaultQueues;
  const dir = folder({
    state: empty,
    flags: () => "alloc_policy=FIFO SHOULD_MERGE\n",
    dispatch: empty,
    busy: empty,
    active: () => `${hctx.inFlight}\n`,
    dispatch_busy: () => "0\n",
    type: () => polled ? "poll\n" : "default\n",
  });
  for (const cpu of hctx.cpus) {
    const lists = { default_rq_list: empty, read_rq_list: empty, poll_rq_list: empty };
    dir.add(`cpu${cpu}`, folder(lists));
  }
  return dir;
}

/** Flags by name; two have a number only. Linux: queue_state_show() */
function queueState({ ioStat, writeCache }: RequestQueue): string {
  const flags = [
    "SAME_COMP",
    "IO_STAT",
    "13",
    "INIT_DONE",
    "WC",
    "STATS",
    "REGISTERED",
    "NOWAIT",
    "30",
  ];
  const unset = [...(ioStat ? [] : ["IO_STAT"]), ...(writeCache ? [] : ["WC"])];
  return `${flags.filter((flag) => !unset.includes(flag)).join("|")}\n`;
}

/** The folder of a queue. Linux: blk_mq_debugfs_register() */
function queueFolder(queue: RequestQueue): PlainDirectory {
  const dir = folder({
    poll_stat: empty,
    requeue_list: empty,
    pm_only: () => "0\n",
    state: () => queueState(queue),
    zone_wlock: empty,
  });
  if (queue.hctxs.length === 1) dir.add("sched", new PlainDirectory());
  for (const hctx of queue.hctxs) dir.add(`hctx${hctx.index}`, hctxFolder(queue, hctx));
  dir.add("rqos", new PlainDirectory());
  return dir;
}

/** Makes the folders of a disk appear. Linux: blk_register_queue(), bdi_debug_register() */
export function debugfsAddDisk(disk: Gendisk): undefined {
  const { debugfs } = disk.kernel;
  debugfs.dir("block").add(disk.name, new LazyDirectory(() => queueFolder(disk.queue)));
  debugfs.dir("bdi").add(`${disk.major}:${disk.firstMinor}`, new PlainDirectory());
}

/** Takes them away. */
export function debugfsRemoveDisk(disk: Gendisk): undefined {
  const { debugfs } = disk.kernel;
  debugfs.dir("block").remove(disk.name);
  debugfs.dir("bdi").remove(`${disk.major}:${disk.firstMinor}`);
}
