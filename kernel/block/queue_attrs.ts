/**
 * The folders `queue` and `mq` of a disk.
 *
 * Linux: block/blk-sysfs.c, block/blk-mq-sysfs.c
 *
 * @module
 */
import { KernelError } from "../errors.ts";
import { type Attribute, type AttributeGroup, Kobject } from "../kobject.ts";
import { PAGE_SIZE } from "../mem.ts";
import { Elevator } from "./elevator.ts";
import type { HwContext } from "./hw_context.ts";
import { SECTOR_SHIFT } from "./limits.ts";
import { parseVar } from "./parse_var.ts";
import type { RequestQueue } from "./request_queue.ts";

const KIB_OF_PAGE = PAGE_SIZE / 1024;
/** What a spinning disk may take before writers are slowed down. Linux: wbt_default_latency_nsec() */
const WBT_LATENCY_USEC = 75_000;

type Show = (folder: QueueFolder) => string | number;
type Store = (folder: QueueFolder, value: number) => undefined;

function file(name: string, show: Show): Attribute<QueueFolder> {
  return { name, mode: 0o444, show: (folder) => `${show(folder)}\n` };
}

function settable(name: string, show: Show, store: Store): Attribute<QueueFolder> {
  return {
    name,
    mode: 0o644,
    show: (folder) => `${show(folder)}\n`,
    store: (folder, value) => store(folder, parseVar(value, name)),
  };
}

/** A number that is kept and shown, and does nothing else here. */
function kept(name: string, first: number): Attribute<QueueFolder> {
  return settable(
    name,
    (folder) => folder.values.get(name) ?? first,
    (folder, value) => {
      folder.values.set(name, value);
    },
  );
}

/** A flag: anything but 0 is 1. Linux: QUEUE_SYSFS_BIT_FNS() */
function flag(name: string, first: number): Attribute<QueueFolder> {
  return settable(
    name,
    (folder) => folder.values.get(name) ?? first,
    (folder, value) => {
      folder.values.set(name, value === 0 ? 0 : 1);
    },
  );
}

/** Limits as they are. */
const LIMITS: readonly Attribute<QueueFolder>[] = [
  file("logical_block_size", ({ limits }) => limits.logicalBlockSize),
  file("hw_sector_size", ({ limits }) => limits.logicalBlockSize),
  file("physical_block_size", ({ limits }) => limits.physicalBlockSize),
  file("minimum_io_size", ({ limits }) => limits.ioMin),
  file("optimal_io_size", ({ limits }) => limits.ioOpt),
  file("max_segments", ({ limits }) => limits.maxSegments),
  file("max_segment_size", ({ limits }) => limits.maxSegmentSize),
  file("max_hw_sectors_kb", ({ limits }) => limits.maxHwSectors >>> 1),
  file("max_discard_segments", ({ limits }) => limits.maxDiscardSegments),
  file("discard_granularity", ({ limits }) => limits.discardGranularity),
  file("discard_max_hw_bytes", ({ limits }) => bytes(limits.maxHwDiscardSectors)),
  file("write_zeroes_max_bytes", ({ limits }) => bytes(limits.maxWriteZeroesSectors)),
];

/** What no virtio disk has. */
const ABSENT: readonly Attribute<QueueFolder>[] = [
  ...[
    "chunk_sectors",
    "dax",
    "discard_zeroes_data",
    "fua",
    "max_integrity_segments",
    "nr_zones",
    "virt_boundary_mask",
    "write_same_max_bytes",
    "zone_append_max_bytes",
    "zone_write_granularity",
  ].map((name) => file(name, () => 0)),
  file("dma_alignment", () => 511),
  file("zoned", () => "none"),
];

/** A number of sectors in bytes; beyond 32 bits. */
function bytes(sectors: number): number {
  return sectors * (1 << SECTOR_SHIFT);
}

