/**
 * Devices that share major 10: each has a minor of its own and a name in `/proc/misc`.
 *
 * Linux: drivers/char/misc.c
 *
 * @module
 */
import { deviceAdd, deviceDestroy } from "../base/core.ts";
import { type Class, classRegister, Device } from "../base/device.ts";
import { KernelBug, KernelError } from "../errors.ts";
import type { Initcall } from "../initcall.ts";
import type { Kernel } from "../kernel.ts";
import type { AttributeGroup } from "../kobject.ts";
import type { Module } from "../module.ts";
import { procCreate } from "../procfs.ts";
import { Slot } from "../slot.ts";
import type { OpenFile, OpenFlags, SpecialFile } from "../vfs/node.ts";

const MISC_MAJOR = 10;
/** Dynamic minors go down from here … */
const DYNAMIC_FIRST = 127;
/** … to here. */
const DYNAMIC_LAST = 64;

/** A device of this kind. Linux: struct miscdevice */
export interface MiscDevice {
  /** Its name in `/proc/misc` and in sysfs. */
  readonly name: string;
  /** Its minor; a dynamic one by default. Linux: MISC_DYNAMIC_MINOR */
  readonly minor?: number;
  /** Path of its node below `/dev`. Default: its name. */
  readonly nodename?: string;
  /**
   * Files in its folder.
   *
   * @internal
   */
  readonly groups?: readonly AttributeGroup<never>[];
  /** The module that cannot be unloaded while the node is open. Default: none. Linux: file_operations.owner */
  readonly owner?: Module;
  /**
   * Opens the node. Default: fails, because what it does is not modelled.
   *
   * @throws {KernelError} With the errno that `open()` gives.
   */
  open?(kernel: Kernel, flags: OpenFlags): Promise<OpenFile>;
}

/** A device in the list. */
interface Registered {
  readonly misc: MiscDevice;
  readonly dev: Device;
  readonly minor: number;
}

/** What is registered, newest first. Linux: misc_list */
const MISC_LIST: Slot<Registered[]> = new Slot("misc", () => []);

class MiscFile extends Device {
  constructor(kernel: Kernel, readonly misc: MiscDevice) {
    super(kernel, misc.name);
  }
}

/** Linux: misc_class */
const MISC_CLASS: Class = {
  name: "misc",
  devnode: (dev) => (dev as MiscFile).misc.nodename ?? dev.name,
};

function dynamicMinor(list: readonly Registered[], name: string): number {
  for (let minor = DYNAMIC_FIRST; minor >= DYNAMIC_LAST; minor--) {
    if (!list.some((other) => other.minor === minor)) return minor;
  }
  throw new KernelError("EBUSY", `${name}: no minor of major ${MISC_MAJOR} is left`);
}

function openUnmodelled({ name }: MiscDevice): Promise<OpenFile> {
  return Promise.reject(new KernelError("ENODEV", `${name}: what it does is not modelled`));
}

/** An open node that pins a module. */
class OwnedFile implements OpenFile {
  constructor(readonly file: OpenFile, readonly owner: Module) {}

  read(count: number, position: number): Promise<Uint8Array> {
    return this.file.read(count, position);
  }

  write(data: Uint8Array, position: number): Promise<number> {
    return this.file.write(data, position);
  }

  get fsync(): OpenFile["fsync"] {
    return this.file.fsync?.bind(this.file);
  }

  get ioctl(): OpenFile["ioctl"] {
    return this.file.ioctl?.bind(this.file);
  }

  async close(): Promise<undefined> {
    await this.file.close();
    this.owner.refs--;
  }
}

/** Opens a node and pins the module that it belongs to. Linux: misc_open(), fops_get() */
async function openOwned(open: () => Promise<OpenFile>, owner: Module): Promise<OpenFile> {
  owner.refs++;
  try {
    return new OwnedFile(await open(), owner);
  } catch (error) {
    owner.refs--;
    throw error;
  }
}

/**
 * Makes a device known: its folder, its node and its line in `/proc/misc`.
 *
 * Linux: misc_register()
 *
 * @throws {KernelError} `EBUSY` when its minor is taken or none is left, or what `device_add()` gives.
 */
export async function miscRegister(kernel: Kernel, misc: MiscDevice): Promise<undefined> {
  const list = kernel.get(MISC_LIST);
  const minor = misc.minor ?? dynamicMinor(list, misc.name);
  if (list.some((other) => other.minor === minor)) {
    throw new KernelError("EBUSY", `${misc.name}: minor ${minor} is taken`);
  }
  const dev = new MiscFile(kernel, misc);
  const { owner } = misc;
  const open = (flags: OpenFlags) => misc.open?.(kernel, flags) ?? openUnmodelled(misc);
  const node: SpecialFile = {
    kind: "char",
    mode: 0o600,
    major: MISC_MAJOR,
    minor,
    open: (flags) => owner === undefined ? open(flags) : openOwned(() => open(flags), owner),
  };
  dev.cls = MISC_CLASS;
  dev.devt = { major: MISC_MAJOR, minor, node };
  dev.groups = misc.groups ?? [];
  await deviceAdd(dev);
  list.unshift({ misc, dev, minor });
}

/**
 * Takes a device away: its folder, its node and its line. Who has it open keeps it open.
 *
 * Linux: misc_deregister()
 */
export async function miscDeregister(kernel: Kernel, misc: MiscDevice): Promise<undefined> {
  const list = kernel.get(MISC_LIST);
  const at = list.findIndex((registered) => registered.misc === misc);
  if (at < 0) throw new KernelBug(`${misc.name}: is not registered`);
  const [{ dev }] = list.splice(at, 1);
  await deviceDestroy(dev);
}

/** Linux: misc_seq_show() */
function showMisc(kernel: Kernel): string {
  return kernel.get(MISC_LIST)
    .map(({ misc, minor }) => `${String(minor).padStart(3)} ${misc.name}\n`).join("");
}

/** Linux: misc_init() */
async function miscInit(kernel: Kernel): Promise<number> {
  procCreate(kernel, "misc", () => showMisc(kernel));
  classRegister(kernel, MISC_CLASS);
  return 0;
}

/** An initcall that only makes a device of the reference kernel visible. */
function unmodelled(name: string, level: Initcall["level"], misc: MiscDevice): Initcall {
  return {
    name,
    level,
    fn: async (kernel) => {
      await miscRegister(kernel, misc);
      return 0;
    },
  };
}

/** The class, and devices of it that belong to no subject of this program. */
export const MISC_INITCALLS: readonly Initcall[] = [
  { name: "misc_init", level: "subsys", fn: miscInit },
  unmodelled("vga_arb_device_init", "subsys_sync", { name: "vga_arbiter" }),
  unmodelled("snapshot_device_init", "device", { name: "snapshot", minor: 231 }),
  unmodelled("userfaultfd_init", "device", { name: "userfaultfd" }),
  unmodelled("cpu_latency_qos_init", "late", { name: "cpu_dma_latency" }),
];
