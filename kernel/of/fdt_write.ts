import { alignUp, writeBe32, writeBe64 } from "./bytes.ts";
import { FDT_BEGIN_NODE, FDT_END, FDT_END_NODE, FDT_MAGIC, FDT_PROP, FDT_V17_SIZE } from "./fdt.ts";
import type { DeviceNode } from "./node.ts";
import type { DeviceTree } from "./tree.ts";

/**
 * Writes a tree in the flattened form, version 17, byte for byte as `dtc -O dtb` does: header, reserve
 * map, structure, strings. A property name that equals the end of an earlier one shares its bytes.
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
  const strings = new StringTable();
  const struct = new ByteBuffer();
  writeStruct(struct, tree.root, strings);
  const reserveSize = 16 * (tree.memreserve.length + 1);
  const structAt = FDT_V17_SIZE + reserveSize;
  const stringsAt = structAt + struct.length;
  const blob = new Uint8Array(stringsAt + strings.bytes.length);
  const header = [
    FDT_MAGIC,
    blob.length,
    structAt,
    stringsAt,
    FDT_V17_SIZE,
    17,
    16,
    tree.bootCpuid,
    strings.bytes.length,
    struct.length,
  ];
  header.forEach((word, index) => writeBe32(blob, 4 * index, word));
  tree.memreserve.forEach(({ address, size }, index) => {
    writeBe64(blob, FDT_V17_SIZE + 16 * index, address);
    writeBe64(blob, FDT_V17_SIZE + 16 * index + 8, size);
  });
  blob.set(struct.view(), structAt);
  blob.set(strings.bytes.view(), stringsAt);
  return blob;
}

/** Walks without recursion, so that depth has no limit. */
function writeStruct(out: ByteBuffer, root: DeviceNode, strings: StringTable): void {
  const open: { node: DeviceNode; child: number }[] = [];
  beginNode(out, root, strings);
  open.push({ node: root, child: 0 });
  for (let top = open.at(-1); top !== undefined; top = open.at(-1)) {
    if (top.child < top.node.children.length) {
      const child = top.node.children[top.child++];
      beginNode(out, child, strings);
      open.push({ node: child, child: 0 });
    } else {
      out.word(FDT_END_NODE);
      open.pop();
    }
  }
  out.word(FDT_END);
}

function beginNode(out: ByteBuffer, node: DeviceNode, strings: StringTable): void {
  out.word(FDT_BEGIN_NODE);
  out.text(node.fullName);
  out.align(4);
  for (const { name, value } of node.properties.values()) {
    out.word(FDT_PROP);
    out.word(value.length);
    out.word(strings.offsetOf(name));
    out.append(value);
    out.align(4);
  }
}

/** Names up to this length are found by all their ends; longer ones by search. */
const INDEXED_NAME_MAX = 64;

/** The strings block while it grows. */
class StringTable {
  readonly bytes = new ByteBuffer();
  readonly #ends = new Map<string, number>();
  #long = "";

  /** Offset of the first place where `name` and its NUL stand, added if there is none. */
  offsetOf(name: string): number {
    const known = this.#find(name);
    if (known !== undefined) return known;
    const offset = this.bytes.length;
    this.bytes.text(name);
    this.#long += name + "\0";
    for (let at = Math.max(0, name.length - INDEXED_NAME_MAX); at <= name.length; at++) {
      const end = name.slice(at);
      if (!this.#ends.has(end)) this.#ends.set(end, offset + at);
    }
    return offset;
  }

  #find(name: string): number | undefined {
    if (name.length <= INDEXED_NAME_MAX) return this.#ends.get(name);
    const found = this.#long.indexOf(name + "\0");
    return found < 0 ? undefined : found;
  }
}

/** Bytes that grow at the end. */
export class ByteBuffer {
  #bytes: Uint8Array<ArrayBuffer> = new Uint8Array(256);
  /** Number of bytes so far. */
  length = 0;

  /** What was written; a view that later writes may leave behind. */
  view(): Uint8Array {
    return this.#bytes.subarray(0, this.length);
  }

  /** A big-endian word. */
  word(value: number): void {
    this.#reserve(4);
    writeBe32(this.#bytes, this.length, value);
    this.length += 4;
  }

  /** One byte. */
  byte(value: number): void {
    this.#reserve(1);
    this.#bytes[this.length++] = value;
  }

  /** Bytes as they are. */
  append(bytes: Uint8Array): void {
    this.#reserve(bytes.length);
    this.#bytes.set(bytes, this.length);
    this.length += bytes.length;
  }

  /** One byte for each character, and a NUL. */
  text(text: string): void {
    this.#reserve(text.length + 1);
    for (let at = 0; at < text.length; at++) {
      this.#bytes[this.length + at] = text.charCodeAt(at);
    }
    this.length += text.length;
    this.#bytes[this.length++] = 0;
  }

  /** Zero bytes up to a multiple of `alignment`, a power of two. */
  align(alignment: number): void {
    const length = alignUp(this.length, alignment);
    this.#reserve(length - this.length);
    this.#bytes.fill(0, this.length, length);
    this.length = length;
  }

  #reserve(count: number): void {
    if (this.length + count <= this.#bytes.length) return;
    const grown = new Uint8Array(Math.max(2 * this.#bytes.length, this.length + count));
    grown.set(this.view());
    this.#bytes = grown;
  }
}
