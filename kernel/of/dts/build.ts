import { cString } from "../bytes.ts";
import type { CompileNode } from "../compile_node.ts";
import type { CompileProperty } from "../compile_property.ts";
import { NO_ROW } from "../rows.ts";
import { CompileTree } from "../compile_tree.ts";
import type { AstFile, AstRef } from "./ast.ts";
import type { Diagnostics } from "./diagnostic.ts";
import { nearest } from "./suggest.ts";

/**
 * Merges the statements of a file into one tree, in the order and with the quirks of dtc: a block that
 * is new is taken as it stands, deletions in it included; one that extends a node is applied entry
 * by entry; what comes back after a deletion takes its old place. In overlays, blocks for nodes that are
 * not there become fragments. A tree without a root gets an empty one, and an error. The tree takes
 * the nodes of the file for its own, which is of no use to anybody else then.
 */
export function buildTree(file: AstFile, diagnostics: Diagnostics): CompileTree {
  const builder = new Builder(file, diagnostics);
  for (const statement of file.statements) {
    switch (statement.kind) {
      case "root":
        builder.root(statement.node);
        break;
      case "extend":
        builder.extend(statement.target, statement.node);
        break;
      case "delete":
        builder.withTarget(statement.target, (node) => builder.tree.deleteNode(node));
        break;
      case "omit-if-no-ref":
        builder.withTarget(statement.target, (node) => node.omitIfNoRef = true);
    }
  }
  return builder.finish();
}

class Builder {
  readonly tree: CompileTree;
  readonly #file: AstFile;
  readonly #diagnostics: Diagnostics;
  /** Whether there is a root. Fragments make one. */
  #rooted = false;
  #fragments = 0;

  constructor(file: AstFile, diagnostics: Diagnostics) {
    this.tree = new CompileTree(file.table);
    this.#file = file;
    this.#diagnostics = diagnostics;
    this.tree.plugin = file.plugin;
    this.tree.memreserve = file.memreserve.map(({ address, size, labels }) => {
      return { address, size, labels };
    });
  }

  finish(): CompileTree {
    const diagnostics = this.#diagnostics;
    const { root } = this.tree;
    if (!this.#rooted && diagnostics.errors === 0) {
      diagnostics.error("DTS0304", this.#file.end, "there is no root node: `/ { ... };`");
    }
    if (root.deleted) diagnostics.warning("DTS0305", this.#file.end, "the root node is deleted");
    this.tree.bootCpuid = this.tree.guessBootCpuid();
    this.tree.changed();
    return this.tree;
  }

  root(block: CompileNode): void {
    if (this.#rooted) this.#merge(this.tree.root, block);
    else this.tree.root = this.#adopt(block);
    this.#rooted = true;
  }

  extend(target: AstRef, block: CompileNode): void {
    const slash = target.target.indexOf("/");
    if (this.#file.plugin && slash > 0) {
      const message = `\`&{${target.target}}\` cannot be extended in an overlay`;
      const help = "extend the label, and write the nodes below it in its braces";
      this.#diagnostics.error("DTS0303", target, message, { help });
      return;
    }
    const asFragment = this.#file.plugin && block.labelList === NO_ROW;
    const isThere = this.#rooted && !(asFragment && slash === 0);
    const node = isThere ? this.tree.nodeByRef(target.target) : undefined;
    if (node !== undefined) this.#merge(node, block);
    else if (asFragment) this.#addFragment(target, block);
    else this.#notFound(target);
  }

  withTarget(target: AstRef, use: (node: CompileNode) => void): void {
    const node = this.#rooted ? this.tree.nodeByRef(target.target) : undefined;
    if (node !== undefined) use(node);
    else this.#notFound(target);
  }

  #notFound(target: AstRef): void {
    const similar = nearest(target.target, this.tree.nodeLabels);
    const help = similar === undefined ? undefined : `did you mean &${similar}?`;
    this.#diagnostics.error("DTS0301", target, `no node \`${target.target}\` up to here`, { help });
  }

  /** A block for a node of the base tree becomes a fragment of the overlay. dtc: add_orphan_node() */
  #addFragment({ target, start, end }: AstRef, block: CompileNode): void {
    this.#rooted = true;
    const fragment = this.tree.root.addChild(`fragment@${this.#fragments++}`);
    fragment.placeAt(start, start, end);
    fragment.end = end;
    const isPath = target.startsWith("/");
    const property = fragment.newProperty(isPath ? "target-path" : "target");
    property.value = isPath ? cString(target) : new Uint8Array(4).fill(0xff);
    property.markers = isPath
      ? [{ kind: "string", offset: 0, text: "" }]
      : [{ kind: "phandle", offset: 0, text: target, start, end }];
    fragment.addProperty(property);
    const overlay = fragment.addChild("__overlay__");
    overlay.addPlace(block);
    overlay.replaceProperties(block.properties);
    for (const child of block.children) overlay.adoptChild(child);
    this.#adopt(overlay);
  }

  /** Applies a block to a node, which may be new. dtc: merge_nodes() */
  #merge(target: CompileNode, block: CompileNode): void {
    this.#mergeHead(target, block);
    const open = [{ node: target, block, next: 0 }];
    for (let top = open.at(-1); top !== undefined; top = open.at(-1)) {
      const child = top.block.children[top.next++];
      if (child === undefined) open.pop();
      else {
        const node = this.#mergeChild(top.node, child);
        if (node !== undefined) open.push({ node, block: child, next: 0 });
      }
    }
  }

  /** Deletes, adds or finds a child; one that was found has to be gone into. */
  #mergeChild(parent: CompileNode, block: CompileNode): CompileNode | undefined {
    const slot = parent.childSlot(block.nameNumber);
    if (block.deleted) {
      if (slot !== undefined) this.tree.deleteNode(slot);
    } else if (slot === undefined) parent.adoptChild(this.#adopt(block));
    else this.#mergeHead(slot, block);
    return block.deleted ? undefined : slot;
  }

  /** Takes a block as it stands for a new node. */
  #adopt(top: CompileNode): CompileNode {
    const stack = [top];
    for (let node = stack.pop(); node !== undefined; node = stack.pop()) {
      if (node.deleted) {
        node.labelList = NO_ROW;
        node.orphan = true;
      } else if (node.labelList !== NO_ROW) this.tree.addLabels(node);
      for (const child of node.children) stack.push(child);
    }
    return top;
  }

  /** Merges labels and properties; the children are left to the caller. */
  #mergeHead(node: CompileNode, block: CompileNode): void {
    node.deleted = false;
    node.addPlace(block);
    for (const { row } of block.labels) this.tree.takeLabel(node, row);
    for (const property of block.properties) mergeProperty(node, property);
  }
}

function mergeProperty(node: CompileNode, later: CompileProperty): void {
  const slot = node.slot(later.nameNumber);
  if (later.deleted) {
    if (slot !== undefined) slot.delete();
  } else if (slot === undefined) {
    node.addProperty(later);
  } else {
    slot.assign(later);
    for (const { row } of later.labels) slot.addLabel(row);
  }
}
