/**
 * The device tree as files: `/sys/firmware/devicetree/base`.
 *
 * Linux: drivers/of/kobj.c
 *
 * @module
 */
import { addDir, SYSFS } from "./base/device.ts";
import { UEVENTS } from "./base/uevent.ts";
import { ATTRIBUTE_SIZE, Kobject } from "./kobject.ts";
import type { Kernel } from "./kernel.ts";
import type { DeviceNode, Property } from "./of/node.ts";
import { ProcIrqDirectory, SysIrqDirectory } from "./proc/irq.ts";
import { type Directory, type Inode, type RegularFile, textFile } from "./vfs/node.ts";

const encoder = new TextEncoder();

/** A property: its bytes. Linux: of_node_property_read() */
function propertyFile(value: Uint8Array, name: string): RegularFile {
  const secret = name.startsWith("security-");
  return {
    kind: "file",
    mode: secret ? 0o400 : 0o444,
    size: secret ? 0 : value.length,
    read: async () => value,
  };
}

/** A node: a folder for each child, a file for each property. Linux: __of_attach_node_sysfs() */
class NodeDirectory implements Directory {
  readonly kind = "dir";
  readonly mode = 0o755;

  constructor(readonly node: DeviceNode) {}

  lookup(name: string): Inode | undefined {
    const child = this.node.children.find(({ fullName }) => fullName === name);
    if (child !== undefined) return new NodeDirectory(child);
    const property: Property | undefined = this.node.properties.get(name);
    if (property !== undefined) return propertyFile(property.value, name);
    if (name === "name") return propertyFile(encoder.encode(`${this.node.name}\0`), name);
    return undefined;
  }

  *names(): Iterable<string> {
    for (const { fullName } of this.node.children) yield fullName;
    yield* this.node.properties.keys();
    if (!this.node.properties.has("name")) yield "name";
  }
}

/** How many events were sent. Linux: uevent_seqnum_show() */
function ueventSeqnum(kernel: Kernel): RegularFile {
  const file = textFile(() => `${kernel.get(UEVENTS).seqnum}\n`);
  return { ...file, size: ATTRIBUTE_SIZE };
}

/**
 * Makes the folders of `/sys` that belong to no subsystem of this kernel, the device tree's files, and the
 * link to them in `/proc`.
 *
 * Linux: of_core_init(), irq_sysfs_init(), init_irq_proc(), ksysfs_init()
 */
export function sysfsFirmwareInit(kernel: Kernel): undefined {
  const roots = kernel.get(SYSFS);
  for (const name of ["fs", "hypervisor"]) new Kobject(name).addTo(kernel.sysfs);
  addDir(roots.class, "hwmon");
  roots.kernel.addEntry("irq", new SysIrqDirectory(kernel));
  roots.kernel.addEntry("uevent_seqnum", ueventSeqnum(kernel));
  kernel.procfs.add("irq", new ProcIrqDirectory(kernel));
  if (kernel.tree === undefined) return;
  const devicetree = addDir(roots.firmware, "devicetree");
  devicetree.addEntry("base", new NodeDirectory(kernel.tree.root));
  roots.firmware.addEntry("fdt", { ...propertyFile(kernel.platform.dtb, "fdt"), mode: 0o400 });
  kernel.procfs.add("device-tree", { kind: "link", target: "/sys/firmware/devicetree/base" });
}
