/**
 * One request of the driver as its device sees it: the chain of buffers behind a head, checked once
 * and then read and written in place.
 *
 * @module
 */

/**
 * Pieces of guest RAM, in the order of the chain. The object is reused: it holds what it says only
 * until its element is pushed.
 */
export class Segments {
  /** Number of pieces. */
  count = 0;
  /** Number of bytes in all pieces. */
  length = 0;
  /** Where each piece starts, in bytes from the start of RAM. */
  readonly offsets: number[] = [];
  /** How long each piece is, in bytes. */
  readonly lengths: number[] = [];
}

/**
 * A chain of buffers taken from a queue.
 *
 * `out` is what the device may read, `in` what it may write (VIRTIO 1.4, 2.7.4). Positions in both
 * count from their first byte and run over the borders of pieces, since a driver may cut its
 * buffers as it likes (2.7.4.1). Nothing past the end is touched.
 */
export class VirtqueueElement {
  /** Index of the chain's first descriptor; what the driver gets back. */
  head = 0;
  /** Device-readable pieces. */
  readonly out: Segments = new Segments();
  /** Device-writable pieces. */
  readonly in: Segments = new Segments();
  /**
   * The queue's own: the next element in its list of spare ones.
   *
   * @internal
   */
  nextSpare: VirtqueueElement | undefined;
  /**
   * The queue's own: nobody uses it.
   *
   * @internal
   */
  isSpare = false;
  readonly #ram: Uint8Array;
  readonly #view: DataView;

  /**
   * Makes an empty element over guest RAM; queues make and reuse them.
   *
   * @internal
   */
  constructor(ram: Uint8Array, view: DataView) {
    this.#ram = ram;
    this.#view = view;
  }

  /** Number of bytes that the device may read. */
  get outLength(): number {
    return this.out.length;
  }

  /** Number of bytes that the device may write. */
  get inLength(): number {
    return this.in.length;
  }

  /** Returns piece `index` of what the device may read, without copying. */
  outView(index: number): Uint8Array {
    return this.#piece(this.out, index);
  }

  /** Returns piece `index` of what the device may write, without copying. */
  inView(index: number): Uint8Array {
    return this.#piece(this.in, index);
  }

  /** Copies from position `position` of the readable bytes until `into` is full or they end; returns the count. */
  readOut(position: number, into: Uint8Array): number {
    return this.#read(this.out, position, into);
  }

  /** Copies `data` to position `position` of the writable bytes; returns how many bytes found room. */
  writeIn(position: number, data: Uint8Array): number {
    const { count, offsets, lengths } = this.in;
    if (count === 1 && position + data.length <= lengths[0]) {
      this.#ram.set(data, offsets[0] + position);
      return data.length;
    }
    let done = 0;
    for (let i = 0; i < count && done < data.length; i++) {
      const start = Math.min(position, lengths[i]);
      const room = Math.min(lengths[i] - start, data.length - done);
      this.#ram.set(data.subarray(done, done + room), offsets[i] + start);
      position -= start;
      done += room;
    }
    return done;
  }

  /** Writes `length` bytes of `value` at position `position` of the writable bytes; returns how many found room. */
  fillIn(position: number, length: number, value: number): number {
    const { count, offsets, lengths } = this.in;
    let done = 0;
    for (let i = 0; i < count && done < length; i++) {
      const start = Math.min(position, lengths[i]);
      const room = Math.min(lengths[i] - start, length - done);
      this.#ram.fill(value, offsets[i] + start, offsets[i] + start + room);
      position -= start;
      done += room;
    }
    return done;
  }

  /** Returns the readable byte at `position`, 0 past the end. */
  outU8(position: number): number {
    const { count, offsets, lengths } = this.out;
    for (let i = 0; i < count; i++) {
      if (position < lengths[i]) return this.#ram[offsets[i] + position];
      position -= lengths[i];
    }
    return 0;
  }

  /** Returns the readable little-endian 16-bit number at `position`. */
  outU16(position: number): number {
    return this.outU8(position) | this.outU8(position + 1) << 8;
  }

  /** Returns the readable little-endian 32-bit number at `position`. */
  outU32(position: number): number {
    if (position + 4 <= this.out.lengths[0] && this.out.count > 0) {
      return this.#view.getUint32(this.out.offsets[0] + position, true);
    }
    return this.outU16(position) + this.outU16(position + 2) * 0x10000;
  }

  /** Returns the readable little-endian 64-bit number at `position`; exact up to 2^53. */
  outU64(position: number): number {
    return this.outU32(position) + this.outU32(position + 4) * 0x1_0000_0000;
  }

  /** Writes one byte at `position` of the writable bytes; past the end it is dropped. */
  setInU8(position: number, value: number): undefined {
    const { count, offsets, lengths } = this.in;
    for (let i = 0; i < count; i++) {
      if (position < lengths[i]) {
        this.#ram[offsets[i] + position] = value;
        return;
      }
      position -= lengths[i];
    }
  }

  /** Writes a little-endian 16-bit number at `position` of the writable bytes. */
  setInU16(position: number, value: number): undefined {
    this.setInU8(position, value & 0xff);
    this.setInU8(position + 1, value >>> 8 & 0xff);
  }

  #piece(segments: Segments, index: number): Uint8Array {
    const offset = segments.offsets[index];
    return this.#ram.subarray(offset, offset + segments.lengths[index]);
  }

  #read(segments: Segments, position: number, into: Uint8Array): number {
    const { count, offsets, lengths } = segments;
    let done = 0;
    for (let i = 0; i < count && done < into.length; i++) {
      const start = Math.min(position, lengths[i]);
      const size = Math.min(lengths[i] - start, into.length - done);
      const offset = offsets[i] + start;
      into.set(this.#ram.subarray(offset, offset + size), done);
      position -= start;
      done += size;
    }
    return done;
  }
}
