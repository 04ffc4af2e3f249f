/**
 * The file tree of user space: what is mounted where, and the calls that work on paths.
 *
 * Linux: fs/namespace.c, fs/open.c, fs/namei.c, fs/stat.c
 *
 * @module
 */
import { DEVICES, SYSFS } from "../base/device.ts";
import { KernelError } from "../errors.ts";
import type { Kernel } from "../kernel.ts";
import { Slot } from "../slot.ts";
import {
  DeviceFile,
  DirectoryFile,
  type File,
  GeneratedFile,
  type OpenOptions,
  StoredFile,
} from "./file.ts";
import {
  DEBUGFS_TYPE,
  DEVTMPFS_TYPE,
  type FsType,
  PROC_TYPE,
  ROOTFS_TYPE,
  SYSFS_TYPE,
} from "./fs_type.ts";
import {
  lookupChild,
  type Mount,
  type Namespace,
  type ParentAndName,
  type Place,
  placePath,
  walk,
  walkParent,
} from "./namei.ts";
import { type Directory, type Inode, PlainDirectory, type SpecialFile } from "./node.ts";
import { compareBytes } from "./order.ts";
import { TmpFile } from "./tmpfs.ts";

/** What `stat()` says about a file. Linux: struct kstat */
export interface Stat {
  /** What it is. Linux: S_IFMT */
  readonly kind: "dir" | "file" | "link" | "char" | "block";
  /** Permission bits. */
  readonly mode: number;
  /** Size in bytes; a file of sysfs shows a page, one of procfs 0. */
  readonly size: number;
  /** Number of names it has. */
  readonly nlink: number;
  /** First part of a device node's number; 0 for others. */
  readonly major: number;
  /** Second part of a device node's number; 0 for others. */
  readonly minor: number;
}

/** What to mount. */
export interface MountSpec {
  readonly type: FsType;
  readonly source: string;
  readonly root: Directory;
  /** Fourth word in `/proc/mounts`. Default: `"rw,relatime"`. */
  readonly options?: string;
}

const LINK_MODE = 0o777;
/** What an entry adds to the size of a directory in memory. Linux: BOGO_DIRENT_SIZE */
const DIRENT_SIZE = 20;

/** The file tree of one kernel. */
export class Vfs implements Namespace {
  /** In the order in which they were mounted. */
  readonly mounts: Mount[] = [];
  readonly rootPlace: Place;
  /** The root's own directory. */
  readonly root: PlainDirectory = new PlainDirectory(0o755);

  readonly #kernel: Kernel;
  /** What is mounted on a directory. */
  readonly #covered = new Map<Inode, Mount>();
  /** Permission bits that somebody changed, by path. */
  readonly #modes = new Map<string, number>();

  constructor(kernel: Kernel) {
    this.#kernel = kernel;
    const mount: Mount = {
      type: ROOTFS_TYPE,
      source: "rootfs",
      path: "/",
      root: this.root,
      options: "rw,size=206552k,nr_inodes=51638,inode64",
    };
    this.mounts.push(mount);
    this.rootPlace = { name: "", inode: this.root, mount, parent: undefined };
  }

  noteLookup(folder: Place, name: string): undefined {
    const { access } = this.#kernel;
    if (access === undefined) return;
    const above = placePath(folder);
    access("file", above === "/" ? `/${name}` : `${above}/${name}`, "read");
  }

