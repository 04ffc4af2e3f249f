import type { AstFile, AstLabel, AstNode, AstProperty, AstRef, AstValue } from "./ast.ts";
import type { Diagnostics } from "./diagnostic.ts";
import type { Span } from "./source.ts";

/** A property while statements are being merged. Deleted ones stay, to keep their place. */
export interface BuildProperty {
  name: string;
  span: Span;
  labels: readonly AstLabel[];
  value: AstValue;
  deleted: boolean;
}

/** Lists up to this length are searched, longer ones have an index. */
const SEARCHED_MAX = 8;

/** Finds the first entry of a name in a list that only grows. */
class FirstByName<T extends { name: string }> {
  #index: Map<string, T> | undefined = undefined;
  #indexed = 0;

  find(list: readonly T[], name: string): T | undefined {
    if (list.length <= SEARCHED_MAX) return list.find((entry) => entry.name === name);
    this.#index ??= new Map();
    for (; this.#indexed < list.length; this.#indexed++) {
      const entry = list[this.#indexed];
      if (!this.#index.has(entry.name)) this.#index.set(entry.name, entry);
    }
    return this.#index.get(name);
  }
}

/** A node while statements are being merged. Deleted ones stay, to keep their place. */
export class BuildNode {
  readonly properties: BuildProperty[] = [];
  readonly children: BuildNode[] = [];
  labels: AstLabel[] = [];
  deleted = false;
  omitIfNoRef = false;
  referenced = false;
  phandle = 0;
  readonly #propertyByName = new FirstByName<BuildProperty>();
  readonly #childByName = new FirstByName<BuildNode>();

  constructor(
    readonly name: string,
    readonly span: Span,
    readonly parent: BuildNode | undefined,
  ) {}

  /** The path from the root. */
  get path(): string {
    const names: string[] = [];
    let node: BuildNode | undefined = this.parent;
    for (; node !== undefined; node = node.parent) names.push(node.name);
    return `${names.reverse().join("/")}/${this.name}`;
  }

  /** The first property of this name, deleted or not. */
  slot(name: string): BuildProperty | undefined {
    return this.#propertyByName.find(this.properties, name);
  }

  /** The first child of this name, deleted or not. */
  childSlot(name: string): BuildNode | undefined {
    return this.#childByName.find(this.children, name);
  }

  /** The first property of this name that is not deleted. */
  property(name: string): BuildProperty | undefined {
    const slot = this.slot(name);
    if (slot?.deleted !== true) return slot;
    return this.properties.find((property) => property.name === name && !property.deleted);
  }

  /** The first child of this name that is not deleted. */
  child(name: string): BuildNode | undefined {
    const slot = this.childSlot(name);
    if (slot?.deleted !== true) return slot;
    return this.children.find((child) => child.name === name && !child.deleted);
  }
}

/** Nodes that are not deleted, parents before children. Skips what is below deleted ones. */
export function* liveNodes(root: BuildNode): Generator<BuildNode> {
  const stack = [root];
  for (let node = stack.pop(); node !== undefined; node = stack.pop()) {
    if (node.deleted) continue;
    yield node;
    for (let at = node.children.length - 1; at >= 0; at--) stack.push(node.children[at]);
  }
}

/**
 * Merges the statements of a file into one tree, in the order and with the quirks of dtc: a block that
 * is new is taken as it stands, deletions in it included; one that extends a node is applied entry
 * by entry; what comes back after a deletion takes its old place.
 */
export class Builder {
  readonly #labelled = new Map<string, BuildNode[]>();
  #root: BuildNode | undefined = undefined;

  constructor(readonly diagnostics: Diagnostics) {}

  build(file: AstFile): BuildNode | undefined {
    for (const statement of file.statements) {
      if (statement.kind === "root") {
        if (this.#root === undefined) this.#root = this.#adopt(statement.node, undefined);
        else this.#merge(this.#root, statement.node);
        continue;
      }
      const target = this.resolve(statement.target);
      if (target === undefined) this.#notFound(statement.target);
      else if (statement.kind === "extend") this.#merge(target, statement.node);
      else if (target === this.#root) {
        this.diagnostics.error("DTS0302", statement.target, "the root node cannot be left out");
      } else if (statement.kind === "delete") this.#delete(target);
      else target.omitIfNoRef = true;
    }
    return this.#root;
  }

  #notFound(target: AstRef): void {
    this.diagnostics.error("DTS0301", target, `no node \`${target.target}\` up to here`);
  }

  /** The node that a reference names, if there is one. */
  resolve({ target }: { target: string }): BuildNode | undefined {
    if (target === "/") return this.#root;
    if (target.startsWith("/")) return this.#byPath(target);
    return this.#labelled.get(target)?.find((node) =>
      !node.deleted && node.labels.some(({ name }) => name === target)
    );
  }

  #byPath(path: string): BuildNode | undefined {
    const names = path.replace(/^\/+/, "").replace(/\/+$/, "").split(/\/+/);
    let node = this.#root;
    for (const name of names) node = node?.child(name);
    return node?.deleted === true ? undefined : node;
  }

