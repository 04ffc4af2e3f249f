/**
 * Writes a flattened device tree, version 17. No more than the machine needs to describe itself; the
 * kernel's reader is written apart from it, so that each is a witness against the other.
 *
 * Devicetree Specification 0.4, 5.
 *
 * @module
 */

const FDT_MAGIC = 0xd00dfeed;
const FDT_VERSION = 17;
const FDT_LAST_COMP_VERSION = 16;
const FDT_BEGIN_NODE = 1;
const FDT_END_NODE = 2;
const FDT_PROP = 3;
const FDT_END = 9;
const HEADER_SIZE = 40;
const RESERVE_MAP_SIZE = 16;

/** Builds a tree from its root on, nodes and properties in the order of the calls. */
export class FdtWriter {
  #bytes = new Uint8Array(16384);
  #view = new DataView(this.#bytes.buffer);
  #at = HEADER_SIZE + RESERVE_MAP_SIZE;
  readonly #names = new Map<string, number>();
  #namesSize = 0;

  /** Opens a node inside the open one; the root's name is empty. */
  beginNode(name: string): undefined {
    this.#u32(FDT_BEGIN_NODE);
    this.#string(name);
    this.#align();
  }

  /** Closes the open node. */
  endNode(): undefined {
    this.#u32(FDT_END_NODE);
  }

  /** Adds a property without a value. */
  flag(name: string): undefined {
    this.#property(name, 0);
  }

  /** Adds a property of 32-bit cells. */
  cells(name: string, ...cells: readonly number[]): undefined {
    this.#property(name, 4 * cells.length);
    for (const cell of cells) this.#u32(cell);
  }

  /** Adds a property of strings. */
  strings(name: string, ...strings: readonly string[]): undefined {
    let size = strings.length;
    for (const string of strings) size += string.length;
    this.#property(name, size);
    for (const string of strings) this.#string(string);
    this.#align();
  }

  /** Ends the tree and returns the blob. */
  finish(): Uint8Array {
    this.#u32(FDT_END);
    const structEnd = this.#at;
    for (const name of this.#names.keys()) this.#string(name);
    const blob = this.#bytes.slice(0, this.#at);
    const structStart = HEADER_SIZE + RESERVE_MAP_SIZE;
    const header = [
      FDT_MAGIC,
      blob.length,
      structStart,
      structEnd,
      HEADER_SIZE,
      FDT_VERSION,
      FDT_LAST_COMP_VERSION,
      0,
      this.#at - structEnd,
      structEnd - structStart,
    ];
    const view = new DataView(blob.buffer);
    for (let i = 0; i < header.length; i++) view.setUint32(4 * i, header[i]);
    return blob;
  }

  #property(name: string, size: number): undefined {
    let nameOffset = this.#names.get(name);
    if (nameOffset === undefined) {
      nameOffset = this.#namesSize;
      this.#names.set(name, nameOffset);
      this.#namesSize += name.length + 1;
    }
    this.#u32(FDT_PROP);
    this.#u32(size);
    this.#u32(nameOffset);
  }

  #u32(value: number): undefined {
    this.#reserve(4);
    this.#view.setUint32(this.#at, value);
    this.#at += 4;
  }

  #string(text: string): undefined {
    this.#reserve(text.length + 1);
    for (let i = 0; i < text.length; i++) this.#bytes[this.#at++] = text.charCodeAt(i);
    this.#bytes[this.#at++] = 0;
  }

  #align(): undefined {
    this.#at = (this.#at + 3) & ~3;
  }

  #reserve(size: number): undefined {
    if (this.#at + size + 4 <= this.#bytes.length) return;
    const bytes = new Uint8Array(2 * this.#bytes.length + size);
    bytes.set(this.#bytes);
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer);
  }
}
