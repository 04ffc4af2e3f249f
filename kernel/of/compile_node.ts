/**
 * The nodes of a device tree compiler. Source text and blobs become them at once: what the parser makes of
 * the text is what is merged, checked, resolved and written.
 *
 * @module
 */
import { ChildIndex } from "./child_index.ts";
import type { CompileLabel } from "./compile_label.ts";
import { CompileProperty } from "./compile_property.ts";
import type { NamedSpan, Span } from "./dts/source.ts";
import type { NodeName } from "./node_name.ts";
import { FLAG, type NodeTable, NONE, SEARCHED_MAX } from "./node_table.ts";
import { NO_ROW } from "./rows.ts";

/** A node. Deleted ones stay, to keep their place. What it is made of is in a row of its table. */
export class CompileNode implements NamedSpan {
  /** Tells it from all others of its table. */
  readonly row: number;

  /**
   * @param name The number of the name with its unit address; empty for the root and for what extends a node.
   * @param above The node above; `undefined` for the root.
   * @param table Holds the whole tree.
   */
  constructor(
    name: number,
    above: CompileNode | undefined,
    readonly table: NodeTable,
  ) {
    this.row = table.add(this, name, above === undefined ? NO_ROW : above.row);
  }

  /** The name with its unit address; empty for the root and for what extends a node. */
  get name(): string {
    return this.table.names.text(this.nameNumber);
  }

  /** The number of the name. */
  get nameNumber(): number {
    return this.table.nameOf(this.row);
  }

  /** The name, which others of the same share. */
  get nodeName(): NodeName {
    return this.table.name(this.nameNumber);
  }

  /** The name without the unit address. */
  get baseName(): string {
    return this.nodeName.base;
  }

  /** The unit address, empty if there is none. */
  get unitAddress(): string {
    return this.nodeName.unitAddress;
  }

  /** Whether it was deleted, or is a `/delete-node/`. */
  get deleted(): boolean {
    return this.table.has(this.row, FLAG.DELETED);
  }

  set deleted(deleted: boolean) {
    this.table.put(this.row, FLAG.DELETED, deleted);
  }

  /** Whether it is to be left out if nothing refers to it. */
  get omitIfNoRef(): boolean {
    return this.table.has(this.row, FLAG.OMIT_IF_NO_REF);
  }

  set omitIfNoRef(omit: boolean) {
    this.table.put(this.row, FLAG.OMIT_IF_NO_REF, omit);
  }

  /** Whether it came into the tree as a deletion. Should it come back, dtc knows no node above it. */
  get orphan(): boolean {
    return this.table.has(this.row, FLAG.ORPHAN);
  }

  set orphan(orphan: boolean) {
    this.table.put(this.row, FLAG.ORPHAN, orphan);
  }

  /** Whether something refers to it. Known once references are resolved. */
  get referenced(): boolean {
    return this.table.has(this.row, FLAG.REFERENCED);
  }

  set referenced(referenced: boolean) {
    this.table.put(this.row, FLAG.REFERENCED, referenced);
  }

  /** The number by which others refer to it, 0 as long as it has none. */
  get phandle(): number {
    return this.table.phandleOf(this.row);
  }

  set phandle(phandle: number) {
    this.table.setPhandle(this.row, phandle);
  }

  /** Labels, in the order in which dtc writes them; as the parser leaves them, in that of the source. */
  get labels(): readonly CompileLabel[] {
    return this.table.labels.labels(this.labelList);
  }

  /** The name of the first label that is not deleted. */
  get firstLabel(): string | undefined {
    const { labels, names } = this.table;
    let row = this.labelList;
    while (row !== NO_ROW && labels.isDeleted(row)) row = labels.next(row);
    return row === NO_ROW ? undefined : names.text(labels.nameAt(row));
  }

  /** The list of its labels. */
  get labelList(): number {
    return this.table.labelsOf(this.row);
  }

  set labelList(list: number) {
    this.table.setLabels(this.row, list);
  }

  /** Position of the first label, keyword or name, -1 if it does not come from source text. */
  get start(): number {
    return this.table.startOf(this.row);
  }

  /** Position behind the semicolon. */
  get end(): number {
    return this.table.endOf(this.row);
  }

  set end(end: number) {
    this.table.setEnd(this.row, end);
  }

  /** Where its name stands, or what stands for it: the root's slash, a reference. */
  get nameSpan(): Span {
    return { start: this.table.nameStartOf(this.row), end: this.table.nameEndOf(this.row) };
  }

  /** Says where it and its name are in the source. */
  placeAt(start: number, nameStart: number, nameEnd: number): void {
    this.table.setPlace(this.row, start, nameStart, nameEnd);
  }

  /** Where it stands; later places add to the first. */
  get places(): readonly NamedSpan[] {
    if (this.start < 0) return NONE;
    const more = this.table.extrasOf(this.row)?.morePlaces;
    return more === undefined ? [this] : [this, ...more];
  }

