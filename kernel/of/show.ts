/**
 * Values of properties as text, and how two trees differ.
 *
 * @module
 */
import { latin1, readBe32, readCells } from "./bytes.ts";
import type { DeviceNode } from "./node.ts";
import { descend, type DeviceTree } from "./tree.ts";

/** How a value is printed; `undefined` for a guess. */
export type ValueType = "s" | "i" | "u" | "x" | undefined;

/** The type that a command line names; `null` if there is no such type. */
export function parseValueType(text: string | undefined): ValueType | null {
  return text === undefined || ["s", "i", "u", "x"].includes(text) ? text as ValueType : null;
}

/** Whether a value looks like strings: printable, with an end, none of them empty at the start. */
function looksLikeText(value: Uint8Array): boolean {
  if (value.length === 0 || value[value.length - 1] !== 0 || value[0] === 0) return false;
  return value.every((byte, at) => byte === 0 ? value[at - 1] !== 0 : byte >= 0x20 && byte < 0x7f);
}

/** A value as `fdtget` prints it: strings or cells or bytes, with blanks between. */
export function valueText(value: Uint8Array, type?: ValueType): string {
  if (type === "s" || (type === undefined && looksLikeText(value))) {
    return latin1(value, 0, value.length).replace(/\0$/, "").split("\0").join(" ");
  }
  const cells = value.length % 4 === 0 ? readCells(value, 0, value.length / 4) : [...value];
  const radix = type === "x" || (type === undefined && value.length % 4 !== 0) ? 16 : 10;
  return cells.map((cell) => (type === "u" || type === "x" ? cell >>> 0 : cell | 0).toString(radix))
    .join(" ");
}

/** A value for comparison: phandles of named nodes are their paths. */
function comparable(tree: DeviceTree, name: string, value: Uint8Array): string {
  if (looksLikeText(value)) return JSON.stringify(valueText(value, "s"));
  if (value.length === 0) return "";
  if (value.length % 4 !== 0) return `[${valueText(value)}]`;
  const cells: string[] = [];
  for (let at = 0; at < value.length; at += 4) {
    const cell = readBe32(value, at);
    const node = REFERENCES.test(name) ? tree.nodeByPhandle(cell) : undefined;
    cells.push(node === undefined ? `0x${cell.toString(16)}` : `&${labelOf(tree, node)}`);
  }
  return `<${cells.join(" ")}>`;
}

/** Properties whose cells may be phandles. */
const REFERENCES =
  /^(interrupt-parent|interrupts-extended|interrupt-map|clocks|.*-gpios?|gpios?|phys|resets|dmas|iommus|.*-supply|power-domains|msi-parent|.*-map|memory-region|pinctrl-\d+|assigned-clocks|assigned-clock-parents|cooling-device|remote-endpoint|target|link|mboxes|sound-dai|next-level-cache|cpu|cpus?)$/;

/** A label from `__symbols__`, or the path in braces. */
function labelOf(tree: DeviceTree, node: DeviceNode): string {
  for (const { name, value } of tree.find("/__symbols__").node?.properties.values() ?? []) {
    if (latin1(value, 0, value.length - 1) === node.path) return name;
  }
  return `{${node.path}}`;
}

/** Properties that say nothing about the hardware. */
const IGNORED = ["phandle", "linux,phandle"];

/**
 * How tree `b` differs from tree `a`, a line each: nodes and properties that are gone (`-`) or new (`+`). The
 * order of nodes and the numbers of phandles do not count.
 */
export function diffTrees(a: DeviceTree, b: DeviceTree): string[] {
  const lines: string[] = [];
  for (const node of a.nodes()) {
    const other = node.parent === undefined ? b.root : descend(b.root, node.path);
    if (other === undefined) {
      const above = node.parent &&
        (node.parent.parent ? descend(b.root, node.parent.path) : b.root);
      if (above !== undefined) lines.push(`- ${node.path}`);
    } else lines.push(...diffProperties(a, node, b, other));
  }
  for (const node of b.nodes()) {
    if (node.parent !== undefined && descend(a.root, node.path) === undefined) {
      lines.push(`+ ${node.path}`);
    }
  }
  return lines;
}

function diffProperties(
  a: DeviceTree,
  node: DeviceNode,
  b: DeviceTree,
  other: DeviceNode,
): string[] {
  const names = new Set([...node.properties.keys(), ...other.properties.keys()]);
  const lines: string[] = [];
  for (const name of names) {
    if (IGNORED.includes(name)) continue;
    const [old, now] = [node.properties.get(name), other.properties.get(name)];
    const before = old && comparable(a, name, old.value);
    const after = now && comparable(b, name, now.value);
    if (before === after) continue;
    const show = (sign: string, text: string) =>
      lines.push(`${sign} ${node.path}: ${name}${text === "" ? "" : ` = ${text}`}`);
    if (before !== undefined) show("-", before);
    if (after !== undefined) show("+", after);
  }
  return lines;
}