  /** Makes nodes of a whole block that nothing has to be merged with. */
  #adopt(ast: AstNode, parent: BuildNode | undefined): BuildNode {
    const top = this.#newNode(ast, parent);
    const stack: [BuildNode, AstNode][] = [[top, ast]];
    for (let work = stack.pop(); work !== undefined; work = stack.pop()) {
      const [node, { properties, children }] = work;
      for (const property of properties) node.properties.push(newProperty(property));
      for (const child of children) {
        const made = this.#newNode(child, node);
        node.children.push(made);
        stack.push([made, child]);
      }
    }
    return top;
  }

  #newNode(ast: AstNode, parent: BuildNode | undefined): BuildNode {
    const node = new BuildNode(ast.name, ast.nameSpan, parent);
    node.deleted = ast.deleted;
    node.omitIfNoRef = ast.omitIfNoRef;
    for (const label of ast.labels) this.#addLabel(node, label);
    return node;
  }

  #addLabel(node: BuildNode, label: AstLabel): void {
    if (node.labels.some(({ name }) => name === label.name)) return;
    node.labels.push(label);
    const nodes = this.#labelled.get(label.name);
    if (nodes === undefined) this.#labelled.set(label.name, [node]);
    else nodes.push(node);
  }

  #merge(target: BuildNode, source: AstNode): void {
    const open = [this.#mergeHead(target, source)];
    for (let top = open.at(-1); top !== undefined; top = open.at(-1)) {
      const child = top.children[top.next++];
      if (child === undefined) {
        open.pop();
        continue;
      }
      const slot = top.node.childSlot(child.name);
      if (child.deleted) {
        if (slot !== undefined) this.#delete(slot);
      } else if (slot === undefined) {
        top.node.children.push(this.#adopt(child, top.node));
      } else {
        open.push(this.#mergeHead(slot, child));
      }
    }
  }

  /** Merges labels and properties; the children are left to the caller. */
  #mergeHead(
    node: BuildNode,
    ast: AstNode,
  ): { node: BuildNode; children: readonly AstNode[]; next: number } {
    node.deleted = false;
    for (const label of ast.labels) this.#addLabel(node, label);
    for (const property of ast.properties) mergeProperty(node, property);
    return { node, children: ast.children, next: 0 };
  }

  /** A deleted node loses its labels, and its properties and children are deleted too. */
  #delete(top: BuildNode): void {
    const stack = [top];
    for (let node = stack.pop(); node !== undefined; node = stack.pop()) {
      node.deleted = true;
      node.labels = [];
      node.properties.forEach(deleteProperty);
      for (const child of node.children) stack.push(child);
    }
  }
}

function newProperty({ name, nameSpan, labels, value, deleted }: AstProperty): BuildProperty {
  return { name, span: nameSpan, labels, value, deleted };
}

function deleteProperty(property: BuildProperty): void {
  property.deleted = true;
  property.labels = [];
}

function mergeProperty(node: BuildNode, property: AstProperty): void {
  const slot = node.slot(property.name);
  if (property.deleted) {
    if (slot !== undefined) deleteProperty(slot);
  } else if (slot === undefined) {
    node.properties.push(newProperty(property));
  } else {
    const known = slot.labels.map(({ name }) => name);
    slot.labels = [...slot.labels, ...property.labels.filter(({ name }) => !known.includes(name))];
    slot.value = property.value;
    slot.span = property.nameSpan;
    slot.deleted = false;
  }
}
