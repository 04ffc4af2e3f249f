/**
 * A tree as YAML, which schema tools read.
 *
 * @module
 */
import { latin1 } from "./bytes.ts";
import type { CompileNode } from "./compile_node.ts";
import type { CompileProperty } from "./compile_property.ts";
import type { CompileTree } from "./compile_tree.ts";
import { YamlText } from "./yaml_text.ts";

const WIDTHS: Readonly<Record<string, number>> = { u8: 1, u16: 2, u32: 4, u64: 8 };

/** A part of a value that was written in one piece. */
interface Chunk {
  /** How it was written. */
  kind: "string" | "u8" | "u16" | "u32" | "u64";
  /** First byte. */
  start: number;
  /** The byte behind its last one. */
  end: number;
}

/** Writes a tree from source as YAML: values keep the types that they were written with. dtc: dt_to_yaml() */
export function writeYaml(tree: CompileTree): Uint8Array {
  const out = new YamlText();
  out.begin();
  const open: { node: CompileNode; child: number }[] = [];
  const enter = (node: CompileNode) => {
    out.enterMapping(isEmpty(node));
    for (const property of node.properties) if (!property.deleted) writeProperty(property, out);
    open.push({ node, child: 0 });
  };
  enter(tree.root);
  for (let top = open.at(-1); top !== undefined; top = open.at(-1)) {
    const child = top.node.children[top.child++];
    if (child === undefined) {
      out.leaveMapping();
      open.pop();
    } else if (!child.deleted) {
      out.key(child.name, "! ");
      enter(child);
    }
  }
  return new TextEncoder().encode(out.end());
}

function isEmpty({ properties, children }: CompileNode): boolean {
  return [...properties, ...children].every(({ deleted }) => deleted);
}

function writeProperty(property: CompileProperty, out: YamlText): void {
  out.key(property.name, "");
  if (property.length === 0) return out.plain("true");
  const { value } = property;
  const phandles = new Set<number>();
  property.eachMarker("phandle", (offset) => phandles.add(offset));
  out.openSequence();
  for (const chunk of chunksOf(property)) {
    out.nextItem();
    if (chunk.kind === "string") {
      out.quoted(latin1(value, chunk.start, chunk.end - 1));
    } else writeNumbers(value, chunk, phandles, out);
  }
  out.closeSequence();
}

/** The pieces of a value. An empty one, as of `<>`, is none. */
function chunksOf(property: CompileProperty): Chunk[] {
  const chunks: Chunk[] = [];
  for (const { kind, offset } of property.markers) {
    if (kind === "label" || kind === "phandle" || kind === "path") continue;
    const last = chunks.at(-1);
    if (last !== undefined) last.end = offset;
    chunks.push({ kind, start: offset, end: property.length });
  }
  return chunks.filter(({ start, end }) => end > start);
}

function writeNumbers(
  value: Uint8Array,
  chunk: Chunk,
  phandles: ReadonlySet<number>,
  out: YamlText,
): void {
  const { kind, start, end } = chunk;
  const width = WIDTHS[kind];
  if (kind !== "u32") out.tag(`!${kind}`);
  out.openSequence();
  for (let at = start; at + width <= end; at += width) {
    out.nextItem();
    if (kind === "u32" && phandles.has(at)) out.tag("!phandle");
    out.plain(`0x${numberAt(value, at, width).toString(16)}`);
  }
  out.closeSequence();
}

function numberAt(value: Uint8Array, at: number, width: number): bigint {
  let number = 0n;
  for (let index = at; index < at + width; index++) number = number << 8n | BigInt(value[index]);
  return number;
}
