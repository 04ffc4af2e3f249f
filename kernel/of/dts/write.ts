import { latin1, readBe32 } from "../bytes.ts";
import type { DeviceNode } from "../node.ts";
import type { DeviceTree } from "../tree.ts";

/**
 * Writes a tree as source text. What a value is, text, cells or bytes, is guessed from its bytes as dtc
 * does; `parseDts()` of the result gives the same bytes again.
 */
export function writeDts(tree: DeviceTree): string {
  const lines = ["/dts-v1/;", ""];
  for (const { address, size } of tree.memreserve) {
    lines.push(`/memreserve/\t${hex64(address)} ${hex64(size)};`);
  }
  writeNodes(tree.root, lines);
  return lines.join("\n") + "\n";
}

function hex64(value: bigint): string {
  return `0x${value.toString(16).padStart(16, "0")}`;
}

/** Walks without recursion, so that depth has no limit. */
function writeNodes(root: DeviceNode, lines: string[]): void {
  const open: { node: DeviceNode; child: number }[] = [];
  beginNode(root, "", lines);
  open.push({ node: root, child: 0 });
  for (let top = open.at(-1); top !== undefined; top = open.at(-1)) {
    const child = top.node.children[top.child++];
    if (child === undefined) {
      open.pop();
      lines.push(`${"\t".repeat(open.length)}};`);
    } else {
      lines.push("");
      beginNode(child, "\t".repeat(open.length), lines);
      open.push({ node: child, child: 0 });
    }
  }
}

function beginNode(node: DeviceNode, indent: string, lines: string[]): void {
  lines.push(`${indent}${node.parent === undefined ? "/" : node.fullName} {`);
  for (const { name, value } of node.properties.values()) {
    const text = value.length === 0 ? "" : ` = ${valueText(value)}`;
    lines.push(`${indent}\t${name}${text};`);
  }
}

function valueText(value: Uint8Array): string {
  if (isText(value)) {
    const strings = latin1(value, 0, value.length - 1).split("\0");
    return strings.map((text) => `"${text.replace(/[^ !#-[\]-~]/g, escape)}"`).join(", ");
  }
  const words: string[] = [];
  if (value.length % 4 !== 0) {
    for (const byte of value) words.push(byte.toString(16).padStart(2, "0"));
    return `[${words.join(" ")}]`;
  }
  for (let at = 0; at < value.length; at += 4) {
    words.push(`0x${readBe32(value, at).toString(16).padStart(2, "0")}`);
  }
  return `<${words.join(" ")}>`;
}

/** Printable, with a NUL at the end, and with no more NULs than other characters. */
function isText(value: Uint8Array): boolean {
  let nuls = 0;
  for (const byte of value) {
    if (byte === 0) nuls++;
    else if (byte > 0x7e || (byte < 0x20 && (byte < 7 || byte > 13))) return false;
  }
  return value[value.length - 1] === 0 && nuls <= value.length - nuls;
}

function escape(character: string): string {
  const letter = "abtnvfr"[character.charCodeAt(0) - 7];
  return `\\${letter ?? character}`;
}
