/**
 * What files, directories, links and device nodes are to the rest of the kernel. sysfs, procfs,
 * debugfs, devtmpfs and tmpfs are all made of these, so scripts and the guest shell see one tree.
 *
 * @module
 */

/** Anything with a name in some directory. Linux: struct inode */
export type Inode = Directory | RegularFile | MemoryFile | Symlink | SpecialFile;

/** Linux: a directory inode. */
export interface Directory {
  readonly kind: "dir";
  /** Permission bits, for example 0o755. */
  readonly mode: number;
  /** The entry called `name`. */
  lookup(name: string): Inode | undefined;
  /** Names of all entries, in no particular order. */
  names(): Iterable<string>;
}

/** A file whose content is made when it is read (sysfs, procfs) or kept (tmpfs). */
export interface RegularFile {
  readonly kind: "file";
  /** Permission bits, for example 0o444. */
  readonly mode: number;
  /** Size that `stat` shows: 4096 for a sysfs attribute, 0 for procfs. */
  readonly size: number;
  /** Its permission bits refuse even root. Linux: proc_sys_permission() */
  readonly checksBits?: boolean;
  /**
   * The whole content.
   *
   * @throws {KernelError} With the errno that `read()` gives.
   */
  read?(): Promise<Uint8Array>;
  /**
   * Takes one `write()`.
   *
   * @throws {KernelError} With the errno that `write()` gives.
   */
  write?(data: Uint8Array, options: { append: boolean }): Promise<undefined>;
}

/** A file whose bytes are kept in memory, so that they can be read and written anywhere. */
export interface MemoryFile {
  readonly kind: "file";
  readonly mode: number;
  readonly size: number;
  /** The bytes at `position`, fewer than `count` at the end. */
  pread(count: number, position: number): Uint8Array;
  /** Stores bytes at `position` and fills a gap before them with zeros. */
  pwrite(data: Uint8Array, position: number): undefined;
  /** Cuts off what is behind `size`. */
  truncate(size: number): undefined;
}

/** Linux: a symbolic link. */
export interface Symlink {
  readonly kind: "link";
  /** The text that `readlink` prints. */
  readonly target: string;
}

/** A node in `/dev`. */
export interface SpecialFile {
  readonly kind: "char" | "block";
  readonly mode: number;
  readonly major: number;
  readonly minor: number;
  /**
   * Opens the device.
   *
   * @throws {KernelError} With the errno that `open()` gives.
   */
  open(flags: OpenFlags): Promise<OpenFile>;
}

/** How a device is opened. */
export interface OpenFlags {
  /** To read it (O_RDONLY, O_RDWR). */
  readonly read: boolean;
  /** To write it (O_WRONLY, O_RDWR). */
  readonly write: boolean;
  /** Never wait: `EAGAIN` instead (O_NONBLOCK). */
  readonly nonblock?: boolean;
  /** Past all caches of the kernel (O_DIRECT). */
  readonly direct?: boolean;
  /** A write returns when its data is stored (O_SYNC). */
  readonly sync?: boolean;
}

/** An open device. Linux: struct file with its file_operations */
export interface OpenFile {
  /**
   * Reads up to `count` bytes at `position` (which streams ignore); an empty array at the end.
   *
   * @throws {KernelError} With the errno that `read()` gives.
   */
  read(count: number, position: number): Promise<Uint8Array>;
  /**
   * Writes at `position` (which streams ignore) and returns how many bytes were taken.
   *
   * @throws {KernelError} With the errno that `write()` gives.
   */
  write(data: Uint8Array, position: number): Promise<number>;
  /** Makes sure that what was written is stored. */
  fsync?(): Promise<undefined>;
  /** Goes past caches from now on, or not. Only where `O_DIRECT` is possible. Linux: fcntl(F_SETFL) */
  setDirect?(on: boolean): undefined;
  /** Size in bytes of a block device. */
  size?(): number;
  /**
   * Does what has no other call. Commands have their Linux names (`"BLKROSET"`, `"TIOCGWINSZ"`), numbers
   * go in and come out in the order of the C structure.
   *
   * @throws {KernelError} `ENOTTY` for a command that the device does not know.
   */
  ioctl?(command: string, args: readonly number[]): Promise<readonly number[]>;
  /** The last reference is gone. */
  close(): Promise<undefined>;
}

const encoder = new TextEncoder();

/** A file whose text is made anew at each read. Linux: seq_file */
export function textFile(read: () => string | Promise<string>, mode = 0o444): RegularFile {
  return { kind: "file", mode, size: 0, read: async () => encoder.encode(await read()) };
}

/** Adds entries to a directory when somebody first looks. An object, as a closure here would keep dead kernels alive. */
export interface Filler {
  /** Adds them. */
  fill(): undefined;
}

/** A directory that is a plain list of entries: `/proc`, `/sys/kernel/debug`, `/dev`. */
export class PlainDirectory implements Directory {
  readonly kind = "dir";
  readonly entries: Map<string, Inode> = new Map();
  /** Called once, before somebody looks at all names or for one that is not there. */
  beforeLook: Filler | undefined;

  constructor(readonly mode = 0o755) {}

  lookup(name: string): Inode | undefined {
    const found = this.entries.get(name);
    if (found !== undefined || this.beforeLook === undefined) return found;
    this.#look();
    return this.entries.get(name);
  }

  names(): Iterable<string> {
    this.#look();
    return this.entries.keys();
  }

  #look(): undefined {
    const { beforeLook } = this;
    this.beforeLook = undefined;
    beforeLook?.fill();
  }

  /** Adds an entry and returns it. */
  add<T extends Inode>(name: string, inode: T): T {
    this.entries.set(name, inode);
    return inode;
  }

  /** The directory `name` below, made when it is missing. */
  dir(name: string): PlainDirectory {
    const found = this.entries.get(name);
    if (found instanceof PlainDirectory) return found;
    return this.add(name, new PlainDirectory());
  }

  /** Removes an entry if it is there. */
  remove(name: string): undefined {
    this.entries.delete(name);
  }
}
