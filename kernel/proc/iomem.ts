import { hex8, Region } from "../io.ts";
import type { Kernel } from "../kernel.ts";
import { tryAddressToResource } from "../of/address.ts";
import { IORESOURCE_IO } from "../of/bus.ts";
import { ofDeviceIsCompatible } from "../of/base.ts";
import type { DeviceNode } from "../of/node.ts";
import { ofRanges } from "../of/range.ts";
import type { DeviceTree } from "../of/tree.ts";

/** Deepest level that gets an indent of its own. Linux: MAX_IORES_LEVEL */
const MAX_LEVEL = 5;

/**
 * The lines below `root`, two blanks deeper per level.
 *
 * Linux: r_show()
 */
export function showResources(root: Region, level = 0): string {
  const indent = " ".repeat(2 * Math.min(level, MAX_LEVEL));
  return root.children.map((region) =>
    `${indent}${hex8(region.start)}-${hex8(region.end)} : ${region.name}\n` +
    showResources(region, level + 1)
  ).join("");
}

/** Host bridges of PCI in the tree. They have no driver here, but what it would claim is shown. */
function pciHosts(tree: DeviceTree | undefined): DeviceNode[] {
  return (tree?.root.children ?? []).filter((np) =>
    ofDeviceIsCompatible(np, "pci-host-ecam-generic") > 0
  );
}

function windows(tree: DeviceTree, np: DeviceNode, ports: boolean): Region[] {
  return ofRanges(tree, np, "ranges")
    .filter(({ flags }) => ((flags & IORESOURCE_IO) !== 0) === ports)
    .map(({ busAddress, cpuAddress, size }) => {
      const start = Number(ports ? busAddress : cpuAddress);
      return new Region(np.fullName, start, start + Number(size) - 1, false);
    });
}

/** The text of `/proc/iomem`. Linux: pci_host_common_probe() claims the windows and the ECAM */
export function showIomem({ io, tree }: Kernel): string {
  const root = new Region("", 0, Infinity, false);
  root.children.push(...io.root.children);
  for (const np of pciHosts(tree)) {
    const ecam = tryAddressToResource(np, 0);
    if (ecam === undefined) continue;
    root.children.push(new Region("PCI ECAM", Number(ecam.start), Number(ecam.end), true));
    root.children.push(...windows(tree as DeviceTree, np, false));
  }
  root.children.sort((a, b) => a.start - b.start);
  return showResources(root);
}

/** The text of `/proc/ioports`. */
export function showIoports({ tree }: Kernel): string {
  const root = new Region("", 0, Infinity, false);
  for (const np of pciHosts(tree)) root.children.push(...windows(tree as DeviceTree, np, true));
  return showResources(root);
}
