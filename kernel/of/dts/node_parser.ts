import { CompileNode } from "../compile_node.ts";
import { NodeTable } from "../node_table.ts";
import type { CompileProperty } from "../compile_property.ts";
import { NO_ROW } from "../rows.ts";
import type { AstRef } from "./ast.ts";
import type { Includes } from "./include.ts";
import type { Lexer } from "./lexer.ts";
import type { Span } from "./source.ts";
import { nearest } from "./suggest.ts";
import type { Syntax } from "./syntax.ts";
import { KEYWORDS, MODE, T } from "./token.ts";
import { startsPart, ValueParser } from "./value.ts";

/** What stands before a name. */
interface Prefix {
  start: number;
  /** The list of labels. */
  labels: number;
  omit: boolean;
}

/** Reads the bodies of nodes, and the names and labels that also statements have. */
export class NodeParser {
  /** Holds all nodes of the text. */
  readonly table: NodeTable = new NodeTable();
  readonly #values: ValueParser;
  /** Nodes whose `}` has not come yet. */
  readonly #open: CompileNode[] = [];
  /** For each of them the index of its first child among the children of all. */
  readonly #firstChildren: number[] = [];
  /** Stands for each property in turn. */
  #current: CompileProperty | undefined = undefined;
  readonly #children: CompileNode[] = [];
  /** What stands before the name that is being read. */
  readonly #prefix: Prefix = { start: 0, labels: NO_ROW, omit: false };

  constructor(readonly lexer: Lexer, readonly syntax: Syntax, includes: Includes) {
    this.table.expectText(lexer.bytes.length);
    this.#values = new ValueParser(lexer, syntax, this.table.properties, includes);
  }

  /** An integer, as reservations have them. */
  integer(what: string): bigint {
    const span = this.lexer.span();
    const value = this.#values.expression.primary();
    if (value === undefined) this.syntax.error("DTS0117", span, `expected ${what}`);
    return value ?? 0n;
  }

  /** Reads the labels that stand here, and gives the list of them, behind those of `list`. */
  labels(list: number = NO_ROW): number {
    const { lexer, table: { labels, names } } = this;
    if (lexer.kind !== T.LABEL) return list;
    let last = labels.last(list);
    while (lexer.kind === T.LABEL) {
      const { bytes, start, end } = lexer;
      const row = labels.add(names.add(bytes, start, end - 1), start, end);
      if (last === NO_ROW) list = row;
      else labels.link(last, row);
      last = row;
      lexer.next();
    }
    return list;
  }

  /** The current token, a reference; moves on. */
  reference(): AstRef {
    const { lexer } = this;
    const { start, end } = lexer;
    const target = lexer.kind === T.LABEL_REF ? lexer.text(1) : lexer.text(2, 1);
    lexer.next();
    return { target, start, end };
  }

  /** A semicolon, or the diagnostic that it is missing. */
  semicolon(after: string, help?: string): void {
    if (!this.#skipSemicolon()) this.#noSemicolon(after, help);
  }

  /** Moves on if there is a semicolon. */
  #skipSemicolon(): boolean {
    const { lexer, syntax } = this;
    if (lexer.kind !== T.SEMICOLON) return false;
    lexer.next();
    syntax.settle();
    return true;
  }

