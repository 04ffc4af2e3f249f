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

/** Marks the clocks as populated, so that they become no devices; gives their nodes. Linux: of_clk_init() */
export function ofClkInit(tree: DeviceTree): DeviceNode[] {
  const clocks: DeviceNode[] = [];
  for (const np of tree.nodes()) {
    if (!np.properties.has("compatible") || !ofDeviceIsAvailable(np)) continue;
    if (ofMatchNode(OF_CLOCKS, np) === undefined) continue;
    np.testAndSetFlag(OF_POPULATED);
    clocks.push(np);
  }
  return clocks;
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
  return `${(31 - Math.clz32(bits & -bits) >>> 0).toString(16)}.`;
}

/** What a node is found to be: the bus of its device, or why it becomes none. */
export type PopulateVerdict =
  | "platform"
  | "amba"
  /** It has no property `compatible`. */
  | "no-compatible"
  /** Its `compatible` is one that Linux skips. */
  | "skipped"
  /** Its children have been made devices before. */
  | "populated-bus"
  /** Its `status` is neither absent nor okay. */
  | "unavailable"
  /** It is a device already, or was set up without being one. */
  | "populated";

/** A node that was looked at. */
export interface PopulateVisit {
  /** The node. */
  readonly np: DeviceNode;
  /** What was found. */
  readonly verdict: PopulateVerdict;
}

/** A device to be made of a node. */
export class PopulateStep {
  #name: string | undefined = undefined;

  /** @internal */
  constructor(
    /** The node. */
    readonly np: DeviceNode,
    /** The bus that the device belongs to. */
    readonly bus: "platform" | "amba",
    /** The node whose device is the parent; `undefined` for the device above all. */
    readonly parent: DeviceNode | undefined,
    /** Which buses to descend into, this node among them perhaps. */
    readonly matches: readonly OfDeviceId[],
  ) {}

  /** The device's name. */
  get name(): string {
    return this.#name ??= ofDeviceMakeBusId(this.np);
  }
}

/** What of_platform_device_create_pdata() and of_amba_device_create() ask of a node. */
function deviceVerdict(np: DeviceNode, bus: "platform" | "amba"): PopulateVerdict {
  if (!ofDeviceIsAvailable(np)) return "unavailable";
  return np.checkFlag(OF_POPULATED) ? "populated" : bus;
}

/** What of_platform_bus_create() makes of a node. */
function busVerdict(np: DeviceNode): PopulateVerdict {
  if (!np.properties.has("compatible")) return "no-compatible";
  if (ofMatchNode(SKIPPED_NODES, np) !== undefined) return "skipped";
  if (np.checkFlag(OF_POPULATED_BUS)) return "populated-bus";
  return deviceVerdict(np, ofDeviceIsCompatible(np, "arm,primecell") > 0 ? "amba" : "platform");
}

/**
 * A walk that makes devices of nodes: says which is to be made next, hears whether it could be made, and
 * sets the flags that the kernel sets. The steps wait in Linux's order; what stands below a device
 * comes right behind it, once it is made.
 */
export class PopulateWalk {
  /** The devices that can be made now. */
  readonly waiting: PopulateStep[] = [];
  /** The nodes that were looked at, in order. */
  readonly visits: PopulateVisit[] = [];

  /** Makes a device of the node itself. Linux: of_platform_device_create() */
  device(np: DeviceNode): undefined {
    const verdict = deviceVerdict(np, "platform");
    this.visits.push({ np, verdict });
    if (verdict === "platform") {
      this.waiting.push(new PopulateStep(np, verdict, undefined, []));
    }
  }

  /**
   * Makes devices of the children of `np`, and of what stands below those that `matches` names; above
   * them is the device of `parent`. Linux: of_platform_populate()
   */
  children(
    np: DeviceNode,
    parent: DeviceNode | undefined,
    matches: readonly OfDeviceId[] = OF_DEFAULT_BUS_MATCH_TABLE,
  ): undefined {
    this.waiting.push(...this.#below(np, parent, matches));
  }

  /** Takes a step that waits; its device must be made now. `undefined` if somebody was faster. */
  take(at = 0): PopulateStep | undefined {
    const [step] = this.waiting.splice(at, 1);
    return step.np.testAndSetFlag(OF_POPULATED) ? undefined : step;
  }

  /** Goes on below a device that was made, at the place where its step was taken from. */
  made({ np, bus, matches }: PopulateStep, at = 0): undefined {
    if (bus !== "platform" || ofMatchNode(matches, np) === undefined) return;
    this.waiting.splice(at, 0, ...this.#below(np, np, matches));
  }

  /** Leaves out a device that could not be made, and what stands below it. */
  failed({ np }: PopulateStep): undefined {
    np.clearFlag(OF_POPULATED);
  }

  #below(
    np: DeviceNode,
    parent: DeviceNode | undefined,
    matches: readonly OfDeviceId[],
  ): PopulateStep[] {
    const steps: PopulateStep[] = [];
    for (const child of np.children) {
      const verdict = busVerdict(child);
      this.visits.push({ np: child, verdict });
      if (verdict !== "platform" && verdict !== "amba") continue;
      steps.push(new PopulateStep(child, verdict, parent, matches));
    }
    np.testAndSetFlag(OF_POPULATED_BUS);
    return steps;
  }
}

/**
 * The walk by which the kernel makes devices of a whole tree at arch_initcall_sync: certain reserved
 * memory, the children of `/firmware`, a simple framebuffer below `/chosen`, then everything below
 * the root. Nodes that the interrupt and clock setup has marked before become no devices.
 * Linux: of_platform_default_populate_init()
 */
export function ofPlatformDefaultPopulate(tree: DeviceTree): PopulateWalk {
  const walk = new PopulateWalk();
  for (const np of tree.nodes()) {
    if (np.properties.has("compatible") && ofMatchNode(RESERVED_MEM_MATCHES, np)) walk.device(np);
  }
  const firmware = tree.find("/firmware").node;
  if (firmware !== undefined) walk.children(firmware, undefined);
  const framebuffer = tree.chosen && ofGetCompatibleChild(tree.chosen, "simple-framebuffer");
  if (framebuffer !== undefined) walk.device(framebuffer);
  walk.children(tree.root, undefined);
  return walk;
}

/**
 * The devices that {@linkcode ofPlatformDefaultPopulate} makes of a tree if each can be made, in order.
 * Marks the nodes as populated, so that a second call finds nothing new.
 */
export function ofPlatformPopulateOrder(tree: DeviceTree): PopulateStep[] {
  const walk = ofPlatformDefaultPopulate(tree);
  const steps: PopulateStep[] = [];
  while (walk.waiting.length > 0) {
    const step = walk.take();
    if (step === undefined) continue;
    steps.push(step);
    walk.made(step);
  }
  return steps;
}
