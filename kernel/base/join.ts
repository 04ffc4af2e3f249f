/**
 * How a device joins the tree of devices and how it leaves: folder, links, number, node, lists.
 *
 * Linux: drivers/base/core.c
 *
 * @module
 */
import { KernelError } from "../errors.ts";
import type { Kernel } from "../kernel.ts";
import { Kobject } from "../kobject.ts";
import type { DeviceNode } from "../of/node.ts";
import type { Symlink } from "../vfs/node.ts";
import { addDir, CLASSES, type Device, DEVICES, deviceUevent, SYSFS } from "./device.ts";
import { noteDevice } from "./match.ts";

const CORE = "drivers/base/core.c";
const BUS = "drivers/base/bus.c";

/** The folder between a parent and a device of a class: `virtio0/block/vda`. Linux: get_device_parent() */
function kobjectParent(dev: Device): Kobject {
  const { parentDevice: parent, cls } = dev;
  if (cls === undefined) return parent ?? dev.kernel.get(SYSFS).devices;
  if (parent?.cls !== undefined && !cls.namespaced) return parent;
  const above = parent ?? dev.kernel.get(SYSFS).virtual;
  const glue = above.entry(cls.name);
  return glue instanceof Kobject ? glue : addDir(above, cls.name);
}

/** Removes the folder that {@linkcode kobjectParent} made, once it is empty. Linux: cleanup_glue_dir() */
function cleanupGlueDir(dev: Device, parent: Kobject | undefined): undefined {
  if (dev.cls === undefined || parent === undefined || parent === dev.parentDevice) return;
  if (parent.parent === undefined) return;
  for (const _child of parent.children()) return;
  parent.remove();
}

/** The name in the class may be taken; nothing is left behind then. Linux: device_add_class_symlinks() */
function addClassLinks(dev: Device): undefined {
  const { cls, kernel } = dev;
  if (cls === undefined) return;
  const folder = kernel.get(CLASSES).get(cls.name);
  if (folder === undefined) {
    throw new KernelError("EINVAL", `${dev.name}: class ${cls.name} is not registered`);
  }
  folder.addLink(dev.name, dev);
  dev.addLink("subsystem", folder);
  if (dev.parentDevice !== undefined && dev.type?.name !== "partition") {
    dev.addLink("device", dev.parentDevice);
  }
}

function removeClassLinks(dev: Device): undefined {
  if (dev.cls === undefined) return;
  dev.removeEntry("device");
  dev.removeEntry("subsystem");
  dev.kernel.get(CLASSES).get(dev.cls.name)?.removeEntry(dev.name);
}

function devtFolder({ kernel, devt }: Device): Kobject {
  const roots = kernel.get(SYSFS);
  return devt?.node.kind === "block" ? roots.devBlock : roots.devChar;
}

/** The number may be taken; nothing is left behind then. Linux: device_create_sys_dev_entry(), devtmpfs_create_node() */
function addDevt(dev: Device): undefined {
  const { devt, kernel } = dev;
  if (devt === undefined) return;
  devtFolder(dev).addLink(`${devt.major}:${devt.minor}`, dev);
  noteDevNode(dev);
  const folders = dev.devnode.split("/");
  const name = folders.pop() as string;
  folders.reduce((dir, folder) => dir.dir(folder), kernel.devtmpfs).add(name, devt.node);
}

/** Says for the ordering lab that a node comes or goes, and with it perhaps folders. */
function noteDevNode({ devnode, kernel: { access } }: Device): undefined {
  if (access === undefined) return;
  let path = "/dev";
  for (const name of devnode.split("/")) {
    access("folder", path, "insert");
    path += `/${name}`;
    access("file", path, "insert");
  }
}

function removeDevt(dev: Device): undefined {
  const { devt, kernel } = dev;
  if (devt === undefined) return;
  noteDevNode(dev);
  removeDevNode(kernel.devtmpfs, dev.devnode.split("/"));
  devtFolder(dev).removeEntry(`${devt.major}:${devt.minor}`);
}

/** The link to a device's node; its text is made when somebody reads it. */
class OfNodeLink implements Symlink {
  readonly kind = "link";

  constructor(readonly dev: Device, readonly node: DeviceNode) {}

  get target(): string {
    const depth = this.dev.path.split("/").length - 1;
    return `${"../".repeat(depth)}firmware/devicetree/base${this.node.pOF}`;
  }
}

