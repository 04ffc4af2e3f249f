/**
 * The nodes and properties of a device tree compiler. Source text and blobs become them at once: what the
 * parser makes of the text is what is merged, checked, resolved and written.
 *
 * @module
 */
import { readBe32 } from "./bytes.ts";
import type { Span } from "./dts/source.ts";
import type { Marker } from "./node.ts";

/** A label. Deleted ones stay, to keep their place. */
export class CompileLabel implements Span {
  /** Whether it was deleted with what it labels. */
  deleted = false;

  /**
   * @param name The name.
   * @param start Where it stands, -1 if it does not come from source text.
   * @param end The position behind its colon.
   */
  constructor(readonly name: string, readonly start = -1, readonly end = -1) {}

  /** Where it stands; `undefined` if it does not come from source text. */
  get span(): Span | undefined {
    return this.start < 0 ? undefined : this;
  }
}

/**
 * How a part of a value was written, and where: what follows is of a type (as long as no other type is
 * named), a label, or a reference to be resolved. A type has no place of its own: `start` and `end` are -1.
 */
export interface CompileMarker extends Marker, Partial<Span> {}

/** A stretch of source text with a name in it. */
export interface NamedSpan extends Span {
  /** Where the name stands. */
  readonly nameSpan: Span;
}

/** For lists that most entries leave empty. */
export const NONE: readonly never[] = [];
const NO_VALUE = new Uint8Array(0);

/** A property. Deleted ones stay, to keep their place. Its value is a stretch of an array. */
export class CompileProperty {
  /** Labels, in the order in which dtc writes them. */
  labels: readonly CompileLabel[] = NONE;
  /** How the value was written, by offset. */
  markers: readonly CompileMarker[] = NONE;
  /** Whether it was deleted, or is a `/delete-property/`. */
  deleted = false;
  #placeStart = -1;
  #nameStart = -1;
  #placeEnd = -1;

  /**
   * @param name The name; one character per byte.
   * @param data Holds the value. Default: nothing.
   * @param start First byte of the value.
   * @param end The byte behind its last one.
   */
  constructor(
    readonly name: string,
    public data: Uint8Array = NO_VALUE,
    public start = 0,
    public end: number = data.length,
  ) {}

  /** Bytes of the value. */
  get length(): number {
    return this.end - this.start;
  }

  /** The value, as a view. */
  get value(): Uint8Array {
    return this.data.subarray(this.start, this.end);
  }

  set value(bytes: Uint8Array) {
    this.setValue(bytes, 0, bytes.length);
  }

  /** Makes a stretch of an array the value. */
  setValue(data: Uint8Array, start: number, end: number): void {
    this.data = data;
    this.start = start;
    this.end = end;
  }

