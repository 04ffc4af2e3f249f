/**
 * Disks and partitions come and go.
 *
 * Linux: block/genhd.c, block/partitions/core.c
 *
 * @module
 */
import { deviceAdd, deviceDel, deviceDestroy } from "../base/core.ts";
import { type Device, deviceUevent, SYSFS } from "../base/device.ts";
import { KernelError } from "../errors.ts";
import { type AttributeGroup, Kobject } from "../kobject.ts";
import { BackingDev } from "./backing_dev.ts";
import { BlockDevice } from "./bdev.ts";
import { blkAllocExtMinor, BLOCK_DEVICES, BLOCK_EXT_MAJOR } from "./blkdev.ts";
import { BLOCK_CLASS, DISK_TYPE, PARTITION_TYPE } from "./block_class.ts";
import { BlockNode } from "./block_node.ts";
import { debugfsAddDisk, debugfsRemoveDisk } from "./debugfs.ts";
import { IntegrityFolder } from "./disk_attrs.ts";
import type { Gendisk } from "./gendisk.ts";
import { blkdevGet, blkdevPut, flushBlockdev } from "./open.ts";
import { checkPartition, partitionPrefix } from "./partitions/check.ts";
import type { ParsedPartition } from "./partitions/state.ts";
import { makeMqFolder, QueueFolder } from "./queue_attrs.ts";

/** What has been done, to be undone in reverse. */
type Undo = () => undefined | Promise<undefined>;

/**
 * Makes a disk appear, with its partitions.
 *
 * Linux: device_add_disk()
 *
 * @param groups The driver's files.
 * @throws {KernelError} `ENOMEM`, `EEXIST`; nothing is left behind then.
 */
export async function deviceAddDisk(
  parent: Device | undefined,
  disk: Gendisk,
  groups: readonly AttributeGroup<never>[] = [],
): Promise<undefined> {
  const undo: Undo[] = [];
  try {
    await addParts(parent, disk, groups, undo);
  } catch (error) {
    while (undo.length > 0) await undo.pop()?.();
    throw error;
  }
  disk.live = true;
  if (disk.capacity > 0) await scanFirst(disk);
  announce(disk);
}

/** Reads the table of a new disk; what was read for it is forgotten. Linux: disk_scan_partitions() */
async function scanFirst(disk: Gendisk): Promise<undefined> {
  blkdevGet(disk.part0);
  await scanPartitions(disk).catch(onlyKernelErrors);
  await blkdevPut(disk.part0);
}

/** Everything of a disk that can fail, in Linux's order. */
async function addParts(
  parent: Device | undefined,
  disk: Gendisk,
  groups: readonly AttributeGroup<never>[],
  undo: Undo[],
): Promise<undefined> {
  const { kernel, part0, major, firstMinor } = disk;
  const queue = new QueueFolder(disk.queue);
  part0.parentDevice = parent;
  part0.cls = BLOCK_CLASS;
  part0.type = DISK_TYPE;
  part0.groups = groups;
  part0.ueventSuppress = true;
  part0.devt = { major, minor: firstMinor, node: makeNode(part0, major, firstMinor) };
  await deviceAdd(part0);
  undo.push(() => deviceDel(part0));
  kernel.failable(`sysfs folders for ${disk.name}`);
  new IntegrityFolder().addTo(part0);
  kernel.get(SYSFS).block.addLink(disk.name, part0);
  undo.push(() => kernel.get(SYSFS).block.removeEntry(disk.name));
  for (const name of ["holders", "slaves"]) new Kobject(name).addTo(part0);
  kernel.failable(`a queue folder for ${disk.name}`);
  queue.addTo(part0);
  makeMqFolder(disk.queue).addTo(part0);
  await addBdi(disk, undo);
  debugfsAddDisk(disk);
  kernel.access?.("disks", "block", "append");
  kernel.found("name", "disk", disk.name);
  kernel.get(BLOCK_DEVICES).disks.add(disk);
  kernel.get(BLOCK_DEVICES).byNumber.set(`${major}:${firstMinor}`, part0);
}

function makeNode(bdev: BlockDevice, major: number, minor: number): BlockNode {
  return new BlockNode(bdev, major, minor, rescanPartitions);
}

/** Linux: bdi_register() */
async function addBdi(disk: Gendisk, undo: Undo[]): Promise<undefined> {
  const bdi = new BackingDev(
    disk.kernel,
    `${disk.major}:${disk.firstMinor}`,
    disk.queue.limits,
  );
  await deviceAdd(bdi);
  undo.push(() => deviceDestroy(bdi));
  disk.bdi = bdi;
  disk.part0.addLink("bdi", bdi);
}

function onlyKernelErrors(error: unknown): undefined {
  if (!(error instanceof KernelError)) throw error;
}

/** Sends the events that were held back. Linux: disk_uevent() */
function announce(disk: Gendisk): undefined {
  for (const bdev of [disk.part0, ...disk.parts.values()]) {
    bdev.ueventSuppress = false;
    if (bdev.nrSectors > 0 || !bdev.isPartition) deviceUevent(bdev, "add");
  }
}

/**
 * Takes a disk away. What is under way ends first; open files find an empty disk.
 *
 * Linux: del_gendisk()
 */
