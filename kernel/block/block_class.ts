import type { AttributeGroup } from "../kobject.ts";
import type { Class, DeviceType } from "../base/device.ts";
import type { BlockDevice } from "./bdev.ts";
import { DISK_GROUP, PARTITION_GROUP, TRACE_GROUP } from "./disk_attrs.ts";

function groups(
  ...list: readonly AttributeGroup<BlockDevice>[]
): readonly AttributeGroup<never>[] {
  return list as readonly AttributeGroup<never>[];
}

/** Linux: block_class */
export const BLOCK_CLASS: Class = {
  name: "block",
  uevent: (dev) => [`DISKSEQ=${(dev as BlockDevice).disk.diskseq}`],
};

/** Linux: disk_type */
export const DISK_TYPE: DeviceType = { name: "disk", groups: groups(DISK_GROUP, TRACE_GROUP) };

/** Linux: part_type */
export const PARTITION_TYPE: DeviceType = {
  name: "partition",
  groups: groups(PARTITION_GROUP, TRACE_GROUP),
  uevent: (dev) => {
    const { partno, volumeName } = dev as BlockDevice;
    const keys = [`PARTN=${partno}`];
    if (volumeName !== "") keys.push(`PARTNAME=${volumeName}`);
    return keys;
  },
};
