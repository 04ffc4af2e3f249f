/**
 * What files, directories, links and device nodes are to the rest of the kernel. sysfs, procfs,
 * debugfs, devtmpfs and tmpfs are all made of these, so scripts and the guest shell see one tree.
 *
 * @module
 */

/** Anything with a name in some directory. Linux: struct inode */
export type Inode = Directory | RegularFile | Symlink | SpecialFile;

/** Linux: a directory inode. */
export interface Directory {
  readonly kind: "dir";
  /** Permission bits, for example 0o755. */
  readonly mode: number;
  /** The entry called `name`. */
  lookup(name: string): Inode | undefined;
  /** Names of all entries, in no particular order. */
  names(): Iterable<string>;
  /** Makes a regular file (tmpfs); absent where that is not permitted. */
  create?(name: string): RegularFile;
  /** Makes a directory (tmpfs). */
  mkdir?(name: string): Directory;
  /** Removes an entry (tmpfs). */
  unlink?(name: string): undefined;
}

/** A file whose content is made when it is read (sysfs, procfs) or kept (tmpfs). */
export interface RegularFile {
  readonly kind: "file";
  /** Permission bits, for example 0o444. */
  readonly mode: number;
  /** Size that `stat` shows: 4096 for a sysfs attribute, 0 for procfs. */
  readonly size: number;
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
  readonly read: boolean;
  readonly write: boolean;
  /** Never wait: `EAGAIN` instead (O_NONBLOCK). */
  readonly nonblock?: boolean;
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
  /** Size in bytes of a block device. */
  size?(): number;
  /** The last reference is gone. */
  close(): Promise<undefined>;
}

const encoder = new TextEncoder();

/** A file whose text is made anew at each read. Linux: seq_file */
export function textFile(read: () => string | Promise<string>, mode = 0o444): RegularFile {
  return { kind: "file", mode, size: 0, read: async () => encoder.encode(await read()) };
}

/** A directory that is a plain list of entries: `/proc`, `/sys/kernel/debug`, `/dev`. */
export class PlainDirectory implements Directory {
  readonly kind = "dir";
  readonly entries = new Map<string, Inode>();

  constructor(readonly mode = 0o755) {}

  lookup(name: string): Inode | undefined {
    return this.entries.get(name);
  }

  names(): Iterable<string> {
    return this.entries.keys();
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
