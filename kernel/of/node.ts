import { KERN_ERR } from "../printk.ts";
import { cString, latin1, readBe32 } from "./bytes.ts";

/** The node is not part of a tree: not yet, or no more. Linux: OF_DETACHED */
export const OF_DETACHED = 2;
/** The node has become a device, or needs none. Linux: OF_POPULATED */
export const OF_POPULATED = 3;
/** Devices have been made of the node's children. Linux: OF_POPULATED_BUS */
export const OF_POPULATED_BUS = 4;
/** An overlay has brought the node. Linux: OF_OVERLAY */
export const OF_OVERLAY = 5;

/** What a property's value was written as, for a writer that wants to restore the source. */
export interface Marker {
  /** Byte offset inside the value. */
  offset: number;
  /** A label at this place, a reference (to a phandle or to a path), or the start of typed data. */
  kind: "label" | "phandle" | "path" | "string" | "u8" | "u16" | "u32" | "u64";
  /** The label, or what is referred to (a label or a full path). Empty for typed data. */
  text: string;
}

/** A property: a name and bytes. Linux: struct property */
export class Property {
  /** The name; one character per byte. */
  readonly name: string;
  /** The bytes, which may be a view of the blob that they were read from. */
  value: Uint8Array;
  /** Labels of the property, in source order. Only source text has them. */
  labels: string[] | undefined = undefined;
  /** How the value was written. Only source text has them. */
  markers: Marker[] | undefined = undefined;

  /** Takes name and value; an empty value is that of a property without one. */
  constructor(name: string, value: Uint8Array) {
    this.name = name;
    this.value = value;
  }
}

/** What `compatible` held when it was last decoded. */
interface Compatible {
  value: Uint8Array | undefined;
  strings: string[];
}

/** Hears what the kernel says about a tree. Linux: printk() */
export type OfPrintk = (level: number, text: string) => undefined;

/** A node of a device tree. Linux: struct device_node */
export class DeviceNode {
  /** The name with its unit address: `uart@9000000`. The root's is empty. */
  readonly fullName: string;
  /** The node above; `undefined` for the root. */
  readonly parent: DeviceNode | undefined;
  /** Children in tree order. */
  readonly children: DeviceNode[] = [];
  /** The number by which other nodes refer to this one; 0 if it has none. */
  phandle = 0;
  /** Bits `1 << OF_POPULATED` and so on. */
  flags = 0;
  /** Labels of the node, in source order. Only source text has them. */
  labels: string[] | undefined = undefined;
  #properties: Map<string, Property> = new Map();
  /** Other nodes have the same map: it is copied before the first change. */
  #shared = false;
  #compatible: Compatible | undefined = undefined;

  /** Makes a node that its parent does not know yet; see {@linkcode addChild}. */
  constructor(fullName: string, parent: DeviceNode | undefined) {
    this.fullName = fullName;
    this.parent = parent;
  }

  /** Properties in tree order. */
  get properties(): ReadonlyMap<string, Property> {
    return this.#properties;
  }

  /** The name without the unit address. Linux: %pOFn */
  get name(): string {
    const at = this.fullName.indexOf("@");
    return at < 0 ? this.fullName : this.fullName.slice(0, at);
  }

  /** The path from the root, `/` for the root itself. */
  get path(): string {
    return this.parent === undefined ? "/" : this.pOF;
  }

  /** The path as the kernel logs it: like {@linkcode path}, but empty for the root. Linux: %pOF */
  get pOF(): string {
    return this.parent === undefined ? "" : `${this.parent.pOF}/${this.fullName}`;
  }

  /**
   * The property `name`, or `undefined`. A node without a property `name` answers its base name, as
   * Linux adds that property to every node. Linux: of_find_property()
   */
  property(name: string): Property | undefined {
    const property = this.properties.get(name);
    if (property !== undefined || name !== "name") return property;
    return new Property(name, cString(this.name));
  }

  /** The value of property `name`, or `undefined`. Linux: of_get_property() */
  get(name: string): Uint8Array | undefined {
    return this.property(name)?.value;
  }

  /**
   * The strings of `compatible`, most specific first. An empty property counts as one empty string,
   * and the last string needs no NUL, as in Linux. Linux: of_property_for_each_string()
   */
  get compatible(): readonly string[] {
    return this.#decodeCompatible().strings;
  }

