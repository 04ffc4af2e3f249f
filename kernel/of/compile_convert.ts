/**
 * The compiler's tree as the kernel's, and back.
 *
 * @module
 */
import type { CompileNode } from "./compile_node.ts";
import { type CompileLabel, liveLabels } from "./compile_label.ts";
import { CompileTree } from "./compile_tree.ts";
import { type DeviceNode, nodePhandle, Property } from "./node.ts";
import { DeviceTree } from "./tree.ts";

/** The tree as the kernel sees it: without what is deleted, of duplicates the first. */
export function toDeviceTree(from: CompileTree): DeviceTree {
  const tree = new DeviceTree();
  tree.bootCpuid = from.bootCpuid;
  for (const { address, size } of from.memreserve) tree.memreserve.push({ address, size });
  const stack: [CompileNode, DeviceNode][] = [[from.root, tree.root]];
  for (let work = stack.pop(); work !== undefined; work = stack.pop()) {
    const [source, node] = work;
    copyNode(source, node);
    for (const child of source.children) {
      if (!child.deleted) stack.push([child, node.addChild(child.name)]);
    }
  }
  return tree;
}

function copyNode(source: CompileNode, node: DeviceNode): void {
  node.labels = labelNames(source.labels);
  for (const property of source.properties) {
    const { name, labels, markers, deleted } = property;
    if (deleted || node.properties.has(name)) continue;
    const copy = new Property(name, property.value);
    copy.labels = labelNames(labels);
    if (markers.length > 0) copy.markers = markers.map((marker) => ({ ...marker }));
    node.put(copy);
    if (name.endsWith("phandle")) node.phandle = nodePhandle(node);
  }
}

function labelNames(labels: readonly CompileLabel[]): string[] | undefined {
  const live = liveLabels(labels);
  return live.length > 0 ? live.map(({ name }) => name) : undefined;
}

/** The inverse of {@linkcode toDeviceTree}. Values are shared. */
export function fromDeviceTree(from: DeviceTree): CompileTree {
  const tree = new CompileTree();
  tree.bootCpuid = from.bootCpuid;
  tree.memreserve = from.memreserve.map((range) => ({ ...range, labels: [] }));
  const stack: [DeviceNode, CompileNode][] = [[from.root, tree.root]];
  for (let work = stack.pop(); work !== undefined; work = stack.pop()) {
    const [source, node] = work;
    for (const label of [...source.labels ?? []].reverse()) {
      tree.addLabel(node, label);
    }
    for (const { name, value, labels, markers } of source.properties.values()) {
      const property = node.newProperty(name);
      property.value = value;
      for (const label of [...labels ?? []].reverse()) {
        property.addLabel(node.table.labels.addText(label));
      }
      property.markers = markers ?? [];
      node.addProperty(property);
    }
    for (const child of source.children) stack.push([child, node.addChild(child.fullName)]);
  }
  return tree;
}
