import { readBe32, writeBe32 } from "../bytes.ts";
import { type DeviceNode, type Marker, nodePhandle, Property } from "../node.ts";
import { DeviceTree } from "../tree.ts";
import type { AstMarker, AstMemReserve, AstValue } from "./ast.ts";
import { type Builder, type BuildNode, type BuildProperty, liveNodes } from "./build.ts";
import type { Diagnostics } from "./diagnostic.ts";
import type { Span } from "./source.ts";

/** Checks names, numbers the nodes that are referred to, fills in references, drops what is unused. */
export class Resolver {
  readonly #phandles = new Map<number, BuildNode>();
  #nextPhandle = 1;

  constructor(
    readonly root: BuildNode,
    readonly builder: Builder,
    readonly diagnostics: Diagnostics,
  ) {}

  resolve(memreserve: readonly AstMemReserve[]): DeviceTree {
    const nodes = [...liveNodes(this.root)];
    const tree = new DeviceTree();
    tree.memreserve.push(...memreserve);
    tree.bootCpuid = bootCpuid(this.root);
    for (const node of nodes) this.#checkNames(node);
    this.#checkLabels(nodes);
    for (const node of nodes) this.#explicitPhandle(node);
    for (const node of nodes) this.#fixupPhandles(node);
    for (const node of nodes) this.#fixupPaths(node);
    this.diagnostics.check();
    for (const node of nodes) if (node.omitIfNoRef && !node.referenced) node.deleted = true;
    copyTree(this.root, tree.root);
    return tree;
  }

