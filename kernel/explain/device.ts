/**
 * Why a node of the device tree is, or is not, a device of the kernel's.
 *
 * @module
 */
import { platformMatch } from "../base/platform.ts";
import { ofGetAddress } from "../of/address.ts";
import { type OfDeviceId, ofDeviceScore, ofMatchNode } from "../of/base.ts";
import { firstString } from "../of/bytes.ts";
import { nearest } from "../of/dts/suggest.ts";
import { ofIrqInit } from "../of/irq.ts";
import { type DeviceNode, OF_POPULATED, OF_POPULATED_BUS } from "../of/node.ts";
import {
  OF_DEFAULT_BUS_MATCH_TABLE,
  OF_IRQCHIPS,
  ofClkInit,
  ofDeviceMakeBusId,
  ofPlatformDefaultPopulate,
  type PopulateStep,
  type PopulateVerdict,
} from "../of/platform.ts";
import type { DeviceTree } from "../of/tree.ts";
import { type AddressExplanation, explainAddress } from "./address.ts";
import { countInterrupts, explainInterrupt, type InterruptExplanation } from "./interrupt.ts";

/** A driver, as far as it matters whom it fits. Linux: struct platform_driver */
export interface DriverTable {
  /** Its name. */
  readonly name: string;
  /** Nodes that it fits. */
  readonly ofMatchTable?: readonly OfDeviceId[];
  /** Names of devices that it fits without a device tree. */
  readonly idTable?: readonly string[];
}

/** What Linux decided about a node on the way from the root. */
export interface DeviceStep {
  /** The node. */
  readonly path: string;
  /** What was found; `not-a-bus` is a device whose children Linux does not look at. */
  readonly verdict: PopulateVerdict | "not-a-bus" | "not-visited";
  /** The decision as a sentence without its subject. */
  readonly text: string;
  /** What to do about it. */
  readonly help?: string | undefined;
}

/** A driver that fits. */
export interface DriverMatch {
  /** The driver's name. */
  readonly driver: string;
  /** By what it fits. */
  readonly by: "override" | "of" | "id" | "name";
  /** The string of its table that fits, and Linux's score for it. */
  readonly compatible?: string | undefined;
  /** See {@linkcode compatible}. */
  readonly score?: number | undefined;
}

/** A driver that almost fits. */
export interface NearMiss {
  /** The driver's name. */
  readonly driver: string;
  /** What the driver looks for. */
  readonly wanted: string;
  /** What the node has. */
  readonly has: string;
  /** How they differ. */
  readonly how: "misspelt" | "vendor prefix missing" | "other vendor prefix";
}

/** Everything about a node as a device. */
export interface DeviceExplanation {
  /** Path of the node. */
  readonly path: string;
  /** The device, if it becomes one. */
  readonly device:
    | {
      readonly name: string;
      readonly bus: "platform" | "amba";
      readonly parent: string | undefined;
    }
    | undefined;
  /** The decisions from the root's child down to the node. */
  readonly steps: readonly DeviceStep[];
  /** Drivers that fit, by score. */
  readonly drivers: readonly DriverMatch[];
  /** Drivers that almost fit. */
  readonly nearMisses: readonly NearMiss[];
  /** Each address. */
  readonly addresses: readonly AddressExplanation[];
  /** Each interrupt. */
  readonly interrupts: readonly InterruptExplanation[];
}

/** What a boot makes of a tree. */
interface Population {
  readonly verdicts: Map<DeviceNode, PopulateVerdict>;
  readonly steps: Map<DeviceNode, PopulateStep>;
  readonly setUp: Map<DeviceNode, string>;
}

/** Goes through what a boot does, and leaves the tree as it was. */
function populate(tree: DeviceTree): Population {
  const nodes = [...tree.nodes()];
  const flags = nodes.map((np) => np.flags);
  const { printk } = tree;
  tree.printk = undefined;
  for (const np of nodes) {
    np.clearFlag(OF_POPULATED);
    np.clearFlag(OF_POPULATED_BUS);
  }
  try {
    return populateAnew(tree, nodes);
  } finally {
    nodes.forEach((np, at) => np.flags = flags[at]);
    tree.printk = printk;
  }
}

