/**
 * Kernel objects: the tree behind `/sys`. A kobject is its directory; what it shows is derived from
 * its attribute groups, children and links, so that an object which is gone leaves nothing behind.
 *
 * Linux: lib/kobject.c, fs/sysfs/
 *
 * @module
 */
import type { AccessKind, AccessListener } from "./choice.ts";
import { KernelError } from "./errors.ts";
import type { Directory, Inode, RegularFile, Symlink } from "./vfs/node.ts";

/** Size that `stat` shows for an attribute: a page. */
export const ATTRIBUTE_SIZE = 4096;

/**
 * One file of an object. Linux: struct attribute with its show and store functions.
 *
 * @typeParam O The object that it belongs to.
 */
export interface Attribute<O> {
  /** The file's name. */
  readonly name: string;
  /** Permission bits: 0o444, 0o644, 0o200. */
  readonly mode: number;
  /** The text with its newline. Throws a `KernelError` with what `read()` gives. */
  show?(owner: O): string | Promise<string>;
  /** The bytes of a binary attribute. */
  showBytes?(owner: O): Uint8Array;
  /** Takes what was written, as it was written. Throws a `KernelError` with what `write()` gives. */
  store?(owner: O, value: string): undefined | Promise<undefined>;
  /** Size that `stat` shows for a binary attribute. */
  readonly size?: number;
}

/** Files that come and go together, in a folder of their own when `name` is given. */
export interface AttributeGroup<O> {
  /** The folder's name. Default: the files are in the object's own folder. */
  readonly name?: string;
  /** The files. */
  readonly attrs: readonly Attribute<O>[];
  /** The permission bits to use for this object; 0 hides the file. */
  isVisible?(owner: O, attribute: Attribute<O>): number;
}

const encoder = new TextEncoder();
const decoder = new TextDecoder();

class AttributeFile<O> implements RegularFile {
  readonly kind = "file";
  readonly size: number;

  constructor(readonly owner: O, readonly attribute: Attribute<O>, readonly mode: number) {
    this.size = attribute.size ?? ATTRIBUTE_SIZE;
  }

  async read(): Promise<Uint8Array> {
    const { owner, attribute } = this;
    if (attribute.showBytes !== undefined) return attribute.showBytes(owner);
    if (attribute.show === undefined) {
      throw new KernelError("EIO", `${attribute.name}: cannot be read`);
    }
    if (owner instanceof Kobject) owner.noteState("read");
    return encoder.encode(await attribute.show(owner));
  }

  async write(data: Uint8Array): Promise<undefined> {
    const { owner, attribute } = this;
    if (attribute.store === undefined) {
      throw new KernelError("EIO", `${attribute.name}: cannot be written`);
    }
    if (owner instanceof Kobject) owner.noteState("write");
    await attribute.store(owner, decoder.decode(data));
  }
}

/** A named attribute group: a folder without an object of its own, such as `power`. */
class GroupDirectory<O> implements Directory {
  readonly kind = "dir";
  readonly mode = 0o755;

  constructor(
    readonly owner: O,
    readonly groups: readonly AttributeGroup<O>[],
    /** Gives the same folder of the tree behind. */
    readonly behind: () => Inode | undefined,
  ) {}

  lookup(name: string): Inode | undefined {
    const own = lookupAttribute(this.owner, this.groups, name);
    if (own !== undefined) return own;
    const behind = this.behind();
    return behind?.kind === "dir" ? behind.lookup(name) : undefined;
  }

  *names(): Iterable<string> {
    const own = new Set(this.groups.flatMap((group) => [...attributeNames(this.owner, group)]));
    yield* own;
    const behind = this.behind();
    if (behind?.kind !== "dir") return;
    for (const name of behind.names()) if (!own.has(name)) yield name;
  }
}

function* attributeNames<O>(owner: O, group: AttributeGroup<O>): Iterable<string> {
  for (const attribute of group.attrs) {
    if (group.isVisible === undefined || group.isVisible(owner, attribute) !== 0) {
      yield attribute.name;
    }
  }
}

function lookupAttribute<O>(
  owner: O,
  groups: readonly AttributeGroup<O>[],
  name: string,
): Inode | undefined {
  for (const group of groups) {
    for (const attribute of group.attrs) {
      if (attribute.name !== name) continue;
      const mode = group.isVisible?.(owner, attribute) ?? attribute.mode;
      if (mode !== 0) return new AttributeFile(owner, attribute, mode);
    }
  }
  return undefined;
}

/** A link from one object to another. The text is made from where both are. */
class ObjectLink implements Symlink {
  readonly kind = "link";

  constructor(readonly from: Kobject, readonly to: Kobject) {}

  get target(): string {
    return relativePath(this.from.path, this.to.path);
  }
}

/**
 * The way from the folder `from` to `to`, both absolute: `../../devices/platform`. It ends with the
 * target's own name even where that lies above.
 *
 * Linux: kernfs_get_target_path()
 */
export function relativePath(from: string, to: string): string {
  const source = from.split("/");
  const target = to.split("/");
  let common = 0;
  const last = Math.min(source.length, target.length - 1);
  while (common < last && source[common] === target[common]) common++;
  return [...Array(source.length - common).fill(".."), ...target.slice(common)].join("/");
}

/** An object with a folder in sysfs. Linux: struct kobject, struct kset */
export class Kobject implements Directory {
  readonly kind = "dir";
  readonly mode = 0o755;
  /** Where it hangs; `undefined` for the root and for objects that are not in the tree. */
  parent: Kobject | undefined;

