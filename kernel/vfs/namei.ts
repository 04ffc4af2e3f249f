/**
 * Finding files by their path.
 *
 * Linux: fs/namei.c
 *
 * @module
 */
import { KernelError } from "../errors.ts";
import type { FsType } from "./fs_type.ts";
import type { Directory, Inode } from "./node.ts";

/** Links that one walk follows at most. Linux: MAXSYMLINKS */
const MAXSYMLINKS = 40;
/** Bytes that a name has at most. Linux: NAME_MAX */
const NAME_MAX = 255;
/** Bytes that a path has at most, with its terminator. Linux: PATH_MAX */
const PATH_MAX = 4096;

/** A file system at its place in the tree. Linux: struct mount */
export interface Mount {
  readonly type: FsType;
  /** First word of its line in `/proc/mounts`. */
  readonly source: string;
  readonly path: string;
  readonly root: Directory;
  readonly options: string;
}

/** An entry of the tree with the way to it. Linux: struct path */
export interface Place {
  /** Its name; empty for the root. */
  readonly name: string;
  readonly inode: Inode;
  readonly mount: Mount;
  /** The directory that it was found in; the root has none. */
  readonly parent: Place | undefined;
}

/** The path from the root without links, `.` and `..`. Linux: d_path() */
export function placePath(place: Place): string {
  if (place.parent === undefined) return "/";
  const above = placePath(place.parent);
  return above === "/" ? `/${place.name}` : `${above}/${place.name}`;
}

/** What a walk needs to know of the tree. */
export interface Namespace {
  readonly rootPlace: Place;
  /** The file system mounted on a directory. */
  mountOn(inode: Inode): Mount | undefined;
  /** Somebody looks whether a folder has an entry. */
  noteLookup(folder: Place, name: string): undefined;
}

/** The entry `name` of the directory `place`; `undefined` when there is none. Linux: lookup_fast(), traverse_mounts() */
export function lookupChild(ns: Namespace, place: Place, name: string): Place | undefined {
  ns.noteLookup(place, name);
  const inode = (place.inode as Directory).lookup(name);
  if (inode === undefined) return undefined;
  const mounted = ns.mountOn(inode);
  return mounted === undefined
    ? { name, inode, mount: place.mount, parent: place }
    : { name, inode: mounted.root, mount: mounted, parent: place };
}

function checkDirectory(place: Place, path: string): undefined {
  if (place.inode.kind !== "dir") throw new KernelError("ENOTDIR", `${path}: not a directory`);
}

function checkLength(path: string): undefined {
  if (path === "") throw new KernelError("ENOENT", "the empty path names nothing");
  if (path.length >= PATH_MAX) throw new KernelError("ENAMETOOLONG", "the path is too long");
}

/** How the last component of a path is treated. */
export interface WalkOptions {
  /** Where a relative path starts. */
  readonly from: Place;
  /** Follow a link in the last component. */
  readonly follow: boolean;
}

/**
 * Finds what `path` names.
 *
 * Linux: path_lookupat()
 *
 * @throws {KernelError} `ENOENT`, `ENOTDIR`, `ELOOP`, `ENAMETOOLONG`.
 */
export function walk(ns: Namespace, path: string, options: WalkOptions): Place {
  checkLength(path);
  let place = path.startsWith("/") ? ns.rootPlace : options.from;
  const rest = path.split("/").filter((name) => name !== "").reverse();
  const wantsDirectory = path.endsWith("/");
  let links = 0;
  while (rest.length > 0) {
    const name = rest.pop() as string;
    checkDirectory(place, path);
    if (name === ".") continue;
    if (name === "..") {
      place = place.parent ?? place;
      continue;
    }
    if (name.length > NAME_MAX) {
      throw new KernelError("ENAMETOOLONG", `${path}: a name is too long`);
    }
    const child = lookupChild(ns, place, name);
    if (child === undefined) {
      throw new KernelError("ENOENT", `${path}: no such file or directory`);
    }
    if (
      child.inode.kind !== "link" || (rest.length === 0 && !options.follow && !wantsDirectory)
    ) {
      place = child;
      continue;
    }
    if (++links > MAXSYMLINKS) throw new KernelError("ELOOP", `${path}: too many links`);
    const { target } = child.inode;
    if (target.startsWith("/")) place = ns.rootPlace;
    rest.push(...target.split("/").filter((part) => part !== "").reverse());
  }
  if (wantsDirectory) checkDirectory(place, path);
  return place;
}

/** The directory of a path's last component, and that component's name. */
export interface ParentAndName {
  readonly parent: Place;
  readonly name: string;
}

/**
 * Finds the directory in which `path` would be made.
 *
 * Linux: filename_parentat()
 *
 * @throws {KernelError} As {@linkcode walk} does; `EEXIST` for `/`, `.` and `..`.
 */
export function walkParent(ns: Namespace, path: string, from: Place): ParentAndName {
  checkLength(path);
  const trimmed = path.replace(/\/+$/, "");
  const slash = trimmed.lastIndexOf("/");
  const name = trimmed.slice(slash + 1);
  if (name === "" || name === "." || name === "..") {
    throw new KernelError("EEXIST", `${path}: cannot be made`);
  }
  const above = slash < 0 ? "." : trimmed.slice(0, slash + 1);
  const parent = walk(ns, above, { from, follow: true });
  checkDirectory(parent, path);
  return { parent, name };
}