function populateAnew(tree: DeviceTree, nodes: readonly DeviceNode[]): Population {
  const setUp = new Map<DeviceNode, string>();
  ofIrqInit(tree, OF_IRQCHIPS, ({ np }) => {
    setUp.set(np, "was set up as an interrupt controller before there were devices");
    return undefined;
  });
  ofClkInit(tree);
  for (const np of nodes) {
    if (np.checkFlag(OF_POPULATED) && !setUp.has(np)) {
      setUp.set(np, "was set up as a clock before there were devices");
    }
  }
  const walk = ofPlatformDefaultPopulate(tree);
  const steps = new Map<DeviceNode, PopulateStep>();
  while (walk.waiting.length > 0) {
    const step = walk.take();
    if (step === undefined) continue;
    steps.set(step.np, step);
    walk.made(step);
  }
  const verdicts = new Map<DeviceNode, PopulateVerdict>();
  for (const { np, verdict } of walk.visits) if (!verdicts.has(np)) verdicts.set(np, verdict);
  return { verdicts, steps, setUp };
}

/** Nodes that describe something else than a device. */
const NO_DEVICES = ["aliases", "chosen", "memory", "cpus", "reserved-memory", "__symbols__"];

function withoutCompatible(np: DeviceNode): Pick<DeviceStep, "text" | "help"> {
  const text = "has no compatible, and Linux makes devices only of nodes that have one";
  if (np.parent?.parent === undefined && NO_DEVICES.includes(np.name)) {
    return { text: `${text}; it describes no device` };
  }
  const wrong = nearest("compatible", np.properties.keys());
  return { text, help: wrong && `its property '${wrong}' is probably meant to be 'compatible'` };
}

function unavailable(np: DeviceNode): Pick<DeviceStep, "text" | "help"> {
  const status = firstString(np.get("status") ?? new Uint8Array(0));
  return {
    text: `is not available: its status is "${status}"`,
    help: `status = "okay" makes it a device`,
  };
}

/** What a verdict says of a node. */
function tell(np: DeviceNode, verdict: PopulateVerdict, { setUp }: Population) {
  switch (verdict) {
    case "no-compatible":
      return withoutCompatible(np);
    case "unavailable":
      return unavailable(np);
    case "skipped":
      return { text: "is of a kind that Linux passes over (operating-points-v2)" };
    case "populated-bus":
      return { text: "is no device itself: Linux has made devices of its children" };
    case "populated":
      return { text: setUp.get(np) ?? "is a device already" };
    case "amba":
      return { text: "is arm,primecell: a device of the AMBA bus, which has none below it" };
    case "platform":
      return { text: "is a platform device" };
  }
}

const BUS_NAMES = OF_DEFAULT_BUS_MATCH_TABLE.map(({ compatible }) => compatible as string);

/** What Linux decides about the nodes from the root to `np`, up to the first that it does not go below. */
function decisions(np: DeviceNode, population: Population): DeviceStep[] {
  const line: DeviceNode[] = [];
  for (let node = np; node.parent !== undefined; node = node.parent) line.unshift(node);
  const steps: DeviceStep[] = [];
  for (const node of line) {
    const verdict = population.verdicts.get(node);
    if (verdict === undefined) continue;
    const step = { path: node.path, verdict, ...tell(node, verdict, population) };
    const below = line[line.indexOf(node) + 1];
    const stops = below !== undefined && !population.verdicts.has(below);
    steps.push(stops && verdict === "platform" ? { ...step, ...notABus(node) } : step);
  }
  if (population.verdicts.has(np) || np.parent === undefined) return steps;
  const text = "is not looked at";
  return [...steps, { path: np.path, verdict: "not-visited", text }];
}

function notABus(np: DeviceNode): Omit<DeviceStep, "path"> {
  const near = np.compatible.map((text) => nearest(text, BUS_NAMES)).find((bus) => bus);
  return {
    verdict: "not-a-bus",
    text: "is a device, but no bus to Linux, so that its children are its driver's business",
    help: near === undefined
      ? `compatible with one of ${BUS_NAMES.join(", ")} makes devices of its children`
      : `one of its compatible strings is probably meant to be "${near}"`,
  };
}

