import { ByteBuffer } from "./byte_buffer.ts";
import { fromDeviceTree } from "./compile_convert.ts";
import { alignUp, writeBe32, writeBe64 } from "./bytes.ts";
import type { CompileNode } from "./compile_node.ts";
import type { NodeTable } from "./node_table.ts";
import { CompileProperty } from "./compile_property.ts";
import type { CompileReserve, CompileTree } from "./compile_tree.ts";
import {
  FDT_BEGIN_NODE,
  FDT_END,
  FDT_END_NODE,
  FDT_MAGIC,
  FDT_PROP,
  FDT_V17_SIZE,
  FDT_V1_SIZE,
  FDT_V2_SIZE,
  FDT_V3_SIZE,
} from "./fdt.ts";
import { NAME } from "./known_names.ts";
import type { PropertyTable } from "./property_table.ts";
import { NO_ROW } from "./rows.ts";
import { StringTable } from "./string_table.ts";
import type { DeviceTree } from "./tree.ts";

/** What the versions of the flattened form differ in. dtc: struct version_info */
export interface FdtVersion {
  /** The version. */
  readonly version: number;
  /** The oldest version whose readers can read it. */
  readonly lastCompatible: number;
  /** Bytes of the header. The words behind `lastCompatible` are there as far as they fit. */
  readonly headerSize: number;
  /** Nodes have their paths for names and properties `name`; long values are aligned to 8 bytes. */
  readonly old: boolean;
}

const VERSIONS: readonly FdtVersion[] = [
  { version: 1, lastCompatible: 1, headerSize: FDT_V1_SIZE, old: true },
  { version: 2, lastCompatible: 1, headerSize: FDT_V2_SIZE, old: true },
  { version: 3, lastCompatible: 1, headerSize: FDT_V3_SIZE, old: true },
  { version: 16, lastCompatible: 16, headerSize: FDT_V3_SIZE, old: false },
  { version: 17, lastCompatible: 16, headerSize: FDT_V17_SIZE, old: false },
];

/** The version that is written unless another one is asked for. */
export const FDT_DEFAULT_VERSION = 17;

/** The table's entry for a version, `undefined` if it cannot be written. */
export function fdtVersion(version: number): FdtVersion | undefined {
  return VERSIONS.find((entry) => entry.version === version);
}

/** Settings of {@linkcode writeFdt}. */
export interface WriteFdtOptions {
  /** Default: {@linkcode FDT_DEFAULT_VERSION}. Others than those of the table are a range error. */
  version?: number;
  /** Empty entries of the reserve map, for a boot loader to fill. Default: 0. */
  reserveSlots?: number;
  /** Bytes that the blob has at least. Default: 0. */
  minSize?: number;
  /** Zero bytes behind the blob; beats {@linkcode minSize}. Default: 0. */
  padding?: number;
  /** The blob's size becomes a multiple of it. Default: 1. */
  alignment?: number;
  /** Names that the strings block starts with. Default: none. */
  strings?: StringTable;
}

/**
 * Writes a tree in the flattened form, version 17, byte for byte as `dtc -O dtb` does: header, reserve
 * map, structure, strings. A property name that equals the end of an earlier one shares its bytes.
 *
 * @throws {RangeError} If a name has characters above U+00FF, which are no bytes.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { boot, embedded, flattenDeviceTree, parseDts } from "../../mod.ts";
 * const blob = flattenDeviceTree(parseDts("/dts-v1/; / { compatible = \"example,board\"; };"));
 * assertEquals([...blob.subarray(0, 4)], [0xd0, 0x0d, 0xfe, 0xed]);
 * await using vm = await boot(embedded([], { dtb: blob }));
 * assertEquals(await vm.sh("cat /sys/firmware/devicetree/base/compatible"), "example,board\0");
 * ```
 */
export function flattenDeviceTree(tree: DeviceTree): Uint8Array {
  return writeFdt(fromDeviceTree(tree));
}

/** Writes a tree in the flattened form as dtc does. dtc: dt_to_blob() */
export function writeFdt(tree: CompileTree, options: WriteFdtOptions = {}): Uint8Array {
  const version = fdtVersion(options.version ?? FDT_DEFAULT_VERSION);
  if (version === undefined) throw new RangeError(`no version ${options.version} of blobs`);
  const reserveAt = alignUp(version.headerSize, 8);
  const slots = tree.memreserve.length + (options.reserveSlots ?? 0) + 1;
  const structAt = reserveAt + 16 * slots;
  const out = new ByteBuffer(structAt + likelySize(tree.root));
  out.zeros(reserveAt);
  out.append(reserveMap(tree.memreserve, slots));
  const strings = flattenTree(tree.root, version, new BlobEmitter(out), options.strings);
  const stringsAt = out.length;
  out.append(strings.view());
  const size = paddedSize(out.length, options);
  out.zeros(size - out.length);
  const words = [FDT_MAGIC, size, structAt, stringsAt, reserveAt];
  words.push(version.version, version.lastCompatible);
  words.push(tree.bootCpuid, strings.length, stringsAt - structAt);
  const blob = out.view();
  words.slice(0, version.headerSize / 4).forEach((word, at) => writeBe32(blob, 4 * at, word));
  return blob;
}

/** Bytes that a blob takes behind the reserve map, or more: what was deleted counts too. */
function likelySize({ table, table: { properties } }: CompileNode): number {
  return 4096 + 20 * properties.count + properties.valueBytes + 16 * table.count + table.nameBytes;
}

