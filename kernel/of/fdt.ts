import { ofReadNumber, readBe32 } from "./bytes.ts";
import { toDeviceTree } from "./compile_convert.ts";
import { CompileNode } from "./compile_node.ts";
import { NodeTable } from "./node_table.ts";
import type { CompileProperty } from "./compile_property.ts";
import { CompileTree } from "./compile_tree.ts";
import type { Names } from "./names.ts";
import type { DeviceTree } from "./tree.ts";

/** First word of every flattened tree. */
export const FDT_MAGIC = 0xd00dfeed;
/** Token: a node starts; its name follows. */
export const FDT_BEGIN_NODE = 1;
/** Token: the innermost open node ends. */
export const FDT_END_NODE = 2;
/** Token: a property; length, name offset and value follow. */
export const FDT_PROP = 3;
/** Token: nothing. */
export const FDT_NOP = 4;
/** Token: the structure ends. */
export const FDT_END = 9;
/** Bytes of a version 1 header. */
export const FDT_V1_SIZE = 28;
/** Bytes of a version 2 header, which has the booting CPU. */
export const FDT_V2_SIZE = 32;
/** Bytes of a version 3 or 16 header, which has the size of the strings block. */
export const FDT_V3_SIZE = 36;
/** Bytes of a version 17 header, which has the size of the structure block. */
export const FDT_V17_SIZE = 40;
/** Levels of nodes below which Linux does not look. */
export const FDT_MAX_DEPTH = 64;

/** Names that overlap in the strings block may take so many times its bytes, and some more. */
const NAMES_GROWTH_MAX = 64;
const NAMES_BYTES_MIN = 1 << 20;

/** A flattened tree that cannot be read. The message names the byte offset and what is wrong there. */
export class FdtError extends Error {
  /** Name of the class. */
  override name = "FdtError";
  /** Byte offset from the start of the blob. */
  readonly offset: number;

  /** Takes the offset and what is wrong there. */
  constructor(offset: number, problem: string) {
    super(`Cannot read device tree blob: offset 0x${offset.toString(16)}: ${problem}`);
    this.offset = offset;
  }
}

/** Settings of {@linkcode unflattenDeviceTree}. */
export interface UnflattenOptions {
  /** Levels of nodes that are allowed, the root included. Default: {@linkcode FDT_MAX_DEPTH}. */
  maxDepth?: number;
}

/**
 * Reads a flattened tree of version 16 or 17. Property values are views of `blob`. What follows the
 * blob's total size is never looked at. Linux: unflatten_device_tree()
 *
 * @throws {FdtError} If the blob is malformed, at the first place found.
 *
 * @example
 * ```ts
 * import { assertEquals, assertThrows } from "@std/assert";
 * import { embedded, FdtError, unflattenDeviceTree } from "../../mod.ts";
 * await using machine = embedded();
 * const tree = unflattenDeviceTree(machine.dtb);
 * assertEquals(tree.find("/virtio_mmio@a003e00").node?.compatible, ["virtio,mmio"]);
 * assertThrows(() => unflattenDeviceTree(new Uint8Array(40)), FdtError);
 * ```
 */
export function unflattenDeviceTree(blob: Uint8Array, options: UnflattenOptions = {}): DeviceTree {
  const { maxDepth = FDT_MAX_DEPTH } = options;
  return toDeviceTree(readFdt(blob, {
    maxDepth,
    irregular: (offset, problem) => {
      throw new FdtError(offset, problem);
    },
  }));
}

/** Settings of {@linkcode readFdt}. */
export interface ReadFdtOptions {
  /** Levels of nodes that are allowed, the root included. */
  maxDepth: number;
  /** Hears of what Linux refuses and dtc accepts. */
  irregular: (offset: number, problem: string) => void;
}

/**
 * Reads a flattened tree of any version as dtc does. Property values are parts of `blob`. What follows
 * the blob's total size is never looked at. dtc: dt_from_blob()
 *
 * @throws {FdtError} If the blob cannot be read, at the first place found.
 */
export function readFdt(blob: Uint8Array, options: ReadFdtOptions): CompileTree {
  const header = readHeader(blob, options);
  const table = new NodeTable();
  const tree = new CompileTree(table);
  tree.bootCpuid = header.total < FDT_V2_SIZE ? 0 : readBe32(blob, 28);
  readReserveMap(blob, header.reserve, tree);
  tree.root = new StructReader(blob, header, options, table).read();
  return tree;
}