  /** Notes that it also stands there. */
  addPlace(place: NamedSpan): void {
    if (this.start < 0) {
      this.placeAt(place.start, place.nameSpan.start, place.nameSpan.end);
      this.end = place.end;
    } else (this.table.addExtras(this.row).morePlaces ??= []).push(place);
  }

  get #above(): CompileNode | undefined {
    const row = this.table.aboveOf(this.row);
    return row === NO_ROW ? undefined : this.table.node(row);
  }

  /** The node above; `undefined` for the root and for orphans. */
  get parent(): CompileNode | undefined {
    return this.orphan ? undefined : this.#above;
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

  /** Children in order, deleted ones and duplicates included. */
  get children(): readonly CompileNode[] {
    return this.table.children(this.row);
  }

  /** The first child of this name, or of the name of this number, deleted or not. */
  childSlot(name: string | number): CompileNode | undefined {
    const { children } = this;
    if (children.length === 0) return undefined;
    const number = this.#number(name);
    if (number < 0) return undefined;
    if (children.length <= SEARCHED_MAX) {
      return children.find((child) => child.nameNumber === number);
    }
    const extras = this.table.addExtras(this.row);
    return (extras.childIndex ??= new ChildIndex()).find(children, number);
  }

  /** The first child of this name that is not deleted. */
  child(name: string): CompileNode | undefined {
    const slot = this.childSlot(name);
    if (slot?.deleted !== true) return slot;
    return this.children.find((child) => child.name === name && !child.deleted);
  }

  /** Adds a new child as the last one. */
  addChild(name: string): CompileNode {
    const child = this.newChild(this.table.names.addText(name));
    this.adoptChild(child);
    return child;
  }

  /** A new node below this one, with the name of a number, which is not yet among the children. */
  newChild(name: number): CompileNode {
    return new CompileNode(name, this, this.table);
  }

  /** Adds a node with all below it as the last child. */
  adoptChild(child: CompileNode): void {
    child.table.setAbove(child.row, this.row);
    if (this.children === NONE) this.table.setChildren(this.row, [child]);
    else (this.children as CompileNode[]).push(child);
  }

  /** Puts another list of children, which becomes the node's own, in the place of the old one. */
  replaceChildren(children: readonly CompileNode[]): void {
    this.table.setChildren(this.row, children);
    delete this.table.extrasOf(this.row)?.childIndex;
  }

  /** All properties, deleted ones and duplicates included: a list of its own. */
  get properties(): CompileProperty[] {
    const table = this.table.properties;
    const properties: CompileProperty[] = [];
    for (
      let row = this.table.firstProperty(this.row);
      row !== NO_ROW;
      row = table.next(row)
    ) properties.push(new CompileProperty(table, row));
    return properties;
  }

  #property(row: number, property?: CompileProperty): CompileProperty | undefined {
    if (row === NO_ROW) return undefined;
    if (property === undefined) return new CompileProperty(this.table.properties, row);
    property.row = row;
    return property;
  }

  #number(name: string | number): number {
    return typeof name === "number" ? name : this.table.names.find(name);
  }

  /** The first property of this name, or of the name of this number, deleted or not. */
  slot(name: string | number): CompileProperty | undefined {
    return this.#property(this.table.slot(this.row, this.#number(name)));
  }

  /**
   * The first property of this name, or of the name of this number, that is not deleted; `property` is made
   * to stand for it if given.
   */
  property(name: string | number, property?: CompileProperty): CompileProperty | undefined {
    return this.#property(this.table.live(this.row, this.#number(name)), property);
  }

  /** Whether it has a property of this name, or of the name of this number, that is not deleted. */
  has(name: string | number): boolean {
    return this.table.live(this.row, this.#number(name)) !== NO_ROW;
  }

  /** The only cell of a property of this name, `undefined` without one, or if it has another size. */
  cell(name: string | number): number | undefined {
    const row = this.table.live(this.row, this.#number(name));
    return row === NO_ROW ? undefined : this.table.properties.onlyCell(row);
  }

  /**
   * A new property without a value, with the name of a number, which {@linkcode addProperty} adds;
   * `property` is made to stand for it if given.
   */
  newNumbered(name: number, property?: CompileProperty): CompileProperty {
    return this.#property(this.table.properties.add(name), property)!;
  }

  /** A new property without a value, which {@linkcode addProperty} adds. */
  newProperty(name: string): CompileProperty {
    return this.newNumbered(this.table.names.addText(name));
  }

  /** Adds a property, of no node so far or of one that is not used any more, as the last one. */
  addProperty({ row }: CompileProperty): void {
    this.table.addProperty(this.row, row);
  }

  /** Puts another list of properties in the place of the old one. */
  replaceProperties(properties: readonly CompileProperty[]): void {
    this.table.clearProperties(this.row);
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
