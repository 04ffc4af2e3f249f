/**
 * Open files.
 *
 * Linux: fs/read_write.c, fs/open.c, fs/seq_file.c
 *
 * @module
 */
import { KernelError } from "../errors.ts";
import type { FsType } from "./fs_type.ts";
import type { MemoryFile, OpenFile, RegularFile, SpecialFile } from "./node.ts";

/** How a file is opened. Linux: O_RDONLY … O_NONBLOCK */
export interface OpenOptions {
  readonly read?: boolean;
  readonly write?: boolean;
  /** Make the file when it is missing. */
  readonly create?: boolean;
  /** With `create`: fail with `EEXIST` when it is there. */
  readonly exclusive?: boolean;
  readonly truncate?: boolean;
  /** Every write goes to the end. */
  readonly append?: boolean;
  /** Fail with `EAGAIN` where the call would wait. */
  readonly nonblock?: boolean;
  /** Past all caches of the kernel; `EINVAL` where there are none. Linux: O_DIRECT */
  readonly direct?: boolean;
  /** A write returns when its data is stored. Linux: O_SYNC */
  readonly sync?: boolean;
  /** Permission bits of a file that is made. Default: 0o644. */
  readonly mode?: number;
}

/** What one descriptor, or several, read and write. Linux: struct file */
export interface File {
  /** Kind of what is open. */
  readonly kind: "file" | "dir" | "char" | "block" | "pipe";
  /** True for a terminal. Linux: isatty() */
  readonly tty: boolean;
  /** The next bytes; an empty array at the end. */
  read(count: number): Promise<Uint8Array>;
  /** One `write()`: takes bytes and says how many. */
  write(data: Uint8Array): Promise<number>;
  /** Sets the position, from the start of the file. Throws `ESPIPE` for streams. */
  seek(position: number): undefined;
  fsync(): Promise<undefined>;
  /** Goes past caches from now on, or not. Linux: fcntl(F_SETFL) */
  setDirect(on: boolean): undefined;
  ioctl(command: string, args: readonly number[]): Promise<readonly number[]>;
  /** Size where it has one, otherwise `undefined`. */
  readonly size: number | undefined;
  /** One more descriptor refers to it. Linux: get_file() */
  get(): this;
  /** A descriptor is gone; the last one closes it. Linux: fput() */
  put(): Promise<undefined>;
}

/** What all kinds of open files share: counting descriptors. */
export abstract class BaseFile implements File {
  abstract readonly kind: File["kind"];
  readonly tty: boolean = false;
  #references = 1;

  abstract read(count: number): Promise<Uint8Array>;
  abstract write(data: Uint8Array): Promise<number>;

  get size(): number | undefined {
    return undefined;
  }

  seek(_position: number): undefined {
    throw new KernelError("ESPIPE", "a stream has no positions");
  }

  async fsync(): Promise<undefined> {}

  setDirect(_on: boolean): undefined {}

  async ioctl(command: string, _args: readonly number[]): Promise<readonly number[]> {
    throw new KernelError("ENOTTY", `${command}: not for this file`);
  }

  /** The last descriptor is gone. */
  protected async close(): Promise<undefined> {}

  get(): this {
    this.#references++;
    return this;
  }

  async put(): Promise<undefined> {
    if (--this.#references === 0) await this.close();
  }
}

function refuseDirection(code: "EBADF", direction: string): never {
  throw new KernelError(code, `the file is not open for ${direction}`);
}

/** A file whose text is made at the first read. Linux: seq_file, kernfs_fop_read_iter() */
export class GeneratedFile extends BaseFile {
  readonly kind = "file";
  #content: Uint8Array | undefined;
  #position = 0;

  constructor(
    readonly inode: RegularFile,
    readonly type: FsType,
    readonly options: OpenOptions,
  ) {
    super();
  }

  override get size(): number {
    return this.inode.size;
  }

  async read(count: number): Promise<Uint8Array> {
    const { inode, type } = this;
    if (!this.options.read) refuseDirection("EBADF", "reading");
    if (inode.read === undefined) {
      throw new KernelError(type.missingOperation, "the file cannot be read");
    }
    if (this.#content === undefined || this.#position === 0) this.#content = await inode.read();
    const bytes = this.#content.slice(this.#position, this.#position + count);
    this.#position += bytes.length;
    return bytes;
  }

  async write(data: Uint8Array): Promise<number> {
    const { inode, type, options } = this;
    if (!options.write) refuseDirection("EBADF", "writing");
    if (inode.write === undefined) {
      throw new KernelError(type.missingOperation, "the file cannot be written");
    }
    await inode.write(data, { append: options.append ?? false });
    this.#position += data.length;
    return data.length;
  }

  override seek(position: number): undefined {
    this.#position = position;
  }
}

/** A file in memory. Linux: shmem_file_read_iter() */
export class StoredFile extends BaseFile {
  readonly kind = "file";
  #position = 0;

  constructor(readonly inode: MemoryFile, readonly options: OpenOptions) {
    super();
    if (options.truncate && options.write) inode.truncate(0);
  }

  override get size(): number {
    return this.inode.size;
  }

  async read(count: number): Promise<Uint8Array> {
    if (!this.options.read) refuseDirection("EBADF", "reading");
    const bytes = this.inode.pread(count, this.#position);
    this.#position += bytes.length;
    return bytes;
  }

  async write(data: Uint8Array): Promise<number> {
    if (!this.options.write) refuseDirection("EBADF", "writing");
    if (this.options.append) this.#position = this.inode.size;
    this.inode.pwrite(data, this.#position);
    this.#position += data.length;
    return data.length;
  }

  override seek(position: number): undefined {
    this.#position = position;
  }
}

/** A directory that is open: it can be closed. */
export class DirectoryFile extends BaseFile {
  readonly kind = "dir";

  async read(): Promise<Uint8Array> {
    throw new KernelError("EISDIR", "a directory cannot be read");
  }

  async write(): Promise<number> {
    return refuseDirection("EBADF", "writing");
  }
}

/** A device. Linux: struct file of chrdev_open(), blkdev_open() */
export class DeviceFile extends BaseFile {
  readonly kind: "char" | "block";
  #position = 0;

  constructor(
    readonly inode: SpecialFile,
    readonly handle: OpenFile,
    readonly options: OpenOptions,
  ) {
    super();
    this.kind = inode.kind;
  }

  override get size(): number | undefined {
    return this.handle.size?.();
  }

  async read(count: number): Promise<Uint8Array> {
    if (!this.options.read) refuseDirection("EBADF", "reading");
    const bytes = await this.handle.read(count, this.#position);
    this.#position += bytes.length;
    return bytes;
  }

  async write(data: Uint8Array): Promise<number> {
    if (!this.options.write) refuseDirection("EBADF", "writing");
    const count = await this.handle.write(data, this.#position);
    this.#position += count;
    return count;
  }

  override seek(position: number): undefined {
    this.#position = position;
  }

  override async fsync(): Promise<undefined> {
    if (this.handle.fsync === undefined) throw new KernelError("EINVAL", "nothing is stored here");
    await this.handle.fsync();
  }

  override setDirect(on: boolean): undefined {
    this.handle.setDirect?.(on);
  }

  override async ioctl(command: string, args: readonly number[]): Promise<readonly number[]> {
    if (this.handle.ioctl === undefined) return await super.ioctl(command, args);
    return await this.handle.ioctl(command, args);
  }

  protected override async close(): Promise<undefined> {
    await this.handle.close();
  }
}