  /** Index of `compatible` in the list without regard to case, or -1. Linux: of_compat_cmp() */
  compatibleIndex(compatible: string): number {
    const { strings } = this.#decodeCompatible();
    for (let index = 0; index < strings.length; index++) {
      const text = strings[index];
      if (text.length !== compatible.length) continue;
      if (text === compatible || text.toLowerCase() === compatible.toLowerCase()) return index;
    }
    return -1;
  }

  #decodeCompatible(): Compatible {
    const value = this.properties.get("compatible")?.value;
    if (this.#compatible === undefined || this.#compatible.value !== value) {
      const strings: string[] = [];
      let start = 0;
      for (let at = 0; value !== undefined && at <= value.length; at++) {
        if (at < value.length && value[at] !== 0) continue;
        if (at < value.length || start < at || at === 0) strings.push(latin1(value, start, at));
        start = at + 1;
      }
      this.#compatible = { value, strings };
    }
    return this.#compatible;
  }

  /** Adds a child as the last one. */
  addChild(fullName: string): DeviceNode {
    const child = new DeviceNode(fullName, this);
    this.children.push(child);
    return child;
  }

  /** Sets a property: in its old place if it exists, else as the last one. */
  set(name: string, value: Uint8Array): void {
    this.put(new Property(name, value));
    if (PHANDLE_NAMES.includes(name)) this.phandle = nodePhandle(this);
  }

  /** Puts in a property: in the place of the one with its name, or as the last one. */
  put(property: Property): void {
    this.#own().set(property.name, property);
  }

  /** Takes a property out, if it is there. */
  remove(name: string): void {
    this.#own().delete(name);
  }

  /** The node's own properties, to be changed. */
  #own(): Map<string, Property> {
    if (this.#shared) this.#properties = new Map(this.#properties);
    this.#shared = false;
    return this.#properties;
  }

  /** Makes `target`, which is new, like this node, with everything below. What is in properties is shared. */
  copyTo(target: DeviceNode): void {
    this.#shared = target.#shared = true;
    target.#properties = this.#properties;
    target.#compatible = this.#decodeCompatible();
    target.phandle = this.phandle;
    target.flags = this.flags;
    target.labels = this.labels;
    for (const child of this.children) child.copyTo(target.addChild(child.fullName));
  }

  /** Whether a flag such as {@linkcode OF_POPULATED} is set. Linux: of_node_check_flag() */
  checkFlag(flag: number): boolean {
    return (this.flags & 1 << flag) !== 0;
  }

  /** Sets a flag and says whether it was set before. Linux: of_node_test_and_set_flag() */
  testAndSetFlag(flag: number): boolean {
    const was = this.checkFlag(flag);
    this.flags |= 1 << flag;
    return was;
  }

  /** Linux: of_node_clear_flag() */
  clearFlag(flag: number): void {
    this.flags &= ~(1 << flag);
  }
}

/** The root of a tree: where messages about its nodes come together. */
export class RootNode extends DeviceNode {
  /** Hears the messages; nobody does by default. */
  printk: OfPrintk | undefined = undefined;

  /** Makes a root without properties and children. */
  constructor() {
    super("", undefined);
  }
}

/** Says what is wrong with a node, to whoever listens at its root. Linux: pr_err() with `OF: ` in front */
export function ofPrErr(np: DeviceNode, text: string): undefined {
  let root = np;
  while (root.parent !== undefined) root = root.parent;
  if (root instanceof RootNode) root.printk?.(KERN_ERR, `OF: ${text}`);
}

const PHANDLE_NAMES = ["phandle", "linux,phandle", "ibm,phandle"];

/** A node's phandle by its properties: the first valid one counts, `ibm,phandle` beats all. */
export function nodePhandle(node: DeviceNode): number {
  let phandle = 0;
  for (const property of node.properties.values()) {
    if (!PHANDLE_NAMES.includes(property.name) || property.value.length < 4) continue;
    const value = readBe32(property.value, 0);
    if (property.name === "ibm,phandle") return value;
    if (phandle === 0) phandle = value;
  }
  return phandle;
}
