/**
 * How kinds of file systems differ where user space can see it: order of a directory, and what is
 * refused how.
 *
 * @module
 */
import type { Errno } from "../errno.ts";
import { compareBytes, kernfsCompare } from "./order.ts";

/** What happens when somebody wants an entry to be made or removed. */
export interface Refusals {
  /** Opening a missing file to create it. */
  readonly create: Errno;
  /** Making or removing directories, links and nodes, and removing files. */
  readonly change: Errno;
}

/** A kind of file system. Linux: struct file_system_type */
export interface FsType {
  readonly name: string;
  /** Names in the order in which `getdents()` gives them, out of the order in which they were added. */
  order(names: string[]): string[];
  /** Absent where entries may be made and removed. */
  readonly refuses?: Refusals;
  /** Files without the permission bit refuse to be opened, even for root. Linux: KERNFS_ROOT_EXTRA_OPEN_PERM_CHECK */
  readonly checksBits: boolean;
  /** What reading or writing gives where a file has no such operation. */
  readonly missingOperation: Errno;
  /** Permission bits of its root, where they are not the directory's own. */
  readonly rootMode?: number;
  /** Size of a symbolic link is its length. */
  readonly linkSizes: boolean;
}

/** Names are hashed. Linux: fs/sysfs, fs/kernfs */
export const SYSFS_TYPE: FsType = {
  name: "sysfs",
  order: (names) => names.sort(kernfsCompare),
  refuses: { create: "EACCES", change: "EPERM" },
  checksBits: true,
  missingOperation: "EIO",
  rootMode: 0o555,
  linkSizes: false,
};

/** Links to the folder of whoever reads them: they come last. Linux: proc_root_readdir() */
const PROC_SELF = ["self", "thread-self"];

/** Names are kept by length, then by bytes. Linux: fs/proc/generic.c, proc_match() */
export const PROC_TYPE: FsType = {
  name: "proc",
  order: (names) =>
    names.sort((a, b) =>
      PROC_SELF.indexOf(a) - PROC_SELF.indexOf(b) || a.length - b.length || compareBytes(a, b)
    ),
  refuses: { create: "ENOENT", change: "EPERM" },
  checksBits: false,
  missingOperation: "EIO",
  linkSizes: false,
};

const newestFirst = (names: string[]) => names.reverse();

/** Linux: fs/debugfs */
export const DEBUGFS_TYPE: FsType = {
  name: "debugfs",
  order: newestFirst,
  refuses: { create: "EACCES", change: "EPERM" },
  checksBits: false,
  missingOperation: "EINVAL",
  linkSizes: true,
};

/** Linux: mm/shmem.c */
export const TMPFS_TYPE: FsType = {
  name: "tmpfs",
  order: newestFirst,
  checksBits: false,
  missingOperation: "EINVAL",
  linkSizes: true,
};

/** What the first processes see as `/`. Linux: init/do_mounts.c */
export const ROOTFS_TYPE: FsType = { ...TMPFS_TYPE, name: "rootfs" };

/** A tmpfs that the driver core fills. Linux: drivers/base/devtmpfs.c */
export const DEVTMPFS_TYPE: FsType = { ...TMPFS_TYPE, name: "devtmpfs" };