  #noSemicolon(after: string, help: string | undefined): void {
    const { lexer, syntax } = this;
    const newLine = syntax.onNewLine();
    if (lexer.previousKind === T.STRING && this.#spansLines(lexer.previousStart)) {
      return this.#openString(lexer.previousStart);
    }
    if (newLine || lexer.kind === T.BRACE_CLOSE || lexer.kind === T.END || syntax.atEntry()) {
      syntax.missing("DTS0103", `expected \`;\` ${after}`, { help });
      if (newLine || syntax.atEntry()) syntax.resync();
      else syntax.settle();
    } else {
      syntax.error("DTS0103", lexer.span(), `expected \`;\` ${after}`, { help });
      syntax.skipEntry();
    }
  }

  #spansLines(start: number): boolean {
    return this.lexer.bytes.subarray(start, this.lexer.before).includes(10);
  }

  /** After a string over several lines, it is most likely the quote that is missing. */
  #openString(start: number): void {
    const { lexer, syntax } = this;
    const line = lexer.sources.lineAround(start).end;
    const end = lexer.bytes[line - 1] === T.SEMICOLON ? line - 1 : line;
    syntax.error("DTS0007", { start, end: start + 1 }, 'expected `"` to end the string', {
      related: [{ span: { start: end, end }, text: "perhaps here" }],
    });
    if (lexer.sources.fileAt(start) === lexer.sources.fileAt(lexer.start)) {
      lexer.rescan(line, MODE.NAME);
    }
    syntax.settle();
  }

  /** A node without a name below none. */
  orphan(): CompileNode {
    return new CompileNode(this.table.names.addText(""), undefined, this.table);
  }

  /** Reads `{ ... };` into `root`, keeping the open nodes on a stack of its own. */
  body(root: CompileNode): void {
    if (this.#openBrace(root)) this.#entries();
  }

  /** Reads entries that stand outside of every node, most likely because of a `}` too many. */
  stray(): void {
    const { start } = this.lexer;
    const node = this.orphan();
    node.placeAt(start, start, start);
    this.#openNode(node);
    this.#entries();
  }

  #entries(): void {
    while (this.#open.length > 0) {
      if (this.lexer.kind === T.BRACE_CLOSE) {
        this.lexer.next();
        this.syntax.settle();
        const node = this.#close();
        this.semicolon("after `}`");
        node.end = this.lexer.before;
      } else if (this.lexer.kind === T.END || this.syntax.atStatement()) {
        this.#missingBraces();
      } else {
        this.#entry();
      }
    }
  }

  #openBrace(node: CompileNode): boolean {
    const { lexer, syntax } = this;
    this.#openNode(node);
    if (lexer.kind === T.BRACE_OPEN) {
      lexer.next();
      syntax.settle();
      return true;
    }
    syntax.missing("DTS0104", `expected \`{\` to begin ${nodeName(node)}`);
    if (syntax.onNewLine() || syntax.atEntry()) {
      syntax.resync();
      return true;
    }
    this.#close();
    syntax.skipEntry();
    return false;
  }

  #openNode(node: CompileNode): void {
    this.#open.push(node);
    this.#firstChildren.push(this.#children.length);
  }

  #close(): CompileNode {
    const node = this.#open.pop()!;
    const firstChild = this.#firstChildren.pop()!;
    if (firstChild < this.#children.length) {
      node.replaceChildren(this.#children.slice(firstChild));
      this.#children.length = firstChild;
    }
    node.end = this.lexer.before;
    return node;
  }

  #missingBraces(): void {
    const node = this.#open.at(-1)!;
    const { start, end } = node.nameSpan;
    if (!this.lexer.truncated && end > start) {
      const related = [{ span: node.nameSpan, text: "it begins here" }];
      related.push(...this.#misindented(this.#firstChildren[0], node));
      this.syntax.missing("DTS0105", `expected \`}\` to end ${nodeName(node)}`, { related });
    }
    while (this.#open.length > 0) this.#close();
    this.syntax.settle();
  }

  /** The node whose `}` stands first where it does not belong: its own is likely missing. */
  #misindented(firstChild: number, last: CompileNode): { span: Span; text: string }[] {
    const below = this.#children.slice(firstChild);
    let guess: CompileNode | undefined = undefined;
    for (let node = below.pop(); node !== undefined; node = below.pop()) {
      for (const child of node.children) below.push(child);
      if (node === last || node.deleted || (guess !== undefined && guess.end < node.end)) continue;
      if (this.#closedElsewhere(node)) guess = node;
    }
    if (guess === undefined) return [];
    return [
      { span: guess.nameSpan, text: "perhaps it is missing in this node" },
      { span: { start: guess.end - 2, end: guess.end - 1 }, text: "which ends here" },
    ];
  }

  /** Whether a node's `}` begins a line, but is not indented as the node is. */
  #closedElsewhere({ start, end }: CompileNode): boolean {
    const { sources, bytes } = this.lexer;
    const brace = end - 2;
    if (bytes[brace] !== T.BRACE_CLOSE) return false;
    const first = sources.lineAround(start);
    const last = sources.lineAround(brace);
    const indent = sources.text({ start: last.start, end: brace });
    return first.start !== last.start && indent.trim() === "" &&
      indent !== /^\s*/.exec(sources.text(first))![0];
  }

  /** Reads one entry of a node, a child up to its `{`. */
  #entry(): void {
    const { lexer, syntax } = this;
    this.#readPrefix();
    switch (lexer.kind) {
      case T.NAME:
        return this.#named();
      case T.DELETE_PROPERTY:
      case T.DELETE_NODE:
        return this.#deletion(lexer.kind === T.DELETE_NODE);
      case T.BAD_KEYWORD:
        this.#badKeyword();
        return syntax.skipEntry();
    }
    if (this.#prefix.labels !== NO_ROW && startsPart(lexer.kind)) this.#colonForEquals();
    else this.#strange();
  }

  #readPrefix(): void {
    const prefix = this.#prefix;
    const { lexer } = this;
    prefix.start = lexer.start;
    prefix.omit = false;
    prefix.labels = this.labels();
    while (lexer.kind === T.OMIT_IF_NO_REF) {
      prefix.omit = true;
      lexer.next();
      prefix.labels = this.labels(prefix.labels);
    }
  }

  /** `reg: <1>;` */
  #colonForEquals(): void {
    const { start } = this.#prefix;
    const { labels } = this.table;
    const names = labels.labels(this.#prefix.labels);
    const name = names[names.length - 1];
    const colon = { start: name.end - 1, end: name.end };
    this.syntax.error("DTS0108", colon, `expected \`=\` after \`${name.name}\``, {
      help: `write \`${name.name} = ...\`; a colon makes it a label`,
    });
    const property = this.#newNumbered(labels.nameAt(name.row));
    if (names.length > 1) {
      labels.link(names[names.length - 2].row, NO_ROW);
      property.labelList = names[0].row;
    }
    property.placeAt(start, name.start, name.end);
    this.#value(property);
  }

  #strange(): void {
    const { lexer, syntax } = this;
    if (lexer.kind === T.SEMICOLON) {
      const what = this.#prefix.labels !== NO_ROW
        ? "a name between the label and"
        : "an entry before";
      syntax.error("DTS0113", lexer.span(), `expected ${what} this \`;\``);
      lexer.next();
      return syntax.settle();
    }
    if (lexer.kind === T.BRACE_CLOSE || lexer.kind === T.END) {
      return syntax.missing("DTS0119", "expected a property or a node after the label");
    }
    const reference = lexer.kind === T.LABEL_REF || lexer.kind === T.PATH_REF;
    syntax.error("DTS0113", lexer.span(), "expected a property, a node or `}`", {
      help: reference
        ? "nodes are extended at the top level, after the `};` of the root node"
        : undefined,
    });
    syntax.skipEntry();
  }

  #badKeyword(): void {
    const { lexer } = this;
    const word = lexer.text();
    const known = nearest(word, [...KEYWORDS.keys(), "/include/"]);
    const help = known === undefined
      ? "keywords stand between slashes: /delete-node/, /delete-property/, /omit-if-no-ref/"
      : `did you mean ${known}?`;
    this.syntax.error("DTS0013", lexer.span(), `expected a keyword, \`${word}\` is none`, { help });
  }

  /** Reads a property, or a child up to its opening brace. */
  #named(): void {
    const { lexer } = this;
    const { omit } = this.#prefix;
    const { bytes, end } = lexer;
    const start = bytes[lexer.start] === T.BACKSLASH ? lexer.start + 1 : lexer.start;
    const name = this.table.names.add(bytes, start, end);
    const kind = lexer.next();
    if (kind === T.BRACE_OPEN || omit || this.#lacksBrace(name)) {
      this.#openBrace(this.#newChild(name, start, end));
    } else {
      this.#property(this.#newProperty(name, start));
    }
  }

  #newChild(name: number, start: number, end: number): CompileNode {
    const node = this.#open[this.#open.length - 1].newChild(name);
    node.placeAt(this.#prefix.start, start, end);
    if (this.#prefix.labels !== NO_ROW) node.labelList = this.#prefix.labels;
    if (this.#prefix.omit) node.omitIfNoRef = true;
    this.#children.push(node);
    return node;
  }

  #newProperty(name: number, start: number): CompileProperty {
    const property = this.#newNumbered(name);
    property.placeAt(this.#prefix.start, start, this.lexer.before);
    if (this.#prefix.labels !== NO_ROW) property.labelList = this.#prefix.labels;
    return property;
  }

  #newNumbered(name: number): CompileProperty {
    const node = this.#open[this.#open.length - 1];
    return this.#current = node.newNumbered(name, this.#current);
  }

  /** Whether a name is that of a node although no brace follows it. */
  #lacksBrace(name: number): boolean {
    const { kind } = this.lexer;
    if (kind === T.ASSIGN || kind === T.SEMICOLON) return false;
    return this.table.names.text(name).includes("@");
  }

  #property(property: CompileProperty): void {
    const { lexer, syntax } = this;
    if (this.#skipSemicolon()) this.#addProperty(property);
    else if (lexer.kind === T.ASSIGN) {
      lexer.next();
      this.#value(property);
    } else if (startsPart(lexer.kind)) {
      syntax.missing("DTS0108", `expected \`=\` after \`${property.name}\``);
      this.#value(property);
    } else if (lexer.kind === T.COLON) {
      this.#badLabel(property.place!.nameSpan);
    } else {
      this.semicolon(
        `after \`${property.name}\``,
        propertyHelp(property),
      );
      this.#addProperty(property);
    }
  }

  #badLabel(span: Span): void {
    this.syntax.error("DTS0116", span, "expected a label of letters, digits and `_`", {
      help: `write ${this.lexer.sources.text(span).replace(/\W/g, "_")}:`,
    });
    this.lexer.rescan(this.lexer.end, MODE.NAME);
    this.syntax.settle();
  }

  #value(property: CompileProperty): void {
    this.#values.parse(property);
    if (!this.#skipSemicolon()) this.semicolon(`after the value of \`${property.name}\``);
    this.#addProperty(property);
  }

  #addProperty(property: CompileProperty): void {
    const node = this.#open[this.#open.length - 1];
    const firstChild = this.#firstChildren[this.#firstChildren.length - 1];
    property.endAt(this.lexer.before);
    if (firstChild < this.#children.length) {
      this.#afterSubnode(property, this.#children[firstChild], node);
    }
    node.addProperty(property);
  }

  /** One diagnostic for each node will do. */
  #afterSubnode(property: CompileProperty, child: CompileNode, node: CompileNode): void {
    if (this.#misplacedIn === node) return;
    this.#misplacedIn = node;
    const message = "expected all properties before the subnodes";
    this.syntax.diagnostics.error("DTS0107", property.place!.nameSpan, message, {
      label: "this property comes too late",
      related: [{ span: child.nameSpan, text: "the first subnode" }],
      help: `move \`${property.name}\` above \`${child.name}\``,
    });
  }
  #misplacedIn: CompileNode | undefined = undefined;

  #deletion(isNode: boolean): void {
    const { lexer, syntax } = this;
    if (!isNode && this.#prefix.omit) {
      const message = "expected a node after `/omit-if-no-ref/`";
      syntax.error("DTS0113", lexer.span(), message);
    }
    if (lexer.next() !== T.NAME) {
      this.#noName(isNode);
      return syntax.skipEntry();
    }
    const { bytes, end } = lexer;
    const start = bytes[lexer.start] === T.BACKSLASH ? lexer.start + 1 : lexer.start;
    const name = this.table.names.add(bytes, start, end);
    lexer.next();
    if (!this.#skipSemicolon()) this.semicolon(`after \`${this.table.names.text(name)}\``);
    if (isNode) {
      const node = this.#newChild(name, start, end);
      node.deleted = true;
      node.end = lexer.before;
    } else {
      const property = this.#newProperty(name, start);
      property.deleted = true;
      this.#addProperty(property);
    }
  }

  #noName(isNode: boolean): void {
    const { lexer, syntax } = this;
    const what = isNode ? "node" : "property";
    if (isNode && (lexer.kind === T.LABEL_REF || lexer.kind === T.PATH_REF)) {
      syntax.error("DTS0118", lexer.span(), "expected the name of a subnode", {
        help: "a node is deleted by reference at the top level only",
      });
    } else {
      syntax.error("DTS0119", lexer.span(), `expected the name of a ${what}`);
    }
  }
}

function propertyHelp({ name }: CompileProperty): string {
  return `a property is \`${name};\` or \`${name} = value;\`, a node \`${name} { ... };\``;
}

function nodeName({ name }: CompileNode): string {
  return name === "" ? "the node" : `node \`${name}\``;
}