  #checkNames(node: BuildNode): void {
    if (node.name.split("@").length > 2) {
      this.diagnostics.error(
        "DTS0306",
        node.span,
        `node name \`${node.name}\` has more than one \`@\``,
      );
    }
    this.#checkDuplicates(node.children, "node");
    this.#checkDuplicates(node.properties.filter(({ deleted }) => !deleted), "property");
    for (const property of node.properties) {
      if (property.deleted) continue;
      if (property.name.includes("@")) {
        this.diagnostics.error(
          "DTS0307",
          property.span,
          `property name \`${property.name}\` has an \`@\``,
        );
      }
      if (property.name === "name") this.#dropName(node, property);
    }
  }

  /** Like dtc: a live entry collides with any later one of its name, even with a deletion. */
  #checkDuplicates(entries: readonly (BuildNode | BuildProperty)[], kind: string): void {
    if (entries.length < 2) return;
    const later = new Map<string, Span>();
    for (let at = entries.length - 1; at >= 0; at--) {
      const { name, span, deleted } = entries[at];
      const second = later.get(name);
      if (second !== undefined && !deleted) {
        const message = `${kind} \`${name}\` occurs twice between the same braces`;
        const related = [{ span, text: "first one" }];
        this.diagnostics.error("DTS0308", second, message, { related });
      }
      later.set(name, span);
    }
  }

  /** A property `name` that repeats the node's name is left out; any other is wrong. */
  #dropName(node: BuildNode, property: BuildProperty): void {
    const base = node.name.split("@", 1)[0];
    const { bytes } = property.value;
    const matches = bytes.length === base.length + 1 && bytes[base.length] === 0 &&
      [...base].every((character, at) => bytes[at] === character.charCodeAt(0));
    if (matches) property.deleted = true;
    else this.diagnostics.error("DTS0309", property.span, `property \`name\` is not "${base}"`);
  }

  #checkLabels(nodes: readonly BuildNode[]): void {
    const seen = new Map<string, Span>();
    const check = (name: string, span: Span) => {
      const first = seen.get(name);
      if (first === undefined) seen.set(name, span);
      else {
        const related = [{ span: first, text: "first one" }];
        this.diagnostics.error("DTS0310", span, `label \`${name}\` occurs twice`, { related });
      }
    };
    for (const { labels, properties } of nodes) {
      for (const label of labels) check(label.name, label);
      for (const property of properties) {
        if (property.deleted) continue;
        for (const label of property.labels) check(label.name, label);
        for (const marker of property.value.markers) {
          if (marker.kind === "label") check(marker.text, marker);
        }
      }
    }
  }

  #explicitPhandle(node: BuildNode): void {
    const phandle = this.#phandleOf(node, "phandle");
    const legacy = this.#phandleOf(node, "linux,phandle");
    if (phandle === undefined || legacy === undefined) return;
    if (phandle !== 0 && legacy !== 0 && phandle !== legacy) {
      this.diagnostics.error(
        "DTS0311",
        node.span,
        `\`phandle\` and \`linux,phandle\` of ${node.path} differ`,
      );
      return;
    }
    const value = phandle || legacy;
    if (value === 0) return;
    const other = this.#phandles.get(value);
    if (other !== undefined && other !== node) {
      const hex = `0x${value.toString(16)}`;
      this.diagnostics.error(
        "DTS0312",
        node.span,
        `phandle ${hex} is already that of ${other.path}`,
      );
      return;
    }
    node.phandle = value;
    this.#phandles.set(value, node);
  }

  /** The number in a phandle property, 0 if there is none yet, `undefined` if it is wrong. */
  #phandleOf(node: BuildNode, name: string): number | undefined {
    const property = node.property(name);
    if (property === undefined) return 0;
    const { bytes, markers } = property.value;
    if (bytes.length !== 4) {
      this.diagnostics.error(
        "DTS0313",
        property.span,
        `\`${name}\` has ${bytes.length} bytes, expected 4`,
      );
      return undefined;
    }
    const reference = markers.find(({ kind }) => kind === "phandle");
    if (reference !== undefined) {
      if (this.builder.resolve({ target: reference.text }) === node) return 0;
      this.diagnostics.error("DTS0314", reference, `\`${name}\` refers to another node`);
      return undefined;
    }
    const value = readBe32(bytes, 0);
    if (value !== 0 && value !== 0xffffffff) return value;
    this.diagnostics.error("DTS0315", property.span, `\`${name}\` cannot be 0 or all ones`);
    return undefined;
  }

  #fixupPhandles(node: BuildNode): void {
    for (const property of [...node.properties]) {
      if (property.deleted || !property.value.markers.some(isPhandle)) continue;
      const bytes = property.value.bytes.slice();
      for (const marker of property.value.markers.filter(isPhandle)) {
        const target = this.#target(marker);
        if (target !== undefined) writeBe32(bytes, marker.offset, this.#assignPhandle(target));
      }
      property.value = { bytes, markers: property.value.markers };
    }
  }

  #target(marker: AstMarker): BuildNode | undefined {
    const target = this.builder.resolve({ target: marker.text });
    if (target !== undefined) target.referenced = true;
    else this.diagnostics.error("DTS0316", marker, `no node \`${marker.text}\` in the tree`);
    return target;
  }

  /** The node's phandle, or the lowest free number, which becomes its last property. */
  #assignPhandle(node: BuildNode): number {
    if (node.phandle !== 0) return node.phandle;
    while (this.#phandles.has(this.#nextPhandle)) this.#nextPhandle++;
    node.phandle = this.#nextPhandle;
    this.#phandles.set(node.phandle, node);
    if (node.property("phandle") === undefined) {
      const bytes = new Uint8Array(4);
      writeBe32(bytes, 0, node.phandle);
      const value = { bytes, markers: [] };
      node.properties.push({ name: "phandle", span: node.span, labels: [], value, deleted: false });
    }
    return node.phandle;
  }

  #fixupPaths(node: BuildNode): void {
    for (const property of node.properties) {
      if (property.deleted || !property.value.markers.some(isPath)) continue;
      property.value = this.#insertPaths(property.value);
    }
  }

  /** Puts the text of each path where its marker is, and moves what follows. */
  #insertPaths({ bytes, markers }: AstValue): AstValue {
    const out: number[] = [];
    const moved: AstMarker[] = [];
    let taken = 0;
    for (const marker of markers) {
      for (; taken < marker.offset; taken++) out.push(bytes[taken]);
      moved.push({ ...marker, offset: out.length });
      const path = marker.kind === "path" ? this.#target(marker)?.path : undefined;
      if (path !== undefined) {
        for (const character of `${path}\0`) out.push(character.charCodeAt(0));
      }
    }
    for (; taken < bytes.length; taken++) out.push(bytes[taken]);
    return { bytes: new Uint8Array(out), markers: moved };
  }
}

function isPhandle({ kind }: AstMarker): boolean {
  return kind === "phandle";
}

function isPath({ kind }: AstMarker): boolean {
  return kind === "path";
}

/** `reg` of the first child of `/cpus`, if it is one cell. */
function bootCpuid(root: BuildNode): number {
  const reg = root.child("cpus")?.children[0]?.property("reg")?.value.bytes;
  return reg?.length === 4 ? readBe32(reg, 0) : 0;
}

/** Copies what is left into the tree that everyone else uses. */
function copyTree(from: BuildNode, to: DeviceNode): void {
  const stack: [BuildNode, DeviceNode][] = [[from, to]];
  for (let work = stack.pop(); work !== undefined; work = stack.pop()) {
    const [source, node] = work;
    if (source.labels.length > 0) node.labels = source.labels.map(({ name }) => name);
    for (const { name, value, labels, deleted } of source.properties) {
      if (deleted) continue;
      const property = new Property(name, value.bytes);
      if (labels.length > 0) property.labels = labels.map((label) => label.name);
      if (value.markers.length > 0) property.markers = value.markers.map(copyMarker);
      node.properties.set(name, property);
    }
    node.phandle = nodePhandle(node);
    for (const child of source.children) {
      if (!child.deleted) stack.push([child, node.addChild(child.name)]);
    }
  }
}

function copyMarker({ kind, offset, text }: AstMarker): Marker {
  return { kind, offset, text };
}
