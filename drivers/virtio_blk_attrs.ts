/**
 * The driver's files in a disk's folder: serial number and cache mode.
 *
 * Linux: drivers/block/virtio_blk.c, virtblk_attrs[]
 *
 * @module
 */
import {
  VIRTIO_BLK_CONFIG_WCE,
  VIRTIO_BLK_F_CONFIG_WCE,
  VIRTIO_BLK_ID_BYTES,
  VIRTIO_BLK_T_GET_ID,
} from "../uapi/virtio_blk.ts";
import type { BlockDevice } from "../kernel/block/bdev.ts";
import { BLK_STS_IOERR, BLK_STS_OK, blkStatusText } from "../kernel/block/status.ts";
import { KernelError } from "../kernel/errors.ts";
import type { Attribute, AttributeGroup } from "../kernel/kobject.ts";
import { virtioCwrite8, virtioHasFeature } from "./virtio/virtio_config.ts";
import { vdevOf } from "./virtio_blk_device.ts";
import { virtblkGetCacheMode, virtblkUpdateCacheMode } from "./virtio_blk_limits.ts";

const CACHE_TYPES = ["write through", "write back"] as const;

const SERIAL: Attribute<BlockDevice> = { name: "serial", mode: 0o444, show: serialShow };

const CACHE_TYPE: Attribute<BlockDevice> = {
  name: "cache_type",
  mode: 0o644,
  show: (bdev) => `${CACHE_TYPES[virtblkGetCacheMode(vdevOf(bdev)) === 0 ? 0 : 1]}\n`,
  store: (bdev, value) => {
    const mode = CACHE_TYPES.findIndex((type) => type === value.replace(/\n$/, ""));
    if (mode < 0) throw new KernelError("EINVAL", `${bdev.name}: no cache type '${value.trim()}'`);
    virtioCwrite8(vdevOf(bdev), VIRTIO_BLK_CONFIG_WCE, mode);
    virtblkUpdateCacheMode(vdevOf(bdev), bdev.disk);
  },
};

/** Linux: virtblk_attr_group */
export const VIRTBLK_GROUP: AttributeGroup<BlockDevice> = {
  attrs: [SERIAL, CACHE_TYPE],
  isVisible: (bdev, attribute) => {
    if (attribute !== CACHE_TYPE) return attribute.mode;
    return virtioHasFeature(vdevOf(bdev), VIRTIO_BLK_F_CONFIG_WCE) ? attribute.mode : 0o444;
  },
};

/** The serial number, without a newline; nothing when the device has none. Linux: serial_show() */
async function serialShow(bdev: BlockDevice): Promise<string> {
  const { mem } = bdev.kernel;
  const memory = mem.alloc(VIRTIO_BLK_ID_BYTES, bdev.name);
  try {
    const status = await bdev.execute(VIRTIO_BLK_T_GET_ID, memory, VIRTIO_BLK_ID_BYTES);
    if (status === BLK_STS_IOERR) return "";
    if (status !== BLK_STS_OK) {
      throw new KernelError(blkStatusText(status).errno, `${bdev.name}: does not tell its serial`);
    }
    const bytes = mem.bytes.subarray(memory.offset, memory.offset + VIRTIO_BLK_ID_BYTES);
    const end = bytes.indexOf(0);
    return String.fromCharCode(...(end < 0 ? bytes : bytes.subarray(0, end)));
  } finally {
    mem.free(memory);
  }
}
