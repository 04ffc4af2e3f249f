import { OF_BAD_ADDR, ofTranslateAddress } from "./address.ts";
import { type OfDeviceId, ofDeviceIsAvailable, ofDeviceIsCompatible, ofMatchNode } from "./base.ts";
import { ofGetCompatibleChild } from "./base.ts";
import { readBe32 } from "./bytes.ts";
import { type DeviceNode, OF_POPULATED, OF_POPULATED_BUS } from "./node.ts";
import type { DeviceTree } from "./tree.ts";

/** Buses whose children become devices of their own. Linux: of_default_bus_match_table */
export const OF_DEFAULT_BUS_MATCH_TABLE: readonly OfDeviceId[] = [
  { compatible: "simple-bus" },
  { compatible: "simple-mfd" },
  { compatible: "isa" },
  { compatible: "arm,amba-bus" },
];

const SKIPPED_NODES: readonly OfDeviceId[] = [{ compatible: "operating-points-v2" }];

/** Reserved memory that drivers bind to. Linux: reserved_mem_matches */
const RESERVED_MEM_MATCHES: readonly OfDeviceId[] = [
  { compatible: "phram" },
  { compatible: "qcom,rmtfs-mem" },
  { compatible: "qcom,cmd-db" },
  { compatible: "qcom,smem" },
  { compatible: "ramoops" },
  { compatible: "nvmem-rmem" },
  { compatible: "google,open-dice" },
];

/** Interrupt controllers of arm64 that the kernel sets up before there are devices. Linux: IRQCHIP_DECLARE() */
export const OF_IRQCHIPS: readonly OfDeviceId[] = [
  { compatible: "arm,gic-400" },
  { compatible: "arm,arm11mp-gic" },
  { compatible: "arm,cortex-a15-gic" },
  { compatible: "arm,cortex-a9-gic" },
  { compatible: "arm,cortex-a7-gic" },
  { compatible: "arm,pl390" },
  { compatible: "arm,gic-v3" },
];

/** Clocks that the kernel sets up before there are devices. Linux: CLK_OF_DECLARE() */
export const OF_CLOCKS: readonly OfDeviceId[] = [
  { compatible: "fixed-clock" },
  { compatible: "fixed-factor-clock" },
];

/** Marks the clocks as populated, so that they become no devices. Linux: of_clk_init() */
export function ofClkInit(tree: DeviceTree): void {
  for (const np of tree.nodes()) {
    if (np.properties.has("compatible") && ofMatchNode(OF_CLOCKS, np) && ofDeviceIsAvailable(np)) {
      np.testAndSetFlag(OF_POPULATED);
    }
  }
}

/**
 * The name of a node's device: the CPU's address of `reg` and the base name, `a000000.virtio_mmio`;
 * names of nodes without such an address are put in front of what stands below the first
 * node that has one. Linux: of_device_make_bus_id()
 */
export function ofDeviceMakeBusId(np: DeviceNode): string {
  let below = "";
  for (let node = np; node.parent !== undefined; node = node.parent) {
    const reg = node.get("reg");
    const address = reg === undefined ? OF_BAD_ADDR : ofTranslateAddress(node, reg);
    if (address !== OF_BAD_ADDR) {
      return `${address.toString(16)}.${lowestBit(node.get("mask"))}${node.name}${below}`;
    }
    below = `:${node.fullName}${below}`;
  }
  return below.slice(1);
}

/** `4.` for the mask 0x10: tells devices at one address apart. */
function lowestBit(mask: Uint8Array | undefined): string {
  if (mask === undefined || mask.length < 4) return "";
  const bits = readBe32(mask, 0);
  return `${(31 - Math.clz32(bits & -bits)).toString(16)}.`;
}

/** A device to be made of a node. */
export interface PopulateStep {
  /** The node. */
  np: DeviceNode;
  /** The bus that the device belongs to. */
  bus: "platform" | "amba";
  /** The device's name. */
  name: string;
  /** The node whose device is the parent; `undefined` for the `platform` device. */
  parent: DeviceNode | undefined;
}

/** One sweep: collects steps and sets the flags that the kernel would set. */
class Populate {
  readonly steps: PopulateStep[] = [];

  /** Linux: of_platform_device_create_pdata(), of_amba_device_create() */
  create(np: DeviceNode, bus: "platform" | "amba", parent: DeviceNode | undefined): boolean {
    if (!ofDeviceIsAvailable(np) || np.testAndSetFlag(OF_POPULATED)) return false;
    this.steps.push({ np, bus, name: ofDeviceMakeBusId(np), parent });
    return true;
  }

  /** Linux: of_platform_bus_create() */
  createBus(
    np: DeviceNode,
    matches: readonly OfDeviceId[],
    parent: DeviceNode | undefined,
  ): void {
    if (!np.properties.has("compatible") || ofMatchNode(SKIPPED_NODES, np) !== undefined) return;
    if (np.checkFlag(OF_POPULATED_BUS)) return;
    if (ofDeviceIsCompatible(np, "arm,primecell") > 0) {
      this.create(np, "amba", parent);
      return;
    }
    if (!this.create(np, "platform", parent) || ofMatchNode(matches, np) === undefined) return;
    for (const child of np.children) this.createBus(child, matches, np);
    np.testAndSetFlag(OF_POPULATED_BUS);
  }
}

/**
 * The devices that the children of `np` become, in order. Marks the nodes as populated, so that a
 * second call finds nothing new. `matches` names the buses to descend into.
 * Linux: of_platform_populate()
 */
export function ofPlatformPopulateNodes(
  np: DeviceNode,
  matches: readonly OfDeviceId[],
  parent?: DeviceNode,
): PopulateStep[] {
  const populate = new Populate();
  for (const child of np.children) populate.createBus(child, matches, parent);
  np.testAndSetFlag(OF_POPULATED_BUS);
  return populate.steps;
}

/**
 * The devices that the kernel makes of a whole tree at arch_initcall_sync, in order: certain reserved
 * memory, the children of `/firmware`, a simple framebuffer below `/chosen`, then everything below
 * the root. Marks the nodes as populated. Nodes that the interrupt and clock setup has marked before
 * become no devices. Linux: of_platform_default_populate_init()
 */
export function ofPlatformPopulateOrder(tree: DeviceTree): PopulateStep[] {
  const populate = new Populate();
  for (const np of tree.nodes()) {
    if (np.properties.has("compatible") && ofMatchNode(RESERVED_MEM_MATCHES, np) !== undefined) {
      populate.create(np, "platform", undefined);
    }
  }
  const firmware = tree.find("/firmware").node;
  if (firmware !== undefined) {
    populate.steps.push(...ofPlatformPopulateNodes(firmware, OF_DEFAULT_BUS_MATCH_TABLE));
  }
  const framebuffer = tree.chosen && ofGetCompatibleChild(tree.chosen, "simple-framebuffer");
  if (framebuffer !== undefined) populate.create(framebuffer, "platform", undefined);
  populate.steps.push(...ofPlatformPopulateNodes(tree.root, OF_DEFAULT_BUS_MATCH_TABLE));
  return populate.steps;
}