export async function delGendisk(disk: Gendisk): Promise<undefined> {
  const { kernel, part0, queue } = disk;
  const devices = kernel.get(BLOCK_DEVICES);
  if (!disk.live) return;
  disk.live = false;
  for (const part of [...disk.parts.values()]) await deletePartition(part);
  await flushBlockdev(part0);
  queue.startDrain();
  part0.nrSectors = 0;
  part0.removeEntry("bdi");
  debugfsRemoveDisk(disk);
  if (disk.bdi !== undefined) await deviceDestroy(disk.bdi);
  disk.bdi = undefined;
  part0.stats.clear();
  kernel.get(SYSFS).block.removeEntry(disk.name);
  kernel.access?.("disks", "block", "write");
  devices.disks.delete(disk);
  devices.byNumber.delete(`${disk.major}:${disk.firstMinor}`);
  await deviceDel(part0);
  await queue.waitIdle();
  disk.freePages();
}

/** Linux: add_partition() */
async function addPartition(
  disk: Gendisk,
  partno: number,
  { from, size, volumeName }: ParsedPartition,
): Promise<undefined> {
  const { kernel } = disk;
  kernel.failable(`memory for the partition ${disk.name}${partno}`);
  const part = new BlockDevice(disk, partno, `${partitionPrefix(disk.name)}${partno}`);
  part.startSector = from;
  part.nrSectors = size;
  part.volumeName = volumeName ?? "";
  part.parentDevice = disk.part0;
  part.cls = BLOCK_CLASS;
  part.type = PARTITION_TYPE;
  part.ueventSuppress = true;
  const beside = partno < disk.minors;
  const major = beside ? disk.major : BLOCK_EXT_MAJOR;
  const minor = beside ? disk.firstMinor + partno : blkAllocExtMinor(kernel);
  part.devt = { major, minor, node: makeNode(part, major, minor) };
  try {
    await deviceAdd(part);
  } catch (error) {
    freeMinor(part);
    throw error;
  }
  new Kobject("holders").addTo(part);
  disk.parts.set(partno, part);
  kernel.get(BLOCK_DEVICES).byNumber.set(`${major}:${minor}`, part);
  part.ueventSuppress = disk.part0.ueventSuppress;
  deviceUevent(part, "add");
}

function freeMinor(part: BlockDevice): undefined {
  if (part.devt?.major !== BLOCK_EXT_MAJOR) return;
  part.kernel.get(BLOCK_DEVICES).extMinors.free(part.devt.minor);
}

/** Linux: delete_partition() */
async function deletePartition(part: BlockDevice): Promise<undefined> {
  const { kernel, disk, devt } = part;
  await flushBlockdev(part);
  disk.parts.delete(part.partno);
  kernel.get(BLOCK_DEVICES).byNumber.delete(`${devt?.major}:${devt?.minor}`);
  await deviceDel(part);
  freeMinor(part);
  part.nrSectors = 0;
}

/** Reads the table and adds what is in it. Linux: blk_add_partitions() */
async function scanPartitions(disk: Gendisk): Promise<undefined> {
  const { kernel, name } = disk;
  let found: Awaited<ReturnType<typeof checkPartition>>;
  try {
    found = await checkPartition(disk);
  } catch (error) {
    if (!(error instanceof KernelError) || error.code !== "ENOSPC") throw error;
    kernel.warn(`${name}: partition table beyond EOD, truncated`);
    throw error;
  }
  if (found === undefined) return;
  if (found.beyondEnd) kernel.warn(`${name}: partition table partially beyond EOD, truncated`);
  deviceUevent(disk.part0, "change");
  for (const [partno, part] of found.parts) await addFound(disk, partno, part);
}

/** Adds a partition as far as it lies on the disk. Linux: blk_add_partition() */
async function addFound(
  disk: Gendisk,
  partno: number,
  part: ParsedPartition,
): Promise<undefined> {
  const { kernel, name, capacity } = disk;
  let { size } = part;
  if (size === 0) return;
  if (part.from >= capacity) {
    kernel.warn(`${name}: p${partno} start ${part.from} is beyond EOD, truncated`);
    return;
  }
  if (part.from + size > capacity) {
    kernel.warn(`${name}: p${partno} size ${size} extends beyond EOD, truncated`);
    size = capacity - part.from;
  }
  try {
    await addPartition(disk, partno, { ...part, size });
  } catch (error) {
    if (!(error instanceof KernelError)) throw error;
    kernel.err(` ${name}: p${partno} could not be added: -${error.code}`);
  }
}

/**
 * Forgets the partitions of a disk and reads its table again.
 *
 * Linux: BLKRRPART, disk_scan_partitions(), bdev_disk_changed()
 *
 * @throws {KernelError} `EINVAL` on a partition, `EBUSY` while a partition is open.
 */
export async function rescanPartitions(bdev: BlockDevice): Promise<undefined> {
  const { disk } = bdev;
  if (bdev.isPartition) throw new KernelError("EINVAL", `${bdev.name}: is a partition itself`);
  if (disk.openPartitions > 0) {
    throw new KernelError("EBUSY", `${disk.name}: a partition is open`);
  }
  await flushBlockdev(disk.part0);
  for (const part of [...disk.parts.values()]) await deletePartition(part);
  if (disk.capacity > 0) await scanPartitions(disk).catch(onlyKernelErrors);
}

/**
 * Sets the size of a disk; user space hears of a change of one that it can see.
 *
 * Linux: set_capacity_and_notify()
 *
 * @param sectors In units of 512 bytes.
 */
export function setCapacityAndNotify(disk: Gendisk, sectors: number): boolean {
  const before = disk.capacity;
  disk.part0.nrSectors = sectors;
  if (sectors === before || !disk.live) return false;
  disk.kernel.info(
    `${disk.name}: detected capacity change from ${before} to ${sectors}`,
  );
  if (before === 0 || sectors === 0) return false;
  deviceUevent(disk.part0, "change", ["RESIZE=1"]);
  return true;
}