  /** Somebody looks at all entries of a folder. */
  #noteListing(folder: Place): undefined {
    this.#kernel.access?.("folder", placePath(folder), "read");
  }

  /** Mounts a file system. The directory is made when it is missing. Linux: mount() */
  mount(path: string, spec: MountSpec): undefined {
    const { type, source, root, options = "rw,relatime" } = spec;
    let at: Directory = this.root;
    for (const name of path.split("/").filter((part) => part !== "")) {
      const found = at.lookup(name);
      if (found?.kind === "dir") at = this.mountOn(found)?.root ?? found;
      else if (at instanceof PlainDirectory) at = at.dir(name);
      else throw new KernelError("ENOENT", `${path}: nowhere to mount ${type.name}`);
    }
    this.#covered.set(at, { type, source, path, root, options });
    this.mounts.push(this.#covered.get(at) as Mount);
  }

  /** Takes a file system out of the tree. Throws `EINVAL` where none is mounted. Linux: umount() */
  umount(path: string): undefined {
    const at = this.mounts.findLastIndex((mount) => mount.path === path);
    if (at < 0) throw new KernelError("EINVAL", `${path}: nothing is mounted here`);
    const [mount] = this.mounts.splice(at, 1);
    for (const [inode, known] of this.#covered) {
      if (known === mount) this.#covered.delete(inode);
    }
  }

  mountOn(inode: Inode): Mount | undefined {
    return this.#covered.get(inode);
  }

  /** Finds what a path names. Throws as {@linkcode walk} does. */
  find(path: string, from = this.rootPlace, follow = true): Place {
    return walk(this, path, { from, follow });
  }

  /**
   * Opens a file.
   *
   * Linux: open()
   *
   * @throws {KernelError} As {@linkcode walk} does; `EISDIR` for writing a directory, `EACCES`, or what
   *   the device gives.
   */
  async open(path: string, options: OpenOptions, from = this.rootPlace): Promise<File> {
    const place = options.create ? this.#findOrCreate(path, options, from) : this.find(path, from);
    const { inode, mount: { type } } = place;
    if (inode.kind === "dir") {
      if (options.write || options.create) {
        throw new KernelError("EISDIR", `${path}: is a directory`);
      }
      return new DirectoryFile();
    }
    if (inode.kind === "link") throw new KernelError("ELOOP", `${path}: is a link`);
    const checks = type.checksBits || ("checksBits" in inode && inode.checksBits);
    if (checks) this.#checkBits(path, place, options);
    if (inode.kind !== "block" && options.direct) {
      throw new KernelError("EINVAL", `${path}: has no way past the page cache`);
    }
    if (inode.kind === "file") {
      return "pread" in inode
        ? new StoredFile(inode, options)
        : new GeneratedFile(inode, type, options);
    }
    return await this.#openDevice(inode, options);
  }

  async #openDevice(inode: SpecialFile, options: OpenOptions): Promise<File> {
    const { read = false, write = false, nonblock, direct, sync } = options;
    const handle = await inode.open({
      read,
      write,
      ...(nonblock === undefined ? {} : { nonblock }),
      ...(direct === undefined ? {} : { direct }),
      ...(sync === undefined ? {} : { sync }),
    });
    return new DeviceFile(inode, handle, options);
  }

  /** Even root needs the bits here. Linux: kernfs_fop_open() */
  #checkBits(path: string, place: Place, { read, write }: OpenOptions): undefined {
    const mode = this.#mode(place);
    if ((read && (mode & 0o444) === 0) || (write && (mode & 0o222) === 0)) {
      throw new KernelError("EACCES", `${path}: its permission bits refuse`);
    }
  }

  #findOrCreate(path: string, options: OpenOptions, from: Place): Place {
    let found: Place | undefined;
    try {
      found = this.find(path, from);
    } catch (error) {
      if (!(error instanceof KernelError) || error.code !== "ENOENT") throw error;
    }
    if (found !== undefined) {
      if (options.exclusive) throw new KernelError("EEXIST", `${path}: is there already`);
      return found;
    }
    const { parent, name } = this.#throughLinks(path, from);
    const dir = this.#writable(parent, path, "create");
    dir.add(name, new TmpFile(undefined, options.mode));
    return lookupChild(this, parent, name) as Place;
  }

  /** Where the file is to be made: dangling links in the last component lead on. */
  #throughLinks(path: string, from: Place): ParentAndName {
    const place = walkParent(this, path, from);
    const inode = (place.parent.inode as Directory).lookup(place.name);
    return inode?.kind === "link" ? this.#throughLinks(inode.target, place.parent) : place;
  }

  #writable(place: Place, path: string, what: "create" | "change"): PlainDirectory {
    const { inode, mount: { type } } = place;
    if (type.refuses !== undefined || !(inode instanceof PlainDirectory)) {
      throw new KernelError(type.refuses?.[what] ?? "EPERM", `${path}: ${type.name} refuses`);
    }
    return inode;
  }

  /** Adds an entry where there is none. Throws `EEXIST`, `EPERM`, or as {@linkcode walk} does. */
  #make(path: string, from: Place, inode: Inode): undefined {
    const { parent, name } = walkParent(this, path, from);
    if ((parent.inode as Directory).lookup(name) !== undefined) {
      throw new KernelError("EEXIST", `${path}: is there already`);
    }
    this.#writable(parent, path, "change").add(name, inode);
  }

  /** Linux: mkdir() */
  mkdir(path: string, from = this.rootPlace): undefined {
    this.#make(path, from, new PlainDirectory());
  }

  /** Makes a link at `path` whose text is `target`. Linux: symlink() */
  symlink(target: string, path: string, from = this.rootPlace): undefined {
    this.#make(path, from, { kind: "link", target });
  }

  /** Makes a device node. Opening it gives `ENXIO` where no such device exists. Linux: mknod() */
  mknod(
    path: string,
    device: { kind: "char" | "block"; major: number; minor: number },
    from = this.rootPlace,
  ): undefined {
    const node: SpecialFile = {
      ...device,
      mode: 0o644,
      open: (flags) => this.#registeredNode(device).open(flags),
    };
    this.#make(path, from, node);
  }

  #registeredNode({ kind, major, minor }: {
    kind: string;
    major: number;
    minor: number;
  }): SpecialFile {
    for (const { devt } of this.#kernel.get(DEVICES)) {
      if (devt?.node.kind === kind && devt.major === major && devt.minor === minor) {
        return devt.node;
      }
    }
    throw new KernelError("ENXIO", `${kind} ${major}:${minor}: no such device`);
  }

  /** Removes what is not a directory. Linux: unlink() */
  unlink(path: string, from = this.rootPlace): undefined {
    const place = this.find(path, from, false);
    if (place.inode.kind === "dir") throw new KernelError("EISDIR", `${path}: is a directory`);
    this.#remove(place, path);
  }

  /** Removes an empty directory. Linux: rmdir() */
  rmdir(path: string, from = this.rootPlace): undefined {
    const place = this.find(path, from, false);
    if (place.inode.kind !== "dir") throw new KernelError("ENOTDIR", `${path}: not a directory`);
    if (place.parent === undefined || place.parent.mount !== place.mount) {
      throw new KernelError("EBUSY", `${path}: something is mounted here`);
    }
    this.#writable(place.parent, path, "change");
    for (const _name of place.inode.names()) {
      throw new KernelError("ENOTEMPTY", `${path}: is not empty`);
    }
    this.#remove(place, path);
  }

  #remove(place: Place, path: string): undefined {
    if (place.parent === undefined) throw new KernelError("EBUSY", "/: cannot be removed");
    this.#writable(place.parent, path, "change").remove(place.name);
    this.#modes.delete(placePath(place));
  }

  /** Gives a file another name. Linux: rename() */
  rename(from: string, to: string, cwd = this.rootPlace): undefined {
    const place = this.find(from, cwd, false);
    const target = walkParent(this, to, cwd);
    if (place.parent?.mount !== target.parent.mount) {
      throw new KernelError("EXDEV", `${from}: ${to} is on another file system`);
    }
    const source = this.#writable(place.parent, from, "change");
    const dir = this.#writable(target.parent, to, "change");
    const replaced = dir.lookup(target.name);
    if (replaced === place.inode) return;
    this.#checkRename(place, target.parent, replaced, `${from}: cannot become ${to}`);
    source.remove(place.name);
    dir.add(target.name, place.inode);
    this.#moveModes(placePath(place), placePath({ ...place, ...target }));
  }

  /** Throws when a directory would come into itself, or in place of what it cannot replace. */
  #checkRename(place: Place, into: Place, replaced: Inode | undefined, what: string): undefined {
    for (let above: Place | undefined = into; above !== undefined; above = above.parent) {
      if (above.inode === place.inode) throw new KernelError("EINVAL", `${what}: is inside of it`);
    }
    if (replaced === undefined) return;
    if (place.inode.kind !== "dir") {
      if (replaced.kind === "dir") throw new KernelError("EISDIR", `${what}: is a directory`);
      return;
    }
    if (replaced.kind !== "dir") throw new KernelError("ENOTDIR", `${what}: not a directory`);
    for (const _name of replaced.names()) throw new KernelError("ENOTEMPTY", `${what}: not empty`);
  }

  /** Changed permission bits go with what has a new name, and with all below. */
  #moveModes(from: string, to: string): undefined {
    for (const path of [...this.#modes.keys()]) {
      if (path === to || path.startsWith(`${to}/`)) this.#modes.delete(path);
    }
    for (const [path, mode] of [...this.#modes]) {
      if (path !== from && !path.startsWith(`${from}/`)) continue;
      this.#modes.delete(path);
      this.#modes.set(to + path.slice(from.length), mode);
    }
  }

  /** Changes permission bits. Linux: chmod() */
  chmod(path: string, mode: number, from = this.rootPlace): undefined {
    this.#modes.set(placePath(this.find(path, from)), mode);
  }

  #mode(place: Place): number {
    if (place.inode.kind === "link") return LINK_MODE;
    const { inode, mount } = place;
    const mode = (inode === mount.root ? mount.type.rootMode : undefined) ?? inode.mode;
    return this.#modes.size === 0 ? mode : this.#modes.get(placePath(place)) ?? mode;
  }

  /** Linux: stat(), lstat() without `follow` */
  stat(path: string, from = this.rootPlace, follow = true): Stat {
    return this.statPlace(this.find(path, from, follow));
  }

  /** What `stat()` says about a place that was found. */
  statPlace(place: Place): Stat {
    const { inode, mount } = place;
    if (inode.kind === "dir") this.#noteListing(place);
    let size = 0;
    if (inode.kind === "file") size = inode.size;
    else if (inode.kind === "dir" && mount.type.refuses === undefined) {
      size = DIRENT_SIZE * (2 + [...inode.names()].length);
    } else if (inode.kind === "link" && mount.type.linkSizes) size = inode.target.length;
    const { major = 0, minor = 0 } = "major" in inode ? inode : {};
    const nlink = inode.kind === "dir" ? 2 + countDirectories(inode) : 1;
    return { kind: inode.kind, mode: this.#mode(place), size, nlink, major, minor };
  }

  /** The text of a link. Throws `EINVAL` for anything else. Linux: readlink() */
  readlink(path: string, from = this.rootPlace): string {
    const { inode } = this.find(path, from, false);
    if (inode.kind !== "link") throw new KernelError("EINVAL", `${path}: is not a link`);
    return inode.target;
  }

  /** Names in a directory in its own order, without `.` and `..`. Linux: getdents() */
  readdir(path: string, from = this.rootPlace): string[] {
    const place = this.find(path, from);
    if (place.inode.kind !== "dir") throw new KernelError("ENOTDIR", `${path}: not a directory`);
    this.#noteListing(place);
    return place.mount.type.order([...place.inode.names()]);
  }

  /** Names in a directory by their bytes, as `ls` and patterns have them. */
  sortedNames(place: Place): string[] {
    if (place.inode.kind !== "dir") return [];
    this.#noteListing(place);
    return [...place.inode.names()].sort(compareBytes);
  }

  /** The path without links, `.` and `..`. Linux: realpath() */
  realpath(path: string, from = this.rootPlace): string {
    return placePath(this.find(path, from));
  }

  /** Lines of `/proc/mounts`. Linux: show_vfsmnt() */
  showMounts(): string {
    return this.mounts.map(({ source, path, type, options }) =>
      `${source} ${path} ${type.name} ${options} 0 0\n`
    ).join("");
  }
}

function countDirectories(dir: Directory): number {
  let count = 0;
  for (const name of dir.names()) if (dir.lookup(name)?.kind === "dir") count++;
  return count;
}

/** The file tree of a kernel, with `/proc`, `/sys`, `/dev`, `/sys/kernel/debug` and `/tmp` in place. */
export const VFS: Slot<Vfs> = new Slot("vfs", (kernel) => {
  kernel.get(SYSFS);
  const vfs = new Vfs(kernel);
  const { procfs, sysfs, devtmpfs, debugfs } = kernel;
  vfs.mount("/proc", { type: PROC_TYPE, source: "proc", root: procfs });
  vfs.mount("/sys", { type: SYSFS_TYPE, source: "sysfs", root: sysfs });
  vfs.mount("/dev", {
    type: DEVTMPFS_TYPE,
    source: "devtmpfs",
    root: devtmpfs,
    options: "rw,relatime,size=206552k,nr_inodes=51638,mode=755,inode64",
  });
  vfs.mount("/sys/kernel/debug", { type: DEBUGFS_TYPE, source: "debugfs", root: debugfs });
  vfs.mkdir("/tmp");
  return vfs;
});