  /** Gives a tree that user space sees behind this one. Only the root may have it. */
  behind: { readonly root: Kobject } | undefined;

  /** Hears for the ordering lab what becomes of the tree. Only the root has it. */
  listener: { readonly access: AccessListener | undefined } | undefined;

  #entries: Map<string, Inode> | undefined;
  #groups: AttributeGroup<never>[] | undefined;

  constructor(public name: string) {}

  /** Groups that every object of its kind has. Overridden by devices, drivers and buses. */
  defaultGroups(): readonly AttributeGroup<never>[] {
    return [];
  }

  /** Path in sysfs from its root: `/devices/platform/a003e00.virtio_mmio`. */
  get path(): string {
    return this.parent === undefined ? "" : `${this.parent.path}/${this.name}`;
  }

  /** Who hears what becomes of the object; nobody while it is not in the tree. */
  get #access(): AccessListener | undefined {
    // deno-lint-ignore no-this-alias
    let root: Kobject = this;
    while (root.parent !== undefined) root = root.parent;
    return root.listener?.access;
  }

  /**
   * Says for the ordering lab that files of this object are read or written, or, by `insert`, that they show
   * something else from now on. What changes it has conflicts of its own; here only who looks matters.
   */
  noteState(kind: AccessKind): undefined {
    this.#access?.("attributes", `/sys${this.path}`, kind);
  }

  /** An entry comes or goes: who looks for it, or at all of them, sees something else. */
  #noteEntry(name: string): undefined {
    const access = this.#access;
    if (access === undefined) return;
    access("file", `/sys${this.path}/${name}`, "insert");
    access("folder", `/sys${this.path}`, "insert");
  }

  #noteGroup({ name, attrs }: AttributeGroup<never>): undefined {
    for (const each of name === undefined ? attrs : [{ name }]) this.#noteEntry(each.name);
  }

  /**
   * Hangs this object below `parent`.
   *
   * Linux: kobject_add()
   *
   * @throws {KernelError} `EEXIST` when the name is taken.
   */
  addTo(parent: Kobject): undefined {
    parent.addEntry(this.name, this);
    this.parent = parent;
  }

  /** Takes it out of the tree with all that is below. Linux: kobject_del() */
  remove(): undefined {
    this.parent?.removeEntry(this.name);
    this.parent = undefined;
  }

  /** Linux: sysfs_create_link() */
  addLink(name: string, target: Kobject): undefined {
    this.addEntry(name, new ObjectLink(this, target));
  }

  /** Linux: sysfs_create_group() */
  addGroup<O>(group: AttributeGroup<O>): undefined {
    this.#noteGroup(group as AttributeGroup<never>);
    (this.#groups ??= []).push(group as AttributeGroup<never>);
  }

  /** Linux: sysfs_remove_group() */
  removeGroup<O>(group: AttributeGroup<O>): undefined {
    const at = this.#groups?.indexOf(group as AttributeGroup<never>) ?? -1;
    if (at < 0) return;
    this.#noteGroup(group as AttributeGroup<never>);
    this.#groups?.splice(at, 1);
  }

  /** Adds an entry under a name. Linux: sysfs_add_file(), sysfs_warn_dup() */
  addEntry(name: string, inode: Inode): undefined {
    this.#noteEntry(name);
    const entries = this.#entries ??= new Map();
    if (entries.has(name)) {
      throw new KernelError(
        "EEXIST",
        `sysfs: cannot create duplicate filename '${this.path}/${name}'`,
      );
    }
    entries.set(name, inode);
  }

  /** Removes an entry if it is there. Linux: sysfs_remove_link(), sysfs_remove_file() */
  removeEntry(name: string): undefined {
    if (this.#entries?.delete(name) === true) this.#noteEntry(name);
  }

  /** The child object or entry called `name`, without attributes. */
  entry(name: string): Inode | undefined {
    return this.#entries?.get(name);
  }

  /** Entries that are objects themselves. */
  *children(): Iterable<Kobject> {
    for (const inode of this.#entries?.values() ?? []) if (inode instanceof Kobject) yield inode;
  }

  #allGroups(): readonly AttributeGroup<never>[] {
    return this.#groups === undefined
      ? this.defaultGroups()
      : [...this.defaultGroups(), ...this.#groups];
  }

  lookup(name: string): Inode | undefined {
    const entry = this.#entries?.get(name);
    if (entry !== undefined) return entry;
    const groups = this.#allGroups();
    const found = lookupAttribute(
      this as never,
      groups.filter((group) => group.name === undefined),
      name,
    );
    if (found !== undefined) return found;
    const named = groups.filter((group) => group.name === name);
    const behind = () => this.#shadow()?.lookup(name);
    return named.length > 0 ? new GroupDirectory(this as never, named, behind) : behind();
  }

  /** The object at the same path of the tree behind. */
  #shadow(): Kobject | undefined {
    if (this.parent === undefined) return this.behind?.root;
    const shadow = this.parent.#shadow()?.entry(this.name);
    return shadow instanceof Kobject ? shadow : undefined;
  }

  *names(): Iterable<string> {
    if (this.#entries !== undefined) yield* this.#entries.keys();
    const seen = new Set<string>();
    for (const group of this.#allGroups()) {
      if (group.name === undefined) yield* attributeNames(this as never, group);
      else if (!seen.has(group.name)) {
        seen.add(group.name);
        yield group.name;
      }
    }
    for (const name of this.#shadow()?.names() ?? []) {
      if (this.#entries?.has(name) !== true) yield name;
    }
  }
}
