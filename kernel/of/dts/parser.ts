import {
  type AstFile,
  type AstLabel,
  type AstMemReserve,
  AstNode,
  AstProperty,
  type AstRef,
  type AstStatement,
} from "./ast.ts";
import { type Diagnostics, DtsError } from "./diagnostic.ts";
import type { Lexer } from "./lexer.ts";
import { T } from "./token.ts";
import { refTarget, ValueParser } from "./value.ts";

const NO_LABELS: readonly AstLabel[] = [];

/** What stands in front of a name: labels and `/omit-if-no-ref/`. */
interface Prefix {
  start: number;
  labels: readonly AstLabel[];
  omitIfNoRef: boolean;
}

/** Reads tokens into an {@linkcode AstFile}. */
export class Parser {
  readonly #values: ValueParser;

  constructor(readonly lexer: Lexer, readonly diagnostics: Diagnostics) {
    this.#values = new ValueParser(lexer, diagnostics);
  }

  /** The whole file. */
  parse(): AstFile {
    const { lexer } = this;
    lexer.next();
    const plugin = this.#header();
    const memreserve = this.#memReserves();
    const statements = this.#statements();
    const end = { start: lexer.before, end: lexer.before };
    return { sources: lexer.sources, end, plugin, memreserve, statements };
  }

  /** Reads `/dts-v1/;` and whether `/plugin/;` follows it. */
  #header(): boolean {
    const { lexer } = this;
    if (lexer.kind !== T.V1) {
      const help = lexer.kind === 0xef ? "remove the byte order mark" : undefined;
      const message = "expected `/dts-v1/;` at the start of the source";
      this.diagnostics.fatal("DTS0101", lexer.span(), message, { help });
    }
    const plugin = this.#version();
    while (lexer.kind === T.V1) {
      const span = lexer.span();
      if (this.#version() === plugin) continue;
      const message = "every `/dts-v1/;` must be followed by `/plugin/;`, or none";
      this.diagnostics.error("DTS0102", span, message);
    }
    return plugin;
  }