/** The size of a blob after what the options add to it. */
function paddedSize(size: number, options: WriteFdtOptions): number {
  const { minSize = 0, padding = 0, alignment = 1 } = options;
  const padded = padding > 0 ? size + padding : Math.max(size, minSize);
  return alignUp(padded, alignment);
}

function reserveMap(memreserve: readonly CompileReserve[], slots: number): Uint8Array {
  const map = new Uint8Array(16 * slots);
  memreserve.forEach(({ address, size }, index) => {
    writeBe64(map, 16 * index, address);
    writeBe64(map, 16 * index + 8, size);
  });
  return map;
}

/** What the parts of the structure block become. dtc: struct emitter */
export interface FdtEmitter {
  /** A node begins. */
  beginNode(node: CompileNode): void;
  /** The innermost node ends. */
  endNode(node: CompileNode): void;
  /** A property begins: its token. One that only old versions have is none of the tree. */
  property(property?: CompileProperty): void;
  /** The structure ends: its token. */
  end(): void;
  /** A word. */
  word(value: number): void;
  /** A string and its NUL. */
  text(text: string): void;
  /** A property's value. */
  value(property: CompileProperty): void;
  /** Zero bytes up to a multiple of `alignment`. */
  align(alignment: number): void;
}

/** Writes the structure block and returns the strings block. Walks without recursion. dtc: flatten_tree() */
export function flattenTree(
  root: CompileNode,
  version: FdtVersion,
  emitter: FdtEmitter,
  strings: StringTable = new StringTable(),
): ByteBuffer {
  const { names, properties } = root.table;
  strings.expect(names, properties.usedNames);
  if (version.old) strings.expect(names, [NAME.name]);
  const flattener = new Flattener(root.table, version, emitter, strings);
  if (!root.deleted) flattener.flatten(root);
  emitter.end();
  return strings.bytes;
}

class Flattener {
  readonly #version: FdtVersion;
  readonly #emitter: FdtEmitter;
  readonly #strings: StringTable;
  readonly #nodes: NodeTable;
  readonly #properties: PropertyTable;
  /** Stands for each property in turn. */
  readonly #property: CompileProperty;
  /** By number one more than where a name stands in the strings block, 0 if it was not written yet. */
  readonly #offsets: Int32Array;

  constructor(
    table: NodeTable,
    version: FdtVersion,
    emitter: FdtEmitter,
    strings: StringTable,
  ) {
    this.#strings = strings;
    this.#version = version;
    this.#emitter = emitter;
    this.#nodes = table;
    this.#properties = table.properties;
    this.#property = new CompileProperty(table.properties, NO_ROW);
    this.#offsets = new Int32Array(table.names.count);
  }

  flatten(root: CompileNode): void {
    const open: { node: CompileNode; child: number }[] = [];
    this.#begin(root);
    open.push({ node: root, child: 0 });
    for (let top = open.at(-1); top !== undefined; top = open.at(-1)) {
      const child = top.node.children[top.child++];
      if (child === undefined) {
        this.#emitter.endNode(top.node);
        open.pop();
      } else if (!child.deleted) {
        this.#begin(child);
        if (child.children.length > 0) open.push({ node: child, child: 0 });
        else this.#emitter.endNode(child);
      }
    }
  }

  #begin(node: CompileNode): void {
    const emitter = this.#emitter;
    emitter.beginNode(node);
    emitter.text(this.#version.old ? node.path : node.name);
    emitter.align(4);
    const properties = this.#properties;
    for (
      let row = this.#nodes.firstProperty(node.row);
      row !== NO_ROW;
      row = properties.next(row)
    ) {
      if (!properties.isDeleted(row)) this.#write(row);
    }
    if (this.#version.old && !node.has(NAME.name)) this.#name(node);
  }

  #write(row: number): void {
    const property = this.#property;
    property.row = row;
    this.#emitter.property(property);
    this.#head(this.#properties.nameAt(row), property.length);
    this.#emitter.value(property);
    this.#emitter.align(4);
  }

  #head(name: number, length: number): void {
    let offset = this.#offsets[name] - 1;
    if (offset < 0) {
      offset = this.#strings.offsetOf(this.#properties.names, name);
      this.#offsets[name] = offset + 1;
    }
    this.#emitter.word(length);
    this.#emitter.word(offset);
    if (this.#version.old && length >= 8) this.#emitter.align(8);
  }

  /** The length of an empty base name means all of the name to dtc when it writes it. */
  #name({ name, baseName }: CompileNode): void {
    this.#emitter.property();
    this.#head(NAME.name, baseName.length + 1);
    this.#emitter.text(baseName === "" ? name : baseName);
    this.#emitter.align(4);
  }
}

class BlobEmitter implements FdtEmitter {
  constructor(readonly out: ByteBuffer) {}

  beginNode(): void {
    this.out.word(FDT_BEGIN_NODE);
  }

  endNode(): void {
    this.out.word(FDT_END_NODE);
  }

  property(): void {
    this.out.word(FDT_PROP);
  }

  end(): void {
    this.out.word(FDT_END);
  }

  word(value: number): void {
    this.out.word(value);
  }

  text(text: string): void {
    this.out.text(text);
  }

  value({ data, start, end }: CompileProperty): void {
    this.out.append(data, start, end);
  }

  align(alignment: number): void {
    this.out.align(alignment);
  }
}
