/**
 * Files of disks and partitions in sysfs.
 *
 * Linux: block/genhd.c, block/partitions/core.c, kernel/trace/blktrace.c
 *
 * @module
 */
import { KernelError } from "../errors.ts";
import { type Attribute, type AttributeGroup, Kobject } from "../kobject.ts";
import type { BlockDevice } from "./bdev.ts";
import { limitAlignmentOffset, limitDiscardAlignment } from "./limits.ts";
import { DISK_MAX_PARTS } from "./partitions/state.ts";

type Show = (bdev: BlockDevice) => string | number;

function file(name: string, show: Show): Attribute<BlockDevice> {
  return { name, mode: 0o444, show: (bdev) => `${show(bdev)}\n` };
}

/** What cannot be set on this kernel: no removable media, no block traces. */
function refused(name: string): Attribute<BlockDevice>["store"] {
  return (bdev) => {
    throw new KernelError("EINVAL", `${bdev.name}: ${name} cannot be set`);
  };
}

const limitsOf = (bdev: BlockDevice) => bdev.disk.queue.limits;

/** Files that disks and partitions have alike. */
const COMMON: readonly Attribute<BlockDevice>[] = [
  file("size", (bdev) => bdev.nrSectors),
  file("ro", (bdev) => bdev.readOnly ? 1 : 0),
  file("alignment_offset", (bdev) => limitAlignmentOffset(limitsOf(bdev), bdev.startSector)),
  file("discard_alignment", (bdev) => limitDiscardAlignment(limitsOf(bdev), bdev.startSector)),
  { name: "stat", mode: 0o444, show: (bdev) => bdev.stats.show(bdev.kernel.nowNs) },
  file("inflight", ({ stats }) => stats.inFlight.map((n) => String(n).padStart(8)).join(" ")),
];

/** Linux: disk_attr_group */
export const DISK_GROUP: AttributeGroup<BlockDevice> = {
  attrs: [
    ...COMMON,
    file("range", (bdev) => bdev.disk.minors),
    file("ext_range", () => DISK_MAX_PARTS),
    file("removable", () => 0),
    file("hidden", () => 0),
    file("capability", () => 0),
    file("diskseq", (bdev) => bdev.disk.diskseq),
    { name: "events", mode: 0o444, show: () => "\n" },
    { name: "events_async", mode: 0o444, show: () => "\n" },
    {
      name: "events_poll_msecs",
      mode: 0o644,
      show: () => "-1\n",
      store: (bdev) => {
        throw new KernelError("ENODEV", `${bdev.name}: has no media to watch`);
      },
    },
  ],
};

/** Linux: part_attr_group */
export const PARTITION_GROUP: AttributeGroup<BlockDevice> = {
  attrs: [
    ...COMMON,
    file("partition", (bdev) => bdev.partno),
    file("start", (bdev) => bdev.startSector),
  ],
};

function traceFile(name: string, text: string): Attribute<BlockDevice> {
  return { name, mode: 0o644, show: () => `${text}\n`, store: refused(`trace/${name}`) };
}

/** Linux: blk_trace_attr_group */
export const TRACE_GROUP: AttributeGroup<BlockDevice> = {
  name: "trace",
  attrs: [
    traceFile("enable", "0"),
    ...["act_mask", "pid", "start_lba", "end_lba"].map((name) => traceFile(name, "disabled")),
  ],
};

/** The folder of data integrity, which no disk here has. Linux: integrity_ktype */
export class IntegrityFolder extends Kobject {
  constructor() {
    super("integrity");
  }

  override defaultGroups(): readonly AttributeGroup<never>[] {
    return [INTEGRITY_GROUP as AttributeGroup<never>];
  }
}

const INTEGRITY_GROUP: AttributeGroup<IntegrityFolder> = {
  attrs: [
    { name: "format", mode: 0o444, show: () => "none\n" },
    { name: "tag_size", mode: 0o444, show: () => "0\n" },
    { name: "protection_interval_bytes", mode: 0o444, show: () => "0\n" },
    { name: "read_verify", mode: 0o644, show: () => "0\n", store: () => undefined },
    { name: "write_generate", mode: 0o644, show: () => "0\n", store: () => undefined },
    { name: "device_is_integrity_capable", mode: 0o444, show: () => "0\n" },
  ],
};
