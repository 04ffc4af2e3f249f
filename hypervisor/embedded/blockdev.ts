/**
 * What is behind a disk: a raw image in a file, in memory, or nothing at all.
 *
 * @module
 */
import type { Host, HostFile } from "../host.ts";
import { Claimable } from "./claim.ts";

/** Size of a sector in bytes; a disk is whole sectors, also where its image is not. */
export const SECTOR_SIZE = 512;

/** The options of `-drive`; the names are QEMU's. */
export interface DriveOptions {
  /** Name of the drive. */
  readonly id: string;
  /** Kind of image. Default `"raw"`. `"null-co"` reads as zeros and forgets what is written. */
  readonly format?: string;
  /** Path of the image. */
  readonly file?: string;
  /** Whether writes fail. Default false. */
  readonly readonly?: boolean;
  /** `writeback` (default), `none`, `writethrough`, `directsync` or `unsafe`. */
  readonly cache?: string;
  /** `ignore` (default) or `unmap`: whether a discard makes sectors zero. */
  readonly discard?: string;
  /** Size of a `null-co` image in bytes. Default 1 GiB. */
  readonly size?: number;
}

/** A raw image. Offsets and lengths are in bytes; the caller keeps them within {@linkcode size}. */
export abstract class BlockBackend extends Claimable {
  /** Whether writes fail. */
  readonly readOnly: boolean;
  /** Whether a discard makes sectors zero; else it does nothing. */
  readonly unmap: boolean;
  /** Whether writes may stay in a cache until the next flush; the device sets it. */
  writeback: boolean;
  /** What the host said when it last refused something; the guest only sees an I/O error. */
  lastError: Error | undefined;
  #resized: (() => undefined) | undefined;

  /** @param options The drive's options. */
  constructor(options: DriveOptions) {
    super(options.id);
    this.readOnly = options.readonly ?? false;
    this.unmap = options.discard === "unmap" || options.discard === "on";
    this.writeback = options.cache !== "writethrough" && options.cache !== "directsync";
  }

  /** Size in bytes. */
  abstract readonly size: number;
  /** Copies from the image to RAM. Throws when the host cannot. */
  abstract read(offset: number, ram: Uint8Array, at: number, length: number): undefined;
  /** Copies from RAM to the image. */
  abstract write(offset: number, ram: Uint8Array, at: number, length: number): undefined;
  /** Makes a part of the image zero. */
  abstract writeZeroes(offset: number, length: number): undefined;
  /** Returns when what was written is on stable storage. */
  abstract flush(): undefined;
  /** Changes the size. */
  protected abstract truncate(size: number): undefined;
  /** Lets go of the image. */
  abstract close(): undefined;

  /** Forgets a part of the image, if the drive says so. */
  discard(offset: number, length: number): undefined {
    if (this.unmap) this.writeZeroes(offset, length);
  }

  /** Hears when the size has changed. */
  onResize(listener: () => undefined): undefined {
    this.#resized = listener;
  }

  /**
   * Changes the size, up to a whole sector, and tells the device. QEMU: QMP `block_resize`.
   *
   * @param size New size in bytes.
   * @throws {Error} When the size is no such number or the image is read-only.
   */
  resize(size: number): undefined {
    if (!(Number.isSafeInteger(size) && size >= 0)) {
      throw new Error("Parameter 'size' expects a >0 size");
    }
    if (this.readOnly) throw new Error(`Cannot resize '${this.id}': the image is read-only`);
    this.truncate(wholeSectors(size));
    this.#resized?.();
  }

  protected inUse(_property: string): string {
    return `Drive '${this.id}' is already in use by another device`;
  }
}

/** An image in memory. */
export class MemoryBlock extends BlockBackend {
  #bytes: Uint8Array;

  /**
   * @param bytes The image. It is used in place, but for one that ends within a sector: that is copied.
   */
  constructor(bytes: Uint8Array, options: DriveOptions) {
    super(options);
    this.#bytes = bytes;
    if (bytes.length % SECTOR_SIZE !== 0) this.truncate(wholeSectors(bytes.length));
  }