const SETTABLE: readonly Attribute<QueueFolder>[] = [
  {
    name: "scheduler",
    mode: 0o644,
    show: ({ elevator }) => elevator.show(),
    store: ({ elevator }, value) => elevator.switchTo(value),
  },
  settable(
    "nr_requests",
    ({ elevator }) => elevator.nrRequests,
    ({ elevator }, value) => elevator.resize(value),
  ),
  settable(
    "read_ahead_kb",
    ({ limits }) => limits.readAheadPages * KIB_OF_PAGE,
    ({ limits }, kib) => {
      limits.readAheadPages = Math.floor(kib / KIB_OF_PAGE);
    },
  ),
  settable("max_sectors_kb", ({ limits }) => limits.maxSectors >>> 1, setMaxSectors),
  settable("discard_max_bytes", ({ limits }) => bytes(limits.maxDiscardSectors), setDiscardMax),
  {
    name: "write_cache",
    mode: 0o644,
    show: ({ queue }) => queue.writeCache ? "write back\n" : "write through\n",
    store: setWriteCache,
  },
  settable("iostats", ({ queue }) => queue.ioStat ? 1 : 0, ({ queue }, value) => {
    queue.ioStat = value !== 0;
  }),
  flag("rotational", 1),
  flag("add_random", 0),
  flag("stable_writes", 0),
  settable("nomerges", (folder) => folder.values.get("nomerges") ?? 0, (folder, value) => {
    folder.values.set("nomerges", Math.min(value, 2));
    folder.queue.noMerges = value >= 2;
  }),
  settable("rq_affinity", (folder) => folder.values.get("rq_affinity") ?? 1, (folder, value) => {
    if (value <= 2) folder.values.set("rq_affinity", value);
  }),
  {
    name: "io_poll",
    mode: 0o644,
    show: ({ queue }) => queue.set.pollQueues > 0 ? "1\n" : "0\n",
    store: ({ queue }) => {
      if (queue.set.pollQueues === 0) {
        throw new KernelError("EINVAL", `${queue.name}: has no queues to poll`);
      }
    },
  },
  { name: "io_poll_delay", mode: 0o644, show: () => "-1\n", store: () => undefined },
  kept("wbt_lat_usec", WBT_LATENCY_USEC),
];

/** Linux: queue_max_sectors_store() */
function setMaxSectors({ queue, limits }: QueueFolder, kib: number): undefined {
  if (kib > limits.maxHwSectors >>> 1 || kib < KIB_OF_PAGE) {
    throw new KernelError("EINVAL", `${queue.name}: max_sectors_kb cannot be ${kib}`);
  }
  limits.maxSectors = kib << 1;
}

/** Linux: queue_discard_max_store() */
function setDiscardMax({ queue, limits }: QueueFolder, value: number): undefined {
  if (limits.discardGranularity > 0 && value % limits.discardGranularity !== 0) {
    throw new KernelError("EINVAL", `${queue.name}: discard_max_bytes cannot be ${value}`);
  }
  limits.maxDiscardSectors = Math.min(value >>> SECTOR_SHIFT, limits.maxHwDiscardSectors);
}

/** Linux: queue_wc_store() */
function setWriteCache({ queue }: QueueFolder, value: string): undefined {
  if (value.startsWith("write back")) queue.writeCache = true;
  else if (value.startsWith("write through") || value.startsWith("none")) queue.writeCache = false;
  else throw new KernelError("EINVAL", `${queue.name}: there is no cache mode '${value.trim()}'`);
}

const QUEUE_GROUP: AttributeGroup<QueueFolder> = { attrs: [...LIMITS, ...ABSENT, ...SETTABLE] };

/** The folder `queue`. Linux: blk_queue_ktype */
export class QueueFolder extends Kobject {
  readonly elevator: Elevator;
  /** Values that are only kept. */
  readonly values = new Map<string, number>();

  constructor(readonly queue: RequestQueue) {
    super("queue");
    const { set } = queue;
    this.elevator = new Elevator(this, set.depth, set.defaultQueues + set.pollQueues);
  }

  /** The limits that the files show. */
  get limits(): RequestQueue["limits"] {
    return this.queue.limits;
  }

  override defaultGroups(): readonly AttributeGroup<never>[] {
    return [QUEUE_GROUP as AttributeGroup<never>];
  }
}

const HCTX_GROUP: AttributeGroup<HctxFolder> = {
  attrs: [
    { name: "nr_tags", mode: 0o444, show: ({ hctx }) => `${hctx.depth}\n` },
    { name: "nr_reserved_tags", mode: 0o444, show: () => "0\n" },
    { name: "cpu_list", mode: 0o444, show: ({ hctx }) => `${hctx.cpus.join(", ")}\n` },
  ],
};

/** The folder of one hardware queue. Linux: blk_mq_hw_ktype */
class HctxFolder extends Kobject {
  constructor(readonly hctx: HwContext) {
    super(String(hctx.index));
    for (const cpu of hctx.cpus) new Kobject(`cpu${cpu}`).addTo(this);
  }

  override defaultGroups(): readonly AttributeGroup<never>[] {
    return [HCTX_GROUP as AttributeGroup<never>];
  }
}

/** The folder `mq`. Linux: blk_mq_sysfs_register() */
export function makeMqFolder(queue: RequestQueue): Kobject {
  const folder = new Kobject("mq");
  for (const hctx of queue.hctxs) new HctxFolder(hctx).addTo(folder);
  return folder;
}
