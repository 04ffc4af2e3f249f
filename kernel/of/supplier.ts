/**
 * What a node's properties say that it needs: clocks, interrupts, pins, supplies.
 *
 * Linux: drivers/of/property.c
 *
 * @module
 */
import { ofDeviceIsAvailable, ofNodeNameEq } from "./base.ts";
import { tryIrqParseOne } from "./irq.ts";
import type { DeviceNode } from "./node.ts";
import { isErrno, ofParsePhandle, tryParsePhandleWithArgs } from "./phandle.ts";
import type { DeviceTree } from "./tree.ts";

/** A node needs another one. */
export interface SupplierLink {
  readonly consumer: DeviceNode;
  readonly supplier: DeviceNode;
}

/** The supplier that entry `index` of a property names; `undefined` behind the last one. */
type ParseEntry = (
  tree: DeviceTree,
  np: DeviceNode,
  property: string,
  index: number,
) => DeviceNode | undefined;

/** How a kind of property names suppliers. Linux: struct supplier_bindings */
interface SupplierBinding {
  readonly parse: ParseEntry;
  /** Followed only with `fw_devlink.strict=1`. */
  readonly optional?: boolean;
  /** The node becomes no device: the next one above that says what it is compatible with is the consumer. */
  readonly nodeNotDev?: boolean;
}

/** A list of phandles, each followed by as many cells as its node says. Linux: parse_prop_cells() */
function list(cells: string): ParseEntry {
  return (tree, np, property, index) => {
    const found = tryParsePhandleWithArgs(tree, np, property, cells, index);
    return isErrno(found) ? undefined : found.np;
  };
}

/** A list of phandles without arguments. */
const plain: ParseEntry = ofParsePhandle;

const gpio = list("#gpio-cells");

/** The pins of a hog are its parent's. Linux: parse_gpio_compat() */
const gpioCompat: ParseEntry = (tree, np, property, index) =>
  np.properties.has("gpio-hog") ? undefined : gpio(tree, np, property, index);

/** Linux: parse_iommu_maps() */
const iommuMap: ParseEntry = (tree, np, property, index) =>
  ofParsePhandle(tree, np, property, 4 * index + 1);

/** Linux: parse_interrupts() */
const interrupts: ParseEntry = (tree, np, _property, index) => {
  const found = tryIrqParseOne(tree, np, index);
  return isErrno(found) ? undefined : found.np;
};

const PORTS = ["ports", "in-ports", "out-ports"];

/**
 * The device at the other end of a graph: above its endpoint, its port and, if there is one, the node of ports.
 *
 * Linux: parse_remote_endpoint(), of_graph_get_port_parent()
 */
const remoteEndpoint: ParseEntry = (tree, np, property, index) => {
  if (index > 0) return undefined;
  const above = ofParsePhandle(tree, np, property, 0)?.parent?.parent;
  const isPorts = above !== undefined && PORTS.some((name) => ofNodeNameEq(above, name));
  return isPorts ? above.parent : above;
};

/** Properties by name. Linux: of_supplier_bindings */
const BY_NAME: ReadonlyMap<string, SupplierBinding> = new Map<string, SupplierBinding>([
  ["clocks", { parse: list("#clock-cells") }],
  ["interconnects", { parse: list("#interconnect-cells") }],
  ["iommus", { parse: list("#iommu-cells"), optional: true }],
  ["iommu-map", { parse: iommuMap, optional: true }],
  ["mboxes", { parse: list("#mbox-cells") }],
  ["io-channels", { parse: list("#io-channel-cells") }],
  ["interrupt-parent", { parse: plain }],
  ["dmas", { parse: list("#dma-cells"), optional: true }],
  ["power-domains", { parse: list("#power-domain-cells") }],
  ["hwlocks", { parse: list("#hwlock-cells") }],
  ["extcon", { parse: plain }],
  ["nvmem-cells", { parse: plain }],
  ["phys", { parse: list("#phy-cells") }],
  ["wakeup-parent", { parse: plain }],
  ...[0, 1, 2, 3, 4, 5, 6, 7, 8].map((state) => [`pinctrl-${state}`, { parse: plain }] as const),
  ["remote-endpoint", { parse: remoteEndpoint, nodeNotDev: true }],
  ["pwms", { parse: list("#pwm-cells") }],
  ["resets", { parse: list("#reset-cells") }],
  ["leds", { parse: plain }],
  ["backlight", { parse: plain }],
  ["panel", { parse: plain }],
  ["gpio", { parse: gpioCompat }],
  ["gpios", { parse: gpioCompat }],
  ["interrupts", { parse: interrupts }],
  ["interrupts-extended", { parse: interrupts }],
]);

/** What a name may end with; the name is longer. */
const BY_SUFFIX: readonly (readonly [end: string, binding: SupplierBinding])[] = [
  ["-supply", { parse: plain }],
  ["-gpio", { parse: gpio }],
  ["-gpios", { parse: gpio }],
];

function endsWith(name: string, end: string): boolean {
  return name.length > end.length && name.endsWith(end);
}

function bindingOf(property: string): SupplierBinding | undefined {
  const named = BY_NAME.get(property);
  if (named !== undefined || endsWith(property, ",nr-gpios")) return named;
  return BY_SUFFIX.find(([end]) => endsWith(property, end))?.[1];
}

/** The next node above that says what it is compatible with, if none on the way is switched off. Linux: of_get_compat_node_parent() */
function compatNodeAbove(np: DeviceNode): DeviceNode | undefined {
  for (let node = np.parent; node !== undefined; node = node.parent) {
    if (!ofDeviceIsAvailable(node)) return undefined;
    if (node.properties.has("compatible")) return node;
  }
  return undefined;
}

/** Linux: of_link_property() */
function linksOf(
  tree: DeviceTree,
  np: DeviceNode,
  property: string,
  { parse, nodeNotDev }: SupplierBinding,
): SupplierLink[] {
  const consumer = nodeNotDev === true ? compatNodeAbove(np) : np;
  const links: SupplierLink[] = [];
  let supplier: DeviceNode | undefined;
  while ((supplier = parse(tree, np, property, links.length)) !== undefined) {
    if (consumer === undefined) return [];
    links.push({ consumer, supplier });
  }
  return links;
}

/**
 * Whom a node needs, in the order of its properties.
 *
 * Linux: of_fwnode_add_links()
 *
 * @param strict Also what devices usually can do without: `fw_devlink.strict=1`.
 */
export function ofSupplierLinks(
  tree: DeviceTree,
  np: DeviceNode,
  strict: boolean,
): SupplierLink[] {
  const links: SupplierLink[] = [];
  for (const property of np.properties.keys()) {
    const binding = bindingOf(property);
    if (binding === undefined || binding.optional === true && !strict) continue;
    links.push(...linksOf(tree, np, property, binding));
  }
  return links;
}