function matchesOf(np: DeviceNode, name: string, drivers: readonly DriverTable[]): DriverMatch[] {
  const found: DriverMatch[] = [];
  for (const driver of drivers) {
    const match = platformMatch({ name, driverOverride: undefined, ofNode: np }, driver);
    if (match === undefined) continue;
    if (match.by !== "of") found.push({ driver: driver.name, by: match.by });
    else {
      const score = ofDeviceScore(np, match.row);
      found.push({ driver: driver.name, by: "of", compatible: match.row.compatible, score });
    }
  }
  return found.sort((a, b) => (b.score ?? 0) - (a.score ?? 0));
}

/** Whether one insertion, deletion, replacement or swap of neighbours makes `a` of `b`. */
function oneEditApart(a: string, b: string): boolean {
  let front = 0;
  while (front < a.length && a[front] === b[front]) front++;
  const [restA, restB] = [a.slice(front), b.slice(front)];
  const swapped = restA.length > 1 && restA[0] === restB[1] && restA[1] === restB[0];
  return restA.slice(1) === restB || restA === restB.slice(1) ||
    restA.slice(1) === restB.slice(1) ||
    (swapped && restA.slice(2) === restB.slice(2));
}

function howNear(wanted: string, has: string): NearMiss["how"] | undefined {
  const [a, b] = [wanted.toLowerCase(), has.toLowerCase()];
  if (a === b) return undefined;
  const device = a.slice(a.indexOf(",") + 1);
  if (device !== a && b === device) return "vendor prefix missing";
  if (oneEditApart(a, b)) return "misspelt";
  const other = device !== a && b.includes(",") && b.slice(b.indexOf(",") + 1) === device;
  return other ? "other vendor prefix" : undefined;
}

function nearMissesOf(np: DeviceNode, drivers: readonly DriverTable[]): NearMiss[] {
  const found: NearMiss[] = [];
  for (const { name, ofMatchTable = [] } of drivers) {
    if (ofMatchNode(ofMatchTable, np) !== undefined) continue;
    for (const { compatible: wanted = "" } of ofMatchTable) {
      for (const has of np.compatible) {
        const how = howNear(wanted, has);
        if (how !== undefined) found.push({ driver: name, wanted, has, how });
      }
    }
  }
  return found;
}

/** The devices that a boot makes of a tree if each can be made, by the paths of their nodes. */
export function devicesOf(
  tree: DeviceTree,
): Map<string, { name: string; bus: "platform" | "amba" }> {
  const { steps } = populate(tree);
  return new Map([...steps].map(([np, { name, bus }]) => [np.path, { name, bus }]));
}

/**
 * Whether a node becomes a device at boot and why, which drivers fit, where its registers are and where its
 * interrupts lead: by the functions that decide it, run on the tree, which stays as it was.
 *
 * @param drivers The drivers to look through.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { explainDevice, parseDts } from "../../mod.ts";
 * const tree = parseDts(`/dts-v1/; / { soc { compatible = "acme,soc"; dev { compatible = "virtio,mmio"; }; }; };`);
 * const { device, steps } = explainDevice(tree, tree.find("/soc/dev").node!, []);
 * assertEquals(device, undefined);
 * assertEquals(steps.map(({ path, verdict }) => [path, verdict]), [
 *   ["/soc", "not-a-bus"],
 *   ["/soc/dev", "not-visited"],
 * ]);
 * ```
 */
export function explainDevice(
  tree: DeviceTree,
  np: DeviceNode,
  drivers: readonly DriverTable[],
): DeviceExplanation {
  const population = populate(tree);
  const step = population.steps.get(np);
  const { printk } = tree;
  tree.printk = undefined;
  try {
    const name = step?.name ?? ofDeviceMakeBusId(np);
    const addresses: AddressExplanation[] = [];
    for (let index = 0; index === 0 || ofGetAddress(np, index) !== undefined; index++) {
      const address = explainAddress(np, index);
      if (np.get(address.property) === undefined) break;
      addresses.push(address);
    }
    const count = countInterrupts(tree, np);
    return {
      path: np.path,
      device: step && { name, bus: step.bus, parent: step.parent?.path },
      steps: decisions(np, population),
      drivers: matchesOf(np, name, drivers),
      nearMisses: nearMissesOf(np, drivers),
      addresses,
      interrupts: Array.from({ length: count }, (_, index) => explainInterrupt(tree, np, index)),
    };
  } finally {
    tree.printk = printk;
  }
}