  get size(): number {
    return this.#bytes.length;
  }

  /** The image itself. */
  get bytes(): Uint8Array {
    return this.#bytes;
  }

  read(offset: number, ram: Uint8Array, at: number, length: number): undefined {
    ram.set(this.#bytes.subarray(offset, offset + length), at);
  }

  write(offset: number, ram: Uint8Array, at: number, length: number): undefined {
    this.#bytes.set(ram.subarray(at, at + length), offset);
  }

  writeZeroes(offset: number, length: number): undefined {
    this.#bytes.fill(0, offset, offset + length);
  }

  flush(): undefined {}

  protected truncate(size: number): undefined {
    const bytes = new Uint8Array(size);
    bytes.set(this.#bytes.subarray(0, size));
    this.#bytes = bytes;
  }

  close(): undefined {}
}

/** QEMU's `null-co` with `read-zeroes=on`: any size, no memory. */
export class NullBlock extends BlockBackend {
  #size: number;

  /** @param options The drive's options; `size` counts. */
  constructor(options: DriveOptions) {
    super(options);
    this.#size = wholeSectors(options.size ?? 1 << 30);
  }

  get size(): number {
    return this.#size;
  }

  read(_offset: number, ram: Uint8Array, at: number, length: number): undefined {
    ram.fill(0, at, at + length);
  }

  write(): undefined {}
  writeZeroes(): undefined {}
  flush(): undefined {}

  protected truncate(size: number): undefined {
    this.#size = size;
  }

  close(): undefined {}
}

/** An image in a file of the host. */
export class FileBlock extends BlockBackend {
  readonly #file: HostFile;
  readonly #unsafe: boolean;
  #size: number;

  /**
   * @param file The open file; it is closed with the backend.
   * @param options The drive's options; `cache` counts.
   */
  constructor(file: HostFile, options: DriveOptions) {
    super(options);
    this.#file = file;
    this.#unsafe = options.cache === "unsafe";
    this.#size = wholeSectors(file.size());
  }

  get size(): number {
    return this.#size;
  }

  /** Behind the file's end there are zeros. */
  read(offset: number, ram: Uint8Array, at: number, length: number): undefined {
    const count = this.#file.readAt(offset, ram.subarray(at, at + length));
    ram.fill(0, at + count, at + length);
  }

  write(offset: number, ram: Uint8Array, at: number, length: number): undefined {
    this.#file.writeAt(offset, ram.subarray(at, at + length));
  }

  writeZeroes(offset: number, length: number): undefined {
    const zeros = new Uint8Array(Math.min(length, 1 << 16));
    for (let done = 0; done < length; done += zeros.length) {
      this.#file.writeAt(offset + done, zeros.subarray(0, Math.min(zeros.length, length - done)));
    }
  }

  flush(): undefined {
    if (!this.#unsafe && !this.readOnly) this.#file.sync();
  }

  protected truncate(size: number): undefined {
    this.#file.truncate(size);
    this.#size = size;
  }

  close(): undefined {
    this.#file.close();
  }
}

/** An image that ends within a sector has that sector too. QEMU: bdrv_nb_sectors() */
function wholeSectors(size: number): number {
  return Math.ceil(size / SECTOR_SIZE) * SECTOR_SIZE;
}

/**
 * Opens the image of a `-drive`.
 *
 * @param host Where files are; `undefined` when there are none.
 * @throws {Error} One line that names the file and says what is wrong.
 */
export function openDrive(options: DriveOptions, host: Host | undefined): BlockBackend {
  const format = options.format ?? "raw";
  if (format === "null-co") return new NullBlock(options);
  if (format !== "raw") throw new Error(`Unknown driver '${format}'; known: raw, null-co`);
  const { file: path } = options;
  if (path === undefined) throw new Error("Device needs media, but drive is empty");
  if (!host) throw new Error(`Could not open '${path}': this program has no files`);
  return new FileBlock(host.openFile(path, options.readonly ? "read" : "read-write"), options);
}