/** The strings block of a blob that {@linkcode readFdt} has read. */
export function stringsBlock(blob: Uint8Array): Uint8Array {
  const { start, end } = readHeader(blob, { maxDepth: 0, irregular: () => {} }).strings;
  return blob.subarray(start, end);
}

/** A range of the blob that a block occupies. */
interface Block {
  start: number;
  end: number;
}

interface Header {
  total: number;
  version: number;
  struct: Block;
  strings: Block;
  reserve: Block;
}

function headerSize(version: number): number {
  if (version >= 17) return FDT_V17_SIZE;
  return version >= 3 ? FDT_V3_SIZE : version === 2 ? FDT_V2_SIZE : FDT_V1_SIZE;
}

function readHeader(blob: Uint8Array, { irregular }: ReadFdtOptions): Header {
  const word = (offset: number) => readBe32(blob, offset);
  if (blob.length < 8) throw new FdtError(blob.length, "blob ends inside the header");
  if (word(0) !== FDT_MAGIC) {
    throw new FdtError(0, `magic is 0x${word(0).toString(16)}, expected 0xd00dfeed`);
  }
  const total = word(4);
  if (total > blob.length || total < FDT_V1_SIZE) {
    throw new FdtError(4, `total size is ${total}, but the blob has ${blob.length} bytes`);
  }
  const version = word(20);
  if (version < 16 || word(24) > 17) {
    irregular(20, `version ${version} (last compatible ${word(24)}), expected 16 or 17`);
  }
  const size = headerSize(version);
  if (total < size) throw new FdtError(4, `total size is ${total}, but the header has ${size}`);
  const block = (name: string, field: number, alignment: number, length?: number): Block => {
    const start = word(field);
    if (start % alignment !== 0) {
      irregular(field, `${name} starts at ${start}, expected a multiple of ${alignment}`);
    }
    const end = length === undefined ? total : start + length;
    const outside = `${name} (${start} to ${end}) lies outside ${size} to ${total}`;
    if (start > total || end > total) throw new FdtError(field, outside);
    if (start < size) irregular(field, outside);
    return { start, end };
  };
  return {
    total,
    version,
    struct: block("structure block", 8, 4, version < 17 ? undefined : word(36)),
    strings: block("strings block", 12, 1, version < 3 ? undefined : word(32)),
    reserve: block("reserve map", 16, 8),
  };
}

function readReserveMap(blob: Uint8Array, block: Block, tree: CompileTree): void {
  for (let at = block.start; at + 16 <= block.end; at += 16) {
    const address = ofReadNumber(blob, at, 2);
    const size = ofReadNumber(blob, at + 8, 2);
    if (size === 0n) return;
    tree.memreserve.push({ address, size, labels: [] });
  }
  throw new FdtError(block.start, "reserve map has no end");
}

/** One walk over the structure block: every token, name and property is looked at once. */
class StructReader {
  readonly #blob: Uint8Array;
  readonly #struct: Block;
  readonly #strings: Block;
  /** The structure may go on behind its block's end, to be complained about later. */
  readonly #total: number;
  readonly #options: ReadFdtOptions;
  /** Before version 16, nodes have their paths for names, and long values are aligned to 8 bytes. */
  readonly #old: boolean;
  readonly #table: NodeTable;
  readonly #names: Names;
  /** Numbers of names of properties by offset in the strings block. */
  readonly #propertyNames = new Map<number, number>();
  /** Stands for each property in turn. */
  #current: CompileProperty | undefined = undefined;
  #namesLeft: number;
  #at: number;

  constructor(blob: Uint8Array, header: Header, options: ReadFdtOptions, table: NodeTable) {
    this.#table = table;
    this.#names = table.names;
    this.#blob = blob;
    this.#struct = header.struct;
    this.#strings = header.strings;
    this.#total = header.total;
    this.#options = options;
    this.#old = header.version < 16;
    this.#at = header.struct.start;
    const { start, end } = header.strings;
    this.#namesLeft = NAMES_BYTES_MIN + NAMES_GROWTH_MAX * (end - start);
  }

