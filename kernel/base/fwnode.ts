/**
 * Which nodes of the device tree need which, until there are devices that can say so themselves.
 *
 * Linux: include/linux/fwnode.h, the fwnode links of drivers/base/core.c
 *
 * @module
 */
import type { Kernel } from "../kernel.ts";
import { ofAvailableChildren } from "../of/base.ts";
import type { DeviceNode } from "../of/node.ts";
import { Slot } from "../slot.ts";
import type { Device } from "./device.ts";

const CORE = "drivers/base/core.c";

/** A node says that it needs another one. Linux: struct fwnode_link */
export interface FwnodeLink {
  readonly consumer: Fwnode;
  readonly supplier: Fwnode;
  /** It is part of a circle, so that it must not keep anybody from being probed. Linux: FWLINK_FLAG_CYCLE */
  cycle: boolean;
}

/** What the driver core knows of a node. Linux: struct fwnode_handle */
export class Fwnode {
  /** The device that the node has become. */
  dev: Device | undefined;
  /** Its properties have been looked through. Linux: FWNODE_FLAG_LINKS_ADDED */
  linksAdded = false;
  /** It will never be a device of its own. Linux: FWNODE_FLAG_NOT_DEVICE */
  notDevice = false;
  /** Some code serves it already, with a device or without. Linux: FWNODE_FLAG_INITIALIZED */
  initialized = false;
  /** A search for circles is there now. Linux: FWNODE_FLAG_VISITED */
  visited = false;
  /** Whom it needs, newest first. */
  readonly suppliers: FwnodeLink[] = [];
  /** Who needs it, newest first. */
  readonly consumers: FwnodeLink[] = [];

  constructor(readonly np: DeviceNode, readonly registry: Fwnodes) {}

  /** Name with unit address. Linux: %pfwP */
  get name(): string {
    return this.np.fullName;
  }

  /** It is the console's: better without a supplier than not at all. Linux: FWNODE_FLAG_BEST_EFFORT */
  get bestEffort(): boolean {
    const { profile, tree } = this.registry.kernel;
    return profile.bestEffortConsole && tree?.stdout.node === this.np;
  }

  /** Path from the root. Linux: %pfwf */
  get path(): string {
    return this.np.path;
  }

  get parent(): Fwnode | undefined {
    return this.np.parent === undefined ? undefined : this.registry.of(this.np.parent);
  }

  /** Children that are not switched off. Linux: fwnode_for_each_available_child_node() */
  get children(): Fwnode[] {
    return ofAvailableChildren(this.np).map((np) => this.registry.of(np));
  }

  /** The device of the next node above that is one. Linux: fwnode_get_next_parent_dev() */
  get parentDev(): Device | undefined {
    for (let node = this.parent; node !== undefined; node = node.parent) {
      this.registry.kernel.access?.("fwnode", node.path, "read");
      if (node.dev !== undefined) return node.dev;
    }
    return undefined;
  }

  /** Whether `node` is this node or below it. Linux: fwnode_is_ancestor_of() */
  isAncestorOf(node: Fwnode | undefined): boolean {
    for (let at = node; at !== undefined; at = at.parent) if (at === this) return true;
    return false;
  }
}

/** The nodes of one kernel, and the links between them. */
export class Fwnodes {
  readonly #nodes = new Map<DeviceNode, Fwnode>();

  constructor(readonly kernel: Kernel) {}

  of(np: DeviceNode): Fwnode {
    let node = this.#nodes.get(np);
    if (node === undefined) this.#nodes.set(np, node = new Fwnode(np, this));
    return node;
  }

  /** A second link between the same nodes is none. Linux: __fwnode_link_add() */
  link(consumer: Fwnode, supplier: Fwnode, cycle = false): undefined {
    const known = supplier.consumers.find((link) => link.consumer === consumer);
    if (known !== undefined) {
      known.cycle ||= cycle;
      return;
    }
    const link = { consumer, supplier, cycle };
    supplier.consumers.unshift(link);
    consumer.suppliers.unshift(link);
    this.#noteLink(link);
    const text = `${consumer.name} Linked as a fwnode consumer to ${supplier.name}`;
    this.kernel.dyndbg?.print(CORE, "__fwnode_link_add", text);
  }

  /** Linux: __fwnode_link_del() */
  unlink(link: FwnodeLink): undefined {
    const { consumer, supplier } = link;
    supplier.consumers.splice(supplier.consumers.indexOf(link), 1);
    consumer.suppliers.splice(consumer.suppliers.indexOf(link), 1);
    this.#noteLink(link);
    const text = `${consumer.name} Dropping the fwnode link to ${supplier.name}`;
    this.kernel.dyndbg?.print(CORE, "__fwnode_link_del", text);
  }

  #noteLink({ consumer, supplier }: FwnodeLink): undefined {
    this.kernel.access?.("fwnode", consumer.path, "write");
    this.kernel.access?.("fwnode consumers", supplier.path, "insert");
  }

  /** Linux: fwnode_links_purge_suppliers() */
  purgeSuppliers(node: Fwnode): undefined {
    for (const link of [...node.suppliers]) this.unlink(link);
  }

  /**
   * Nobody has made a device of this node: who needs it needs `supplier` from now on, which probably does its
   * work.
   *
   * Linux: __fw_devlink_pickup_dangling_consumers()
   */
  pickupDanglingConsumers(node: Fwnode, supplier: Fwnode): undefined {
    if (node.dev?.bus !== undefined) return;
    node.notDevice = true;
    this.kernel.access?.("fwnode", node.path, "write");
    this.kernel.access?.("fwnode consumers", node.path, "read");
    for (const link of [...node.consumers]) {
      this.link(link.consumer, supplier, link.cycle);
      this.unlink(link);
    }
    for (const child of node.children) this.pickupDanglingConsumers(child, supplier);
  }
}

/** The nodes of a kernel's device tree. */
export const FWNODES: Slot<Fwnodes> = new Slot("fwnodes", (kernel) => new Fwnodes(kernel));

/** Some code serves the node now: nobody needs to wait for a device. Linux: fwnode_dev_initialized() */
export function fwnodeDevInitialized(kernel: Kernel, np: DeviceNode): undefined {
  kernel.access?.("fwnode", np.path, "write");
  kernel.get(FWNODES).of(np).initialized = true;
}

/** Makes a device stand for a node. Linux: device_set_node() */
export function deviceSetNode(dev: Device, np: DeviceNode): undefined {
  dev.ofNode = np;
  dev.fwnode = dev.kernel.get(FWNODES).of(np);
}
