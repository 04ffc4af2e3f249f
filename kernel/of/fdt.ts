import { latin1, ofReadNumber, readBe32 } from "./bytes.ts";
import { type DeviceNode, nodePhandle, Property } from "./node.ts";
import { DeviceTree } from "./tree.ts";

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
/** Bytes of a version 17 header. */
export const FDT_V17_SIZE = 40;
/** Levels of nodes below which Linux does not look. */
export const FDT_MAX_DEPTH = 64;

const FDT_V16_SIZE = 36;
/** Bounds the work for names that overlap in the strings block; real ones have at most 31 bytes. */
const PROPERTY_NAME_MAX = 1024;

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

/** A range of the blob that a block occupies. */
interface Block {
  start: number;
  end: number;
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
  const header = readHeader(blob);
  const tree = new DeviceTree();
  tree.bootCpuid = readBe32(blob, 28);
  readReserveMap(blob, header.reserve, tree);
  new StructReader(blob, header.struct, header.strings, options.maxDepth ?? FDT_MAX_DEPTH)
    .readInto(tree.root);
  return tree;
}

function readHeader(blob: Uint8Array): { struct: Block; strings: Block; reserve: Block } {
  if (blob.length < FDT_V16_SIZE) {
    throw new FdtError(blob.length, `blob ends inside the header of ${FDT_V16_SIZE} bytes`);
  }
  const word = (offset: number) => readBe32(blob, offset);
  if (word(0) !== FDT_MAGIC) {
    throw new FdtError(0, `magic is 0x${word(0).toString(16)}, expected 0xd00dfeed`);
  }
  const total = word(4);
  const version = word(20);
  if (version < 16 || word(24) > 17) {
    throw new FdtError(20, `version ${version} (last compatible ${word(24)}), expected 16 or 17`);
  }
  const headerSize = version < 17 ? FDT_V16_SIZE : FDT_V17_SIZE;
  if (total > blob.length || total < headerSize) {
    throw new FdtError(4, `total size is ${total}, but the blob has ${blob.length} bytes`);
  }
  const block = (name: string, field: number, alignment: number, size?: number): Block => {
    const start = word(field);
    if (start % alignment !== 0) {
      throw new FdtError(field, `${name} starts at ${start}, expected a multiple of ${alignment}`);
    }
    const end = size === undefined ? total : start + size;
    if (start < headerSize || start > total || end > total) {
      throw new FdtError(
        field,
        `${name} (${start} to ${end}) lies outside ${headerSize} to ${total}`,
      );
    }
    return { start, end };
  };
  return {
    struct: block("structure block", 8, 4, version < 17 ? undefined : word(36)),
    strings: block("strings block", 12, 1, word(32)),
    reserve: block("reserve map", 16, 8),
  };
}

function readReserveMap(blob: Uint8Array, block: Block, tree: DeviceTree): void {
  for (let at = block.start; at + 16 <= block.end; at += 16) {
    const address = ofReadNumber(blob, at, 2);
    const size = ofReadNumber(blob, at + 8, 2);
    if (size === 0n) return;
    tree.memreserve.push({ address, size });
  }
  throw new FdtError(block.start, "reserve map has no end");
}

/** One walk over the structure block: every token, name and property is looked at once. */
class StructReader {
  /** Property names by offset in the strings block. */
  readonly #names = new Map<number, string>();
  #at: number;

  constructor(
    readonly blob: Uint8Array,
    readonly struct: Block,
    readonly strings: Block,
    readonly maxDepth: number,
  ) {
    this.#at = struct.start;
  }

  readInto(root: DeviceNode): void {
    this.#beginRoot();
    let node: DeviceNode | undefined = root;
    let depth = 1;
    while (node !== undefined) {
      const start = this.#at;
      const token = this.#token();
      if (token === FDT_PROP) {
        this.#property(node, start);
      } else if (token === FDT_BEGIN_NODE) {
        if (++depth > this.maxDepth) {
          throw new FdtError(start, `nodes are nested deeper than ${this.maxDepth} levels`);
        }
        node = node.addChild(this.#nodeName(start));
      } else if (token === FDT_END_NODE) {
        depth--;
        node = node.parent;
      } else {
        throw new FdtError(
          start,
          token === FDT_END ? `structure ends inside ${node.path}` : `unknown token ${token}`,
        );
      }
    }
    const end = this.#at;
    if (this.#token() !== FDT_END) throw new FdtError(end, "something follows the root node");
  }

  #beginRoot(): void {
    const start = this.#at;
    if (this.#token() !== FDT_BEGIN_NODE) throw new FdtError(start, "no root node");
    if (this.#string(start) !== "") throw new FdtError(start, "the root node has a name");
  }

  /** The next token that is not a NOP. */
  #token(): number {
    for (;;) {
      const start = this.#at;
      if (start + 4 > this.struct.end) {
        throw new FdtError(start, "structure block ends without an end token");
      }
      this.#at = start + 4;
      const token = readBe32(this.blob, start);
      if (token !== FDT_NOP) return token;
    }
  }

  #nodeName(start: number): string {
    const name = this.#string(start);
    if (name === "") throw new FdtError(start, "node without a name");
    return name;
  }

  /** The string at the current place, which is moved behind it. */
  #string(token: number): string {
    const start = this.#at;
    let end = start;
    while (end < this.struct.end && this.blob[end] !== 0) end++;
    if (end >= this.struct.end) throw new FdtError(token, "name of a node is not terminated");
    this.#at = end + 4 & ~3;
    return latin1(this.blob, start, end);
  }

  #property(node: DeviceNode, token: number): void {
    const value = this.#at + 8;
    if (value > this.struct.end) throw new FdtError(token, "structure ends inside a property");
    const length = readBe32(this.blob, this.#at);
    const name = this.#propertyName(readBe32(this.blob, this.#at + 4), token);
    if (length > this.struct.end - value) {
      throw new FdtError(token, `value of ${name} has ${length} bytes, more than are left`);
    }
    if (node.children.length > 0) {
      throw new FdtError(token, `property ${name} of ${node.path} follows a child node`);
    }
    this.#at = value + length + 3 & ~3;
    if (node.properties.has(name)) return; // Linux looks at the first one only.
    node.properties.set(name, new Property(name, this.blob.subarray(value, value + length)));
    if (name.endsWith("phandle")) node.phandle = nodePhandle(node);
  }

  #propertyName(nameOffset: number, token: number): string {
    const known = this.#names.get(nameOffset);
    if (known !== undefined) return known;
    const start = this.strings.start + nameOffset;
    const limit = Math.min(this.strings.end, start + PROPERTY_NAME_MAX + 1);
    let end = start;
    while (end < limit && this.blob[end] !== 0) end++;
    if (end >= limit) {
      throw new FdtError(
        token,
        `property name at offset ${nameOffset} of the strings block has no end`,
      );
    }
    const name = latin1(this.blob, start, end);
    this.#names.set(nameOffset, name);
    return name;
  }
}