  read(): CompileNode {
    const root = this.#beginRoot();
    const paths = [this.#old ? "/" : ""];
    let node: CompileNode | undefined = root;
    while (node !== undefined) {
      const start = this.#at;
      const token = this.#token();
      if (token === FDT_PROP) {
        this.#property(node, start);
      } else if (token === FDT_BEGIN_NODE) {
        if (paths.length >= this.#options.maxDepth) {
          const levels = `${this.#options.maxDepth} levels`;
          throw new FdtError(start, `nodes are nested deeper than ${levels}`);
        }
        const child = node.newChild(this.#nodeName(start, paths));
        node.adoptChild(child);
        node = child;
      } else if (token === FDT_END_NODE) {
        paths.pop();
        node = node.parent;
      } else {
        const problem = token === FDT_END ? `structure ends inside ${node.path}` : undefined;
        throw new FdtError(start, problem ?? `unknown token ${token}`);
      }
    }
    const end = this.#at;
    if (this.#token() !== FDT_END) throw new FdtError(end, "something follows the root node");
    if (this.#at > this.#struct.end) {
      this.#options.irregular(this.#struct.end, "structure block is longer than its size says");
    }
    return root;
  }

  #beginRoot(): CompileNode {
    const start = this.#at;
    if (this.#token() !== FDT_BEGIN_NODE) throw new FdtError(start, "no root node");
    const name = this.#childName(start, "/", this.#string(start));
    if (this.#names.text(name) !== "") {
      this.#options.irregular(start, "the root node has a name");
    }
    return new CompileNode(name, undefined, this.#table);
  }

  /** The next token that is not a NOP. */
  #token(): number {
    for (;;) {
      const start = this.#at;
      if (start + 4 > this.#total) {
        throw new FdtError(start, "structure block ends without an end token");
      }
      this.#at = start + 4;
      const token = readBe32(this.#blob, start);
      if (token !== FDT_NOP) return token;
      if (this.#old) this.#options.irregular(start, "version before 16 with a NOP");
    }
  }

  #nodeName(start: number, paths: string[]): number {
    const written = this.#string(start);
    const name = this.#childName(start, paths[paths.length - 1], written);
    if (this.#names.text(name) === "") this.#options.irregular(start, "node without a name");
    paths.push(this.#old ? this.#names.text(written) : "");
    return name;
  }

  /** The name of a child of the node with a path, by what stands for it. */
  #childName(start: number, parent: string, written: number): number {
    if (!this.#old) return written;
    return this.#names.addText(childName(start, parent, this.#names.text(written)));
  }

  /** The number of the string at the current place, which is moved behind it. */
  #string(token: number): number {
    const start = this.#at;
    let end = start;
    while (end < this.#total && this.#blob[end] !== 0) end++;
    if (end >= this.#total) throw new FdtError(token, "name of a node is not terminated");
    this.#align(end + 1, 4);
    return this.#names.add(this.#blob, start, end);
  }

  /** Moves to the next multiple of `alignment`, counted from the block's start. */
  #align(offset: number, alignment: number): void {
    const { start } = this.#struct;
    this.#at = start + (offset - start + alignment - 1 & -alignment);
  }

  #property(node: CompileNode, token: number): void {
    if (this.#at + 8 > this.#total) {
      throw new FdtError(token, "structure ends inside a property");
    }
    const length = readBe32(this.#blob, this.#at);
    const number = this.#propertyName(readBe32(this.#blob, this.#at + 4), token);
    this.#align(this.#at + 8, this.#old && length >= 8 ? 8 : 4);
    const value = this.#at;
    if (length > this.#total - value) {
      const name = this.#names.text(number);
      throw new FdtError(token, `value of ${name} has ${length} bytes, more than are left`);
    }
    if (node.children.length > 0) {
      const name = this.#names.text(number);
      this.#options.irregular(token, `property ${name} of ${node.path} follows a child node`);
    }
    this.#align(value + length, 4);
    const property = this.#current = node.newNumbered(number, this.#current);
    property.setValue(this.#blob, value, value + length);
    node.addProperty(property);
  }

  #propertyName(nameOffset: number, token: number): number {
    const known = this.#propertyNames.get(nameOffset);
    if (known !== undefined) return known;
    const start = this.#strings.start + nameOffset;
    let end = start;
    while (end < this.#strings.end && this.#blob[end] !== 0) end++;
    if (end >= this.#strings.end) {
      const place = `offset ${nameOffset} of the strings block`;
      throw new FdtError(token, `property name at ${place} has no end`);
    }
    this.#namesLeft -= end - start;
    if (this.#namesLeft < 0) {
      const times = `${NAMES_GROWTH_MAX} times the bytes of the strings block`;
      throw new FdtError(token, `property names take more than ${times}`);
    }
    const name = this.#names.add(this.#blob, start, end);
    this.#propertyNames.set(nameOffset, name);
    return name;
  }
}

/** The name of a child by its path and its parent's. */
function childName(offset: number, parent: string, path: string): string {
  if (!path.startsWith(parent)) {
    throw new FdtError(offset, `path ${path} is not that of a child of ${parent}`);
  }
  return path.slice(parent === "/" ? 1 : parent.length + 1);
}
