import { firstString } from "./bytes.ts";
import { type DeviceNode, type OfPrintk, RootNode } from "./node.ts";

/** A memory range that the kernel must not use. */
export interface MemReserve {
  /** First byte. */
  address: bigint;
  /** Length in bytes. */
  size: bigint;
}

/** An entry of `/aliases` whose name ends in a number. Linux: struct alias_prop */
export interface AliasProp {
  /** The whole name: `serial0`. */
  alias: string;
  /** The name without the number: `serial`. */
  stem: string;
  /** The number. */
  id: number;
  /** The node that the alias stands for. */
  node: DeviceNode;
}

/** A node found by path, with what followed the first colon. */
export interface NodeAndOptions {
  /** The node, `undefined` if there is none. */
  node: DeviceNode | undefined;
  /** The text behind the colon, `undefined` if there is no colon. */
  options: string | undefined;
}

/** Aliases may name other aliases; Linux recurses without a bound. */
const ALIAS_HOPS_MAX = 16;

/** What the kernel looks up once, when it gets a tree. */
interface Scan {
  aliases: AliasProp[];
  chosen: DeviceNode | undefined;
  stdout: NodeAndOptions;
}

/**
 * A device tree, from a blob, from source text, or built by hand.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { DeviceTree } from "./tree.ts";
 * const tree = new DeviceTree();
 * tree.root.addChild("virtio_mmio@a000000").set("status", new Uint8Array([0x6f, 0x6b, 0]));
 * assertEquals(tree.find("/virtio_mmio@a000000").node?.name, "virtio_mmio");
 * ```
 */
export class DeviceTree {
  /** The root node. */
  readonly root: DeviceNode = new RootNode();
  /** Memory reservations, in order. */
  readonly memreserve: MemReserve[] = [];
  /** The physical id of the booting CPU, a header field of the flattened form. */
  bootCpuid = 0;
  #phandles: Map<number, DeviceNode> | undefined = undefined;
  #scan: Scan | undefined = undefined;

  /** Who hears what the kernel says about the tree's nodes; nobody by default. Linux: printk() */
  get printk(): OfPrintk | undefined {
    return (this.root as RootNode).printk;
  }
  set printk(printk: OfPrintk | undefined) {
    (this.root as RootNode).printk = printk;
  }

  /** A tree like this one: each of the two may change without the other. */
  copy(): DeviceTree {
    const tree = new DeviceTree();
    tree.bootCpuid = this.bootCpuid;
    tree.memreserve.push(...this.memreserve);
    this.root.copyTo(tree.root);
    return tree;
  }

  /** All nodes in tree order, parents before children, the root first. Linux: for_each_of_allnodes() */
  nodes(): Generator<DeviceNode> {
    return nodesBelow([this.root]);
  }

  /** The entries of `/aliases` that end in a number and name an existing node. Linux: of_alias_scan() */
  get aliases(): readonly AliasProp[] {
    return this.#scanned().aliases;
  }

  /** The node `/chosen` or `/chosen@0`. Linux: of_chosen */
  get chosen(): DeviceNode | undefined {
    return this.#scanned().chosen;
  }

  /** The console that `/chosen` names, and its options. Linux: of_stdout, of_stdout_options */
  get stdout(): NodeAndOptions {
    return this.#scanned().stdout;
  }

  /** The first node in tree order with this phandle. Linux: of_find_node_by_phandle() */
  nodeByPhandle(phandle: number): DeviceNode | undefined {
    this.#phandles ??= this.#indexPhandles();
    return this.#phandles.get(phandle);
  }

  /**
   * The node at `path`, which is absolute or starts with an alias. Each component must equal a full
   * name, so that `/` at the end finds nothing. Linux: of_find_node_opts_by_path()
   */
  find(path: string): NodeAndOptions {
    return this.#resolve(path, ALIAS_HOPS_MAX);
  }

  /** Forgets what was derived from the nodes. To be called after nodes or phandles have changed. */
  changed(): void {
    this.nodesChanged();
    this.#scan = undefined;
  }

  /**
   * Forgets which node has which phandle. Nodes that come later do not count as aliases and consoles, as
   * Linux looks for those once.
   */
  nodesChanged(): void {
    this.#phandles = undefined;
  }

  #resolve(path: string, hops: number): NodeAndOptions {
    const colon = path.indexOf(":");
    const options = colon < 0 ? undefined : path.slice(colon + 1);
    if (path === "/") return { node: this.root, options };
    const names = colon < 0 ? path : path.slice(0, colon);
    if (names.startsWith("/")) return { node: descend(this.root, names), options };
    const slash = names.indexOf("/");
    const start = this.#alias(slash < 0 ? names : names.slice(0, slash), hops);
    return { node: slash < 0 ? start : descend(start, names.slice(slash)), options };
  }

  #alias(name: string, hops: number): DeviceNode | undefined {
    const value = descend(this.root, "/aliases")?.get(name);
    if (value === undefined || hops === 0) return undefined;
    return this.#resolve(firstString(value), hops - 1).node;
  }

  #indexPhandles(): Map<number, DeviceNode> {
    const phandles = new Map<number, DeviceNode>();
    for (const node of this.nodes()) {
      if (node.phandle !== 0 && !phandles.has(node.phandle)) phandles.set(node.phandle, node);
    }
    return phandles;
  }

  #scanned(): Scan {
    if (this.#scan !== undefined) return this.#scan;
    const chosen = this.find("/chosen").node ?? this.find("/chosen@0").node;
    const stdout = this.#findStdout(chosen);
    return this.#scan = { aliases: this.#scanAliases(), chosen, stdout };
  }

  #findStdout(chosen: DeviceNode | undefined): NodeAndOptions {
    for (const name of ["stdout-path", "linux,stdout-path"]) {
      const value = chosen?.get(name);
      if (value?.includes(0)) return this.find(firstString(value));
    }
    return { node: undefined, options: undefined };
  }

  #scanAliases(): AliasProp[] {
    const found: AliasProp[] = [];
    for (
      const { name: alias, value } of descend(this.root, "/aliases")?.properties.values() ?? []
    ) {
      if (["name", "phandle", "linux,phandle"].includes(alias)) continue;
      const { node } = this.find(firstString(value));
      const stem = alias.replace(/\d+$/, "");
      const id = Number(alias.slice(stem.length));
      if (node === undefined || stem === alias || id > 0x7fffffff) continue;
      found.push({ alias, stem, id, node });
    }
    return found;
  }
}

/** The given nodes, each followed by everything below it, in tree order. */
export function* nodesBelow(nodes: readonly DeviceNode[]): Generator<DeviceNode> {
  const stack = nodes.toReversed();
  for (let node = stack.pop(); node !== undefined; node = stack.pop()) {
    yield node;
    for (let at = node.children.length - 1; at >= 0; at--) stack.push(node.children[at]);
  }
}

/** Follows `/name/name` below `node`. Linux: __of_find_node_by_full_path() */
export function descend(node: DeviceNode | undefined, path: string): DeviceNode | undefined {
  for (const name of path.split("/").slice(1)) {
    if (name === "") return undefined;
    node = node?.children.find((child) => child.fullName === name);
  }
  return node;
}