  /** Where it stands, from the first label, keyword or name on; `undefined` outside of source text. */
  get place(): NamedSpan | undefined {
    if (this.#placeStart < 0) return undefined;
    const nameSpan = { start: this.#nameStart, end: this.#nameStart + this.name.length };
    return { start: this.#placeStart, end: this.#placeEnd, nameSpan };
  }

  /** Says where it and its name begin in the source. */
  placeAt(start: number, nameStart: number): void {
    this.#placeStart = start;
    this.#nameStart = nameStart;
    this.#placeEnd = nameStart + this.name.length;
  }

  /** Says that it ends, semicolon included, in front of a position. */
  endAt(position: number): void {
    this.#placeEnd = position;
  }

  /** Takes over the value of a later assignment, and its place. */
  assign(later: CompileProperty): void {
    this.deleted = false;
    this.setValue(later.data, later.start, later.end);
    this.markers = later.markers;
    this.#placeStart = later.#placeStart;
    this.#nameStart = later.#nameStart;
    this.#placeEnd = later.#placeEnd;
  }

  /** The 32-bit cell at `index`. The caller has checked that it lies inside. */
  cell(index: number): number {
    return readBe32(this.data, this.start + 4 * index);
  }
}

/** Lists up to this length are searched, longer ones have an index. */
const SEARCHED_MAX = 8;

/** Finds the first entry of a name in a list that only grows. */
class FirstByName<T extends { readonly name: string }> {
  readonly #index = new Map<string, T>();
  #indexed = 0;

  find(list: readonly T[], name: string): T | undefined {
    for (; this.#indexed < list.length; this.#indexed++) {
      const entry = list[this.#indexed];
      if (!this.#index.has(entry.name)) this.#index.set(entry.name, entry);
    }
    return this.#index.get(name);
  }
}

function firstByName<T extends { readonly name: string }>(
  list: readonly T[],
  name: string,
): T | undefined {
  for (let at = 0; at < list.length; at++) if (list[at].name === name) return list[at];
  return undefined;
}

function liveByName<T extends { readonly name: string; readonly deleted: boolean }>(
  list: readonly T[],
  name: string,
): T | undefined {
  return list.find((entry) => entry.name === name && !entry.deleted);
}

/** Where the entries of a node with many of them are. */
class NodeLookup {
  readonly properties = new FirstByName<CompileProperty>();
  readonly children = new FirstByName<CompileNode>();
}

/** A node. Deleted ones stay, to keep their place. */
export class CompileNode implements NamedSpan {
  /** Properties in order, deleted ones and duplicates included. */
  properties: readonly CompileProperty[] = NONE;
  /** Children in order, deleted ones and duplicates included. */
  children: readonly CompileNode[] = NONE;
  /** Labels, in the order in which dtc writes them; as the parser leaves them, in that of the source. */
  labels: readonly CompileLabel[] = NONE;
  /** Whether it was deleted, or is a `/delete-node/`. */
  deleted = false;
  /** Whether it is to be left out if nothing refers to it. */
  omitIfNoRef = false;
  /** Whether something refers to it. Known once references are resolved. */
  referenced = false;
  /** The number by which others refer to it, 0 as long as it has none. */
  phandle = 0;
  /** Position of the first label, keyword or name, -1 if it does not come from source text. */
  start = -1;
  /** Position behind the semicolon. */
  end = -1;
  #nameStart = -1;
  #nameEnd = -1;
  #morePlaces: NamedSpan[] | undefined = undefined;
  #lookup: NodeLookup | undefined = undefined;

  /**
   * @param name The name with its unit address; empty for the root and for what extends a node.
   * @param parent The node above; `undefined` for the root.
   */
  constructor(readonly name: string, public parent: CompileNode | undefined) {}

  /** Where its name stands, or what stands for it: the root's slash, a reference. */
  get nameSpan(): Span {
    return { start: this.#nameStart, end: this.#nameEnd };
  }

  /** Says where it and its name are in the source. */
  placeAt(start: number, nameStart: number, nameEnd: number): void {
    this.start = start;
    this.#nameStart = nameStart;
    this.#nameEnd = nameEnd;
    this.end = nameEnd;
  }

  /** Where it stands; later places add to the first. */
  get places(): readonly NamedSpan[] {
    return this.start < 0 ? NONE : [this, ...this.#morePlaces ?? NONE];
  }

  /** Notes that it also stands there. */
  addPlace(place: NamedSpan): void {
    if (this.start < 0) {
      this.placeAt(place.start, place.nameSpan.start, place.nameSpan.end);
      this.end = place.end;
    } else if (this.#morePlaces === undefined) this.#morePlaces = [place];
    else this.#morePlaces.push(place);
  }

  /** The path from the root, `/` for the root itself. */
  get path(): string {
    if (this.parent === undefined) return "/";
    const names = [this.name];
    for (let node = this.parent; node.parent !== undefined; node = node.parent) {
      names.push(node.name);
    }
    return `/${names.reverse().join("/")}`;
  }

  /** The name without the unit address. */
  get baseName(): string {
    const at = this.name.indexOf("@");
    return at < 0 ? this.name : this.name.slice(0, at);
  }

  /** The unit address, empty if there is none. */
  get unitAddress(): string {
    const at = this.name.indexOf("@");
    return at < 0 ? "" : this.name.slice(at + 1);
  }

  /** The first property of this name, deleted or not. */
  slot(name: string): CompileProperty | undefined {
    const { properties } = this;
    if (properties.length <= SEARCHED_MAX) return firstByName(properties, name);
    return (this.#lookup ??= new NodeLookup()).properties.find(properties, name);
  }

  /** The first child of this name, deleted or not. */
  childSlot(name: string): CompileNode | undefined {
    const { children } = this;
    if (children.length <= SEARCHED_MAX) return firstByName(children, name);
    return (this.#lookup ??= new NodeLookup()).children.find(children, name);
  }

  /** The first property of this name that is not deleted. */
  property(name: string): CompileProperty | undefined {
    const slot = this.slot(name);
    return slot?.deleted === true ? liveByName(this.properties, name) : slot;
  }

  /** The first child of this name that is not deleted. */
  child(name: string): CompileNode | undefined {
    const slot = this.childSlot(name);
    return slot?.deleted === true ? liveByName(this.children, name) : slot;
  }

  /** Adds a property as the last one. */
  addProperty(property: CompileProperty): void {
    if (this.properties === NONE) this.properties = [property];
    else (this.properties as CompileProperty[]).push(property);
  }

  /** Adds a new child as the last one. */
  addChild(name: string): CompileNode {
    const child = new CompileNode(name, this);
    this.adoptChild(child);
    return child;
  }

  /** Adds a node with all below it as the last child. */
  adoptChild(child: CompileNode): void {
    child.parent = this;
    if (this.children === NONE) this.children = [child];
    else (this.children as CompileNode[]).push(child);
  }

  /** Puts another list of children in the place of the old one. */
  replaceChildren(children: readonly CompileNode[]): void {
    this.children = [...children];
    this.#lookup = undefined;
  }

  /** Puts another list of properties in the place of the old one. */
  replaceProperties(properties: readonly CompileProperty[]): void {
    this.properties = [...properties];
    this.#lookup = undefined;
  }

  /** Orders properties and children by name, deleted ones included. */
  sort(): void {
    this.replaceProperties([...this.properties].sort(byName));
    this.replaceChildren([...this.children].sort(byName));
  }
}

function byName(a: { readonly name: string }, b: { readonly name: string }): number {
  return a.name < b.name ? -1 : a.name > b.name ? 1 : 0;
}

/** Deletes a property, which keeps its place. dtc: delete_property() */
export function deleteProperty(property: CompileProperty): void {
  property.deleted = true;
  for (const label of property.labels) label.deleted = true;
}

/** The label of a name, deleted or not. */
export function labelNamed(
  labels: readonly CompileLabel[],
  name: string,
): CompileLabel | undefined {
  return labels.length === 0 ? undefined : labels.find((label) => label.name === name);
}

/** The labels that are not deleted. */
export function liveLabels(labels: readonly CompileLabel[]): readonly CompileLabel[] {
  return labels.length === 0 ? labels : labels.filter(({ deleted }) => !deleted);
}
