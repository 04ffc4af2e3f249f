import {
  type CompileLabel,
  type CompileNode,
  CompileProperty,
  CompileTree,
  deleteProperty,
} from "../compile_tree.ts";
import { cString } from "../bytes.ts";
import type { AstFile, AstLabel, AstNode, AstProperty, AstRef } from "./ast.ts";
import { nearest } from "./suggest.ts";
import type { Diagnostics } from "./diagnostic.ts";

/**
 * Merges the statements of a file into one tree, in the order and with the quirks of dtc: a block that
 * is new is taken as it stands, deletions in it included; one that extends a node is applied entry
 * by entry; what comes back after a deletion takes its old place. In overlays, blocks for nodes that are
 * not there become fragments. A tree without a root gets an
 * empty one, and an error.
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
  readonly tree = new CompileTree();
  readonly #file: AstFile;
  readonly #diagnostics: Diagnostics;
  /** Whether there is a root. Fragments make one. */
  #rooted = false;
  #fragments = 0;

  constructor(file: AstFile, diagnostics: Diagnostics) {
    this.#file = file;
    this.#diagnostics = diagnostics;
    this.tree.plugin = file.plugin;
    this.tree.memreserve = file.memreserve.map(({ address, size, labels }) => {
      return { address, size, labels: newLabels(labels) };
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

  root(block: AstNode): void {
    if (this.#rooted) this.#merge(this.tree.root, block);
    else this.#adopt(this.tree.root, block);
    this.#rooted = true;
  }

  extend(target: AstRef, block: AstNode): void {
    const slash = target.target.indexOf("/");
    if (this.#file.plugin && slash > 0) {
      const message = `\`&{${target.target}}\` cannot be extended in an overlay`;
      const help = "extend the label, and write the nodes below it in its braces";
      this.#diagnostics.error("DTS0303", target, message, { help });
      return;
    }
    const asFragment = this.#file.plugin && block.labels.length === 0;
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
  #addFragment({ target, start, end }: AstRef, block: AstNode): void {
    this.#rooted = true;
    const place = { start, end, nameSpan: { start, end } };
    const fragment = this.tree.root.addChild(`fragment@${this.#fragments++}`);
    fragment.addPlace(place);
    const property = target.startsWith("/")
      ? new CompileProperty("target-path", cString(target))
      : new CompileProperty("target", new Uint8Array(4).fill(0xff));
    property.place = place;
    property.markers = target.startsWith("/")
      ? [{ kind: "string", offset: 0, text: "" }]
      : [{ kind: "phandle", offset: 0, text: target, start, end }];
    fragment.properties.push(property);
    this.#adopt(fragment.addChild("__overlay__"), block);
  }

  /** Applies a block to a node, which may be new. dtc: merge_nodes() */
  #merge(target: CompileNode, block: AstNode): void {
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
  #mergeChild(parent: CompileNode, block: AstNode): CompileNode | undefined {
    const slot = parent.childSlot(block.name);
    if (block.deleted) {
      if (slot !== undefined) this.tree.deleteNode(slot);
    } else if (slot === undefined) this.#adopt(this.#newChild(parent, block), block);
    else this.#mergeHead(slot, block);
    return block.deleted ? undefined : slot;
  }

  /** Fills a new node with a block, as it stands. */
  #adopt(top: CompileNode, block: AstNode): void {
    const nodes = [top];
    const blocks = [block];
    for (let node = nodes.pop(); node !== undefined; node = nodes.pop()) {
      const { properties, children } = block = blocks.pop()!;
      node.addPlace(block);
      if (properties.length > 0) node.properties = properties.map(newProperty);
      for (const child of children) {
        nodes.push(this.#newChild(node, child));
        blocks.push(child);
      }
    }
  }

  #newChild(parent: CompileNode, block: AstNode): CompileNode {
    const { labels } = block;
    const node = parent.addChild(block.name);
    if (block.deleted) node.deleted = true;
    if (block.omitIfNoRef) node.omitIfNoRef = true;
    if (labels.length > 0 && !block.deleted) {
      this.#addLabels(node, labels.length > 1 ? [...labels].reverse() : labels);
    }
    return node;
  }

  /** Each comes in front of those before it. */
  #addLabels(node: CompileNode, labels: readonly AstLabel[]): void {
    for (const label of labels) this.tree.addLabel(node, label.name, label);
  }

  /** Merges labels and properties; the children are left to the caller. */
  #mergeHead(node: CompileNode, block: AstNode): void {
    node.deleted = false;
    node.addPlace(block);
    this.#addLabels(node, block.labels);
    for (const property of block.properties) mergeProperty(node, property);
  }
}

function newLabels(labels: readonly AstLabel[]): CompileLabel[] {
  return labels.map((label) => ({ name: label.name, span: label, deleted: false }));
}

function newProperty(ast: AstProperty): CompileProperty {
  const { data, start, end, markers } = ast.value;
  const property = new CompileProperty(ast.name, data, start, end);
  property.markers = markers;
  property.place = ast;
  if (ast.deleted) property.deleted = true;
  if (ast.labels.length > 0) property.labels = newLabels(ast.labels);
  return property;
}

function mergeProperty(node: CompileNode, ast: AstProperty): void {
  const slot = node.slot(ast.name);
  if (ast.deleted) {
    if (slot !== undefined) deleteProperty(slot);
  } else if (slot === undefined) {
    node.properties.push(newProperty(ast));
  } else {
    slot.deleted = false;
    slot.setValue(ast.value);
    slot.markers = ast.value.markers;
    slot.place = ast;
    for (const label of ast.labels) addPropertyLabel(slot, label);
  }
}

function addPropertyLabel(property: CompileProperty, { name, start, end }: AstLabel): void {
  const old = property.labels.find((label) => label.name === name);
  if (old !== undefined) old.deleted = false;
  else {
    property.labels = [{ name, span: { start, end }, deleted: false }, ...property.labels];
  }
}