function addOfNode(dev: Device): undefined {
  dev.kernel.failable(`sysfs links for ${dev.name}`);
  if (dev.ofNode !== undefined) dev.addEntry("of_node", new OfNodeLink(dev, dev.ofNode));
}

/**
 * Puts a device into its bus's list.
 *
 * Linux: bus_add_device()
 *
 * @throws {KernelError} `EEXIST` when the bus has a device of this name; nothing is left behind then.
 */
function busAddDevice(dev: Device): undefined {
  const { bus } = dev;
  if (bus === undefined) return;
  bus.devicesDir.addLink(dev.name, dev);
  dev.addLink("subsystem", bus);
  const text = `bus: '${bus.name}': add device ${dev.name}`;
  dev.kernel.dyndbg?.print(BUS, "bus_add_device", text);
  noteDevice("bus devices", dev, "append");
  bus.devices.add(dev);
}

/** Undoes {@linkcode busAddDevice}. Linux: bus_remove_device() */
function busDropDevice(dev: Device): undefined {
  const { bus } = dev;
  if (bus === undefined) return;
  dev.removeEntry("subsystem");
  bus.devicesDir.removeEntry(dev.name);
  noteDevice("bus devices", dev, "write");
  bus.devices.delete(dev);
  const text = `bus: '${bus.name}': remove device ${dev.name}`;
  dev.kernel.dyndbg?.print(BUS, "bus_remove_device", text);
}

/** What makes a device known, each with its opposite. */
const STEPS: readonly {
  readonly add: (dev: Device) => undefined;
  readonly undo: (dev: Device) => undefined;
}[] = [
  { add: addOfNode, undo: (dev) => dev.removeEntry("of_node") },
  { add: addClassLinks, undo: removeClassLinks },
  { add: busAddDevice, undo: busDropDevice },
  { add: addDevt, undo: removeDevt },
];

/** Removes a node and the folders that it leaves empty. Linux: devtmpfs_delete_node() */
function removeDevNode(dir: Kernel["devtmpfs"], path: readonly string[]): undefined {
  if (path.length === 1) return dir.remove(path[0]);
  const below = dir.dir(path[0]);
  removeDevNode(below, path.slice(1));
  if (below.entries.size === 0) dir.remove(path[0]);
}

/** A function's debug message about a device. Linux: pr_debug() in drivers/base/core.c */
export function debugDevice(dev: Device, func: string): undefined {
  dev.kernel.dyndbg?.print(CORE, func, `device: '${dev.name}': ${func}`);
}

/**
 * Gives a device its folder, links, number and place in the lists.
 *
 * Linux: device_add() up to the event
 *
 * @throws {KernelError} `EEXIST` when the name is taken, `ENOMEM`; nothing is left behind then.
 */
export function deviceJoin(dev: Device): undefined {
  const { kernel } = dev;
  if (dev.name === "") throw new KernelError("EINVAL", "a device without a name cannot be added");
  debugDevice(dev, "device_add");
  kernel.failable(`a sysfs folder for ${dev.name}`);
  const parent = kobjectParent(dev);
  let done = 0;
  try {
    dev.addTo(parent);
    for (; done < STEPS.length; done++) STEPS[done].add(dev);
  } catch (error) {
    while (done > 0) STEPS[--done].undo(dev);
    dev.remove();
    cleanupGlueDir(dev, parent);
    throw error;
  }
  kernel.access?.("device order", "", "append");
  kernel.get(DEVICES).add(dev);
  dev.registered = true;
  deviceUevent(dev, "add");
}

/** A device's node, number and names go; nobody finds it any more. Linux: device_del() up to bus_remove_device() */
export function deviceHide(dev: Device): undefined {
  dev.dead = true;
  dev.parentDevice?.childDevices?.delete(dev);
  removeDevt(dev);
  removeClassLinks(dev);
  busDropDevice(dev);
}

/** A device that is hidden, and that no driver holds, leaves the tree. Linux: device_del() from kobject_uevent() on */
export function deviceLeave(dev: Device): undefined {
  const { kernel, parent } = dev;
  deviceUevent(dev, "remove");
  dev.removeEntry("of_node");
  dev.remove();
  cleanupGlueDir(dev, parent);
  kernel.get(DEVICES).delete(dev);
  dev.registered = false;
}
