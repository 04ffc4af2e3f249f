import { ByteBuffer } from "../byte_buffer.ts";
import { fromDeviceTree } from "../compile_convert.ts";
import type { CompileNode } from "../compile_node.ts";
import { type CompileLabel, liveLabels } from "../compile_label.ts";
import type { CompileProperty } from "../compile_property.ts";
import type { CompileTree } from "../compile_tree.ts";
import type { DeviceTree } from "../tree.ts";
import { type ValueStyle, writeValue } from "./write_value.ts";

/** Writes what comes behind nodes and properties in comments. */
export interface Annotator {
  /** What to say where a node begins. */
  nodeStart(node: CompileNode): string | undefined;
  /** What to say where a node ends. */
  nodeEnd(node: CompileNode): string | undefined;
  /** What to say behind a property. */
  property(property: CompileProperty): string | undefined;
}

/** Settings of {@linkcode writeDtsTree}. */
export interface WriteDtsOptions {
  /** Whose text it is; all but that of `1.6` have references and lists of strings. Default: `1.6`. */
  style?: ValueStyle;
  /** Comments to be written. Default: none. */
  annotator?: Annotator;
}

/**
 * Writes a tree as source text. What a value is, text, cells or bytes, is guessed from its bytes as dtc
 * does, unless the tree knows; `parseDts()` of the result gives the same bytes again.
 *
 * @throws {RangeError} If a name has characters above U+00FF, which are no bytes.
 */
export function writeDts(tree: DeviceTree): string {
  const bytes = writeDtsTree(fromDeviceTree(tree), { style: "faithful" });
  return new TextDecoder("latin1").decode(bytes);
}

/** Writes a tree as source text, one byte per character, as dtc does. dtc: dt_to_source() */
export function writeDtsTree(tree: CompileTree, options: WriteDtsOptions = {}): Uint8Array {
  const writer = new DtsWriter(options);
  writer.head(tree);
  writer.nodes(tree.root);
  return writer.out.view();
}

class DtsWriter {
  readonly out = new ByteBuffer();
  readonly #style: ValueStyle;
  readonly #annotator: Annotator | undefined;

  constructor({ style = "1.6", annotator }: WriteDtsOptions) {
    this.#style = style;
    this.#annotator = annotator;
  }

  head({ plugin, memreserve }: CompileTree): void {
    this.out.latin1("/dts-v1/;\n");
    if (plugin && this.#style !== "1.6") this.out.latin1("/plugin/;\n");
    this.out.latin1("\n");
    for (const { address, size, labels } of memreserve) {
      this.#labels(labels);
      this.out.latin1(`/memreserve/\t${hex64(address)} ${hex64(size)};\n`);
    }
  }

  /** Walks without recursion, so that depth has no limit. */
  nodes(root: CompileNode): void {
    const open: { node: CompileNode; child: number }[] = [];
    this.#begin(root, 0);
    open.push({ node: root, child: 0 });
    for (let top = open.at(-1); top !== undefined; top = open.at(-1)) {
      const child = top.node.children[top.child++];
      if (child === undefined) {
        open.pop();
        this.#end(top.node, open.length);
      } else if (!child.deleted) {
        this.out.latin1("\n");
        this.#begin(child, open.length);
        open.push({ node: child, child: 0 });
      }
    }
  }

  #begin(node: CompileNode, level: number): void {
    const { out } = this;
    this.#indent(level);
    this.#labels(node.labels);
    out.latin1(node.name === "" ? "/" : node.name);
    out.latin1(" {");
    this.#comment(this.#annotator?.nodeStart(node));
    for (const property of node.properties) {
      if (property.deleted) continue;
      this.#indent(level + 1);
      this.#labels(property.labels);
      out.latin1(property.name);
      if (property.length > 0) {
        out.latin1(" =");
        writeValue(out, property, this.#style);
      }
      out.latin1(";");
      this.#comment(this.#annotator?.property(property));
    }
  }

  #end(node: CompileNode, level: number): void {
    this.#indent(level);
    this.out.latin1("};");
    this.#comment(this.#annotator?.nodeEnd(node));
  }

  #comment(text: string | undefined): void {
    if (text !== undefined) this.out.latin1(` /* ${text} */`);
    this.out.byte(10);
  }

  #indent(level: number): void {
    for (let at = 0; at < level; at++) this.out.byte(9);
  }

  #labels(labels: readonly CompileLabel[]): void {
    for (const { name } of liveLabels(labels)) this.out.latin1(`${name}: `);
  }
}

function hex64(value: bigint): string {
  return `0x${value.toString(16).padStart(16, "0")}`;
}
