/**
 * Devices and who waits for whom, as a graph.
 *
 * @module
 */
import { type Device, DEVICES } from "../kernel/base/device.ts";
import { suppliersOf } from "../kernel/base/links.ts";
import type { Kernel } from "../kernel/kernel.ts";

function nameOf(dev: Device): string {
  return JSON.stringify(`${dev.bus?.name}:${dev.name}`);
}

/** A box for a device: with its driver, or dashed without one. */
function box(dev: Device): string {
  const [driver, style] = dev.driver === undefined
    ? ["no driver", ', style="rounded,dashed"']
    : [dev.driver.name, ""];
  return `  ${nameOf(dev)} [label=${JSON.stringify(`${dev.name}\n${driver}`)}${style}];`;
}

/**
 * The devices of a kernel that have to do with each other, as Graphviz draws them (`dot -Tsvg`): an arrow leads from
 * each device to those that need it. An arrow is dotted where the consumer does not wait for its supplier, and dashed
 * where the one device was made by the driver of the other.
 */
export function deviceGraph(kernel: Kernel): string {
  const devices = [...kernel.get(DEVICES)].filter(({ bus }) => bus !== undefined);
  const arrows = devices.flatMap((dev) => {
    const from = suppliersOf(dev).map(({ supplier, syncStateOnly }) =>
      [supplier, dev, syncStateOnly ? " [style=dotted]" : ""] as const
    );
    const parent = dev.parentDevice;
    const isMade = parent?.bus !== undefined && parent.driver !== undefined;
    return isMade ? [...from, [parent, dev, " [style=dashed]"] as const] : from;
  });
  const concerned = new Set(arrows.flatMap(([from, to]) => [from, to]));
  return [
    "digraph devices {",
    '  rankdir=LR; node [shape=box, style=rounded, fontname="monospace"];',
    ...[...concerned].map(box),
    ...arrows.map(([from, to, style]) => `  ${nameOf(from)} -> ${nameOf(to)}${style};`),
    "}",
    "",
  ].join("\n");
}
