/**
 * The nodes of a device tree compiler. Source text and blobs become them at once: what the parser makes of
 * the text is what is merged, checked, resolved and written.
 *
 * @module
 */
import {
  type CompileLabel,
  CompileProperty,
  type NamedSpan,
  NO_ROW,
  NONE,
  type PropertyTable,
} from "./compile_property.ts";
import type { Span } from "./dts/source.ts";

/** Lists up to this length are searched, longer ones have an index. */
const SEARCHED_MAX = 8;

/** Finds the first child of a name in a list that only grows. */
class ChildIndex {
  readonly #index = new Map<string, CompileNode>();
  #indexed = 0;

  find(list: readonly CompileNode[], name: string): CompileNode | undefined {
    for (; this.#indexed < list.length; this.#indexed++) {
      const entry = list[this.#indexed];
      if (!this.#index.has(entry.name)) this.#index.set(entry.name, entry);
    }
    return this.#index.get(name);
  }
}

/** Finds the first row with the number of a name in a chain of rows that only grows. */
class RowIndex {
  readonly #index = new Map<number, number>();
  #last = NO_ROW;

  find(table: PropertyTable, first: number, name: number): number {
    let row = this.#last === NO_ROW ? first : table.next(this.#last);
    for (; row !== NO_ROW; row = table.next(row)) {
      const number = table.nameAt(row);
      if (!this.#index.has(number)) this.#index.set(number, row);
      this.#last = row;
    }
    return this.#index.get(name) ?? NO_ROW;
  }
}

/** A node. Deleted ones stay, to keep their place. */
export class CompileNode implements NamedSpan {
  /** Children in order, deleted ones and duplicates included. */
  children: readonly CompileNode[] = NONE;
  /** Labels, in the order in which dtc writes them; as the parser leaves them, in that of the source. */
  labels: readonly CompileLabel[] = NONE;
  /** Whether it was deleted, or is a `/delete-node/`. */
  deleted = false;
  /** Whether it is to be left out if nothing refers to it. */
  omitIfNoRef = false;
  /** Whether it came into the tree as a deletion. Should it come back, dtc knows no node above it. */
  orphan = false;
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
  #above: CompileNode | undefined;
  readonly #table: PropertyTable;
  #firstRow = NO_ROW;
  #lastRow = NO_ROW;
  #rows = 0;
  #rowIndex: RowIndex | undefined = undefined;
  #childIndex: ChildIndex | undefined = undefined;

  /**
   * @param name The name with its unit address; empty for the root and for what extends a node.
   * @param above The node above; `undefined` for the root.
   * @param table Holds the properties of the whole tree.
   */
  constructor(
    readonly name: string,
    above: CompileNode | undefined,
    table: PropertyTable,
  ) {
    this.#above = above;
    this.#table = table;
  }

  /** The node above; `undefined` for the root and for orphans. */
  get parent(): CompileNode | undefined {
    return this.orphan ? undefined : this.#above;
  }

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
    if (this.#above === undefined) return "/";
    const names = [this.name];
    for (let node = this.#above; node.#above !== undefined; node = node.#above) {
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

  /** All properties, deleted ones and duplicates included: a list of its own. */
  get properties(): CompileProperty[] {
    const properties: CompileProperty[] = [];
    this.eachProperty((property) => properties.push(property.copy()));
    return properties;
  }

  /** Shows all properties, deleted ones and duplicates included, by one object that stands for each in turn. */
  eachProperty(look: (property: CompileProperty) => void): void {
    const property = this.#property(this.#firstRow);
    if (property === undefined) return;
    do look(property); while (property.advance());
  }

  #property(row: number, property?: CompileProperty): CompileProperty | undefined {
    if (row === NO_ROW) return undefined;
    if (property === undefined) return new CompileProperty(this.#table, row);
    property.row = row;
    return property;
  }

  /** The first property of this name, deleted or not. */
  slot(name: string): CompileProperty | undefined {
    return this.#property(this.#slot(name));
  }

  #slot(name: string): number {
    const number = this.#table.nameNumber(name);
    if (number < 0) return NO_ROW;
    if (this.#rows <= SEARCHED_MAX) return this.#find(this.#firstRow, number);
    return (this.#rowIndex ??= new RowIndex()).find(this.#table, this.#firstRow, number);
  }

  #find(first: number, name: number): number {
    const table = this.#table;
    let row = first;
    while (row !== NO_ROW && table.nameAt(row) !== name) row = table.next(row);
    return row;
  }

  /** The first child of this name, deleted or not. */
  childSlot(name: string): CompileNode | undefined {
    const { children } = this;
    if (children.length <= SEARCHED_MAX) return children.find((child) => child.name === name);
    return (this.#childIndex ??= new ChildIndex()).find(children, name);
  }

  /** The first property of this name that is not deleted; `property` is made to stand for it if given. */
  property(name: string, property?: CompileProperty): CompileProperty | undefined {
    return this.#property(this.#live(name), property);
  }

  /** Whether it has a property of this name that is not deleted. */
  has(name: string): boolean {
    return this.#live(name) !== NO_ROW;
  }

  #live(name: string): number {
    const table = this.#table;
    let row = this.#slot(name);
    while (row !== NO_ROW && table.isDeleted(row)) {
      row = this.#find(table.next(row), table.nameAt(row));
    }
    return row;
  }

  /** The first child of this name that is not deleted. */
  child(name: string): CompileNode | undefined {
    const slot = this.childSlot(name);
    if (slot?.deleted !== true) return slot;
    return this.children.find((child) => child.name === name && !child.deleted);
  }

  /** A new property without a value, which {@linkcode addProperty} adds. */
  newProperty(name: string): CompileProperty {
    return this.#table.create(name);
  }

  /** Adds a property, of no node so far or of one that is not used any more, as the last one. */
  addProperty({ row }: CompileProperty): void {
    if (this.#lastRow === NO_ROW) this.#firstRow = row;
    else this.#table.link(this.#lastRow, row);
    this.#table.link(row, NO_ROW);
    this.#lastRow = row;
    this.#rows++;
  }

  /** Adds a new child as the last one. */
  addChild(name: string): CompileNode {
    const child = this.newChild(name);
    this.adoptChild(child);
    return child;
  }

  /** A new node below this one, which is not yet among the children. */
  newChild(name: string): CompileNode {
    return new CompileNode(name, this, this.#table);
  }

  /** Adds a node with all below it as the last child. */
  adoptChild(child: CompileNode): void {
    child.#above = this;
    if (this.children === NONE) this.children = [child];
    else (this.children as CompileNode[]).push(child);
  }

  /** Puts another list of children in the place of the old one. */
  replaceChildren(children: readonly CompileNode[]): void {
    this.children = [...children];
    this.#childIndex = undefined;
  }

  /** Puts another list of properties in the place of the old one. */
  replaceProperties(properties: readonly CompileProperty[]): void {
    this.#firstRow = this.#lastRow = NO_ROW;
    this.#rows = 0;
    this.#rowIndex = undefined;
    for (const property of properties) this.addProperty(property);
  }

  /** Orders properties and children by name, deleted ones included. */
  sort(): void {
    this.replaceProperties(this.properties.sort(byName));
    this.replaceChildren([...this.children].sort(byName));
  }
}

function byName(a: { readonly name: string }, b: { readonly name: string }): number {
  return a.name < b.name ? -1 : a.name > b.name ? 1 : 0;
}