  #version(): boolean {
    const { lexer } = this;
    lexer.next();
    this.#semicolon("after `/dts-v1/`");
    if (lexer.kind !== T.PLUGIN) return false;
    lexer.next();
    this.#semicolon("after `/plugin/`");
    return true;
  }

  #memReserves(): AstMemReserve[] {
    const { lexer } = this;
    const found: AstMemReserve[] = [];
    while (lexer.kind === T.MEMRESERVE || lexer.kind === T.LABEL) {
      const { start } = lexer;
      const labels = this.#labels();
      if (this.lexer.kind !== T.MEMRESERVE) {
        const help = labels.length > 0 ? "the root node cannot have a label" : undefined;
        const message = "expected `/memreserve/` or `/ {`";
        this.diagnostics.fatal("DTS0103", lexer.span(), message, { help });
      }
      lexer.next();
      const address = this.#integer("an address after `/memreserve/`");
      const size = this.#integer("a size after the address");
      this.#semicolon("after the reservation");
      found.push({ start, end: lexer.before, address, size, labels });
    }
    return found;
  }

  #integer(what: string): bigint {
    const span = this.lexer.span();
    return this.#values.expression.primary() ??
      this.diagnostics.fatal("DTS0104", span, `expected ${what}`);
  }

  #statements(): AstStatement[] {
    const { lexer } = this;
    const statements: AstStatement[] = [];
    if (lexer.kind !== T.SLASH && lexer.kind !== T.LABEL_REF && lexer.kind !== T.PATH_REF) {
      const message = "expected the root node: `/ { ... };`";
      this.diagnostics.fatal("DTS0105", lexer.span(), message);
    }
    while (lexer.kind !== T.END) statements.push(this.#statement());
    return statements;
  }

  #statement(): AstStatement {
    const { lexer } = this;
    const { start, end } = lexer;
    if (lexer.kind === T.SLASH) {
      lexer.next();
      const node = new AstNode("", start, start, end, NO_LABELS, false, false);
      return { kind: "root", node: this.#nodeTree(node) };
    }
    if (lexer.kind === T.DELETE_NODE || lexer.kind === T.OMIT_IF_NO_REF) {
      const kind = lexer.kind === T.DELETE_NODE ? "delete" : "omit-if-no-ref";
      lexer.next();
      const target = this.#ref();
      this.#semicolon("after the reference");
      return { kind, target };
    }
    const labels = lexer.kind === T.LABEL ? [this.#label()] : NO_LABELS;
    const target = this.#ref();
    const node = new AstNode("", start, target.start, target.end, labels, false, false);
    return { kind: "extend", target, node: this.#nodeTree(node) };
  }

  #ref(): AstRef {
    const { lexer } = this;
    const { start, end } = lexer;
    if (lexer.kind !== T.LABEL_REF && lexer.kind !== T.PATH_REF) {
      const help =
        "at this level stand `/ { ... };`, `&label { ... };` and `/delete-node/ &label;`";
      const message = "expected a reference or the root node";
      this.diagnostics.fatal("DTS0106", { start, end }, message, { help });
    }
    const target = refTarget(lexer);
    lexer.next();
    return { target, start, end };
  }

  #label(): AstLabel {
    const { start, end } = this.lexer;
    const label = { name: this.lexer.text(0, 1), start, end };
    this.lexer.next();
    return label;
  }

  #labels(): readonly AstLabel[] {
    if (this.lexer.kind !== T.LABEL) return NO_LABELS;
    const labels: AstLabel[] = [];
    while (this.lexer.kind === T.LABEL) labels.push(this.#label());
    return labels;
  }

  /** Reads `{ ... };` into `root`, keeping the open nodes on a stack of its own. */
  #nodeTree(root: AstNode): AstNode {
    this.#openBrace("the node");
    const open = [root];
    for (let node = open.at(-1); node !== undefined; node = open.at(-1)) {
      if (this.lexer.kind === T.BRACE_CLOSE) {
        this.lexer.next();
        open.pop();
        this.#semicolonOrReport("after `}`");
        node.end = this.lexer.before;
      } else {
        const child = this.#entry(node);
        if (child !== undefined) open.push(child);
      }
    }
    return root;
  }

  /** Reads one entry of a node; returns it if it is a child whose body follows. */
  #entry(node: AstNode): AstNode | undefined {
    const { lexer } = this;
    const prefix = this.#prefix();
    const { start } = lexer;
    if (lexer.kind === T.DELETE_PROPERTY && !prefix.omitIfNoRef) {
      const nameStart = this.#deletion("property");
      const name = this.#deletedName();
      this.#addProperty(node, new AstProperty(name, prefix.start, nameStart, prefix.labels, true));
    } else if (lexer.kind === T.DELETE_NODE) {
      const nameStart = this.#deletion("node");
      const nameEnd = lexer.end;
      const name = this.#deletedName();
      const { labels, omitIfNoRef } = prefix;
      const child = new AstNode(name, prefix.start, nameStart, nameEnd, labels, true, omitIfNoRef);
      child.end = lexer.before;
      addChild(node, child);
    } else if (lexer.kind === T.NAME) {
      return this.#named(node, prefix);
    } else {
      const help = lexer.kind === T.END ? "a `}` is missing" : undefined;
      const message = "expected a property, a node or `}`";
      this.diagnostics.fatal("DTS0107", { start, end: lexer.end }, message, { help });
    }
    return undefined;
  }

  #prefix(): Prefix {
    const { lexer } = this;
    const { start } = lexer;
    let labels = this.#labels();
    const omitIfNoRef = lexer.kind === T.OMIT_IF_NO_REF;
    while (lexer.kind === T.OMIT_IF_NO_REF) {
      lexer.next();
      labels = [...labels, ...this.#labels()];
    }
    return { start, labels, omitIfNoRef };
  }

  /** Reads a property, or a child up to its opening brace. */
  #named(node: AstNode, { start, labels, omitIfNoRef }: Prefix): AstNode | undefined {
    const { lexer } = this;
    const nameStart = lexer.start;
    const nameEnd = lexer.end;
    const name = this.#name();
    const escaped = nameEnd - nameStart - name.length;
    if (lexer.next() !== T.BRACE_OPEN && !omitIfNoRef) {
      this.#property(node, new AstProperty(name, start, nameStart + escaped, labels, false));
      return undefined;
    }
    const child = new AstNode(
      name,
      start,
      nameStart + escaped,
      nameEnd,
      labels,
      false,
      omitIfNoRef,
    );
    addChild(node, child);
    this.#openBrace(`node \`${name}\``);
    return child;
  }

  /** Goes to the name behind `/delete-node/` or `/delete-property/` and returns its position. */
  #deletion(kind: "node" | "property"): number {
    const { lexer } = this;
    if (lexer.next() === T.NAME) return lexer.start;
    const help = kind === "node" && (lexer.kind === T.LABEL_REF || lexer.kind === T.PATH_REF)
      ? "references can be deleted at the top level only"
      : undefined;
    this.diagnostics.fatal("DTS0108", lexer.span(), `expected the name of a ${kind}`, { help });
  }

  #deletedName(): string {
    const name = this.#name();
    this.lexer.next();
    this.#semicolon(`after \`${name}\``);
    return name;
  }

  /** Reads the rest of a property. After a syntax error in its value it goes on behind the next `;`. */
  #property(node: AstNode, property: AstProperty): void {
    const { lexer } = this;
    try {
      if (lexer.kind === T.ASSIGN) {
        lexer.next();
        property.value = this.#values.parse();
        this.#semicolon(`after the value of \`${property.name}\``);
      } else {
        this.#semicolon(`after \`${property.name}\``, "a property is `name;` or `name = value;`");
      }
    } catch (error) {
      if (!(error instanceof DtsError)) throw error;
      this.#recover(error);
    }
    this.#addProperty(node, property);
  }

  #addProperty(node: AstNode, property: AstProperty): void {
    if (node.children.length > 0) {
      const help = "move it above the first node between the same braces";
      const message = "properties must precede subnodes";
      this.diagnostics.error("DTS0109", property.nameSpan, message, { help });
    }
    property.end = this.lexer.before;
    if (node.properties.length === 0) node.properties = [property];
    else (node.properties as AstProperty[]).push(property);
  }

  /** Skips to behind the next `;` or to the next `}`. */
  #recover(error: DtsError): void {
    const { lexer } = this;
    while (lexer.kind !== T.SEMICOLON && lexer.kind !== T.BRACE_CLOSE) {
      if (lexer.kind === T.END || lexer.kind === T.BRACE_OPEN) throw error;
      lexer.next();
    }
    if (lexer.kind === T.SEMICOLON) lexer.next();
  }

  #openBrace(what: string): void {
    if (this.lexer.kind !== T.BRACE_OPEN) {
      this.diagnostics.fatal("DTS0110", this.lexer.span(), `expected \`{\` to begin ${what}`);
    }
    this.lexer.next();
  }

  /** A missing semicolon is reported where it should stand. */
  #semicolon(where: string, help?: string): void {
    const { lexer } = this;
    if (lexer.kind !== T.SEMICOLON) {
      this.diagnostics.fatal("DTS0111", this.#before(), `expected \`;\` ${where}`, { help });
    }
    lexer.next();
  }

  /** The same where the next entry can be read as if the semicolon were there. */
  #semicolonOrReport(where: string): void {
    const { lexer } = this;
    if (lexer.kind === T.SEMICOLON) lexer.next();
    else this.diagnostics.error("DTS0111", this.#before(), `expected \`;\` ${where}`);
  }

  #before(): { start: number; end: number } {
    return { start: this.lexer.before, end: this.lexer.before };
  }

  /** The current token, a name; a backslash in front of it only says that it is one. */
  #name(): string {
    return this.lexer.text(this.lexer.bytes[this.lexer.start] === 0x5c ? 1 : 0);
  }
}

function addChild(node: AstNode, child: AstNode): void {
  if (node.children.length === 0) node.children = [child];
  else (node.children as AstNode[]).push(child);
}
