import type { CompileLabel } from "../compile_label.ts";
import type { AstFile, AstMemReserve, AstRef, AstStatement } from "./ast.ts";
import type { Diagnostics } from "./diagnostic.ts";
import type { Includes } from "./include.ts";
import type { Lexer } from "./lexer.ts";
import { NodeParser } from "./node_parser.ts";
import { nearest } from "./suggest.ts";
import { Syntax } from "./syntax.ts";
import { KEYWORDS, MODE, T } from "./token.ts";

/** A header is not longer. */
const HEADER_MAX = 16;

/** Reads tokens into an {@linkcode AstFile}. Reports all syntax errors, and goes on behind each. */
export class Parser {
  readonly diagnostics: Diagnostics;
  readonly #syntax: Syntax;
  readonly #nodes: NodeParser;
  readonly #memreserve: AstMemReserve[] = [];
  readonly #statements: AstStatement[] = [];
  #plugin = false;

  constructor(readonly lexer: Lexer, includes: Includes) {
    this.diagnostics = lexer.diagnostics;
    this.#syntax = new Syntax(lexer);
    this.#nodes = new NodeParser(lexer, this.#syntax, includes);
  }

  /** The whole file. */
  parse(): AstFile {
    const { lexer } = this;
    lexer.next();
    this.#headers();
    while (lexer.kind !== T.END) this.#statement();
    const end = { start: lexer.before, end: lexer.before };
    if (this.#statements.length === 0 && this.diagnostics.errors === 0) {
      this.#syntax.error("DTS0115", end, "expected the root node: `/ { ... };`");
    }
    return {
      sources: lexer.sources,
      compat: lexer.compat,
      table: this.#nodes.table,
      end,
      plugin: this.#plugin,
      memreserve: this.#memreserve,
      statements: this.#statements,
    };
  }

  #headers(): void {
    const { lexer } = this;
    if (this.#byteOrderMark()) lexer.next();
    if (lexer.kind !== T.V1) this.#noHeader();
    for (let first = true; lexer.kind === T.V1 || lexer.kind === T.PLUGIN; first = false) {
      const span = lexer.span();
      if (!first && lexer.kind === T.PLUGIN) {
        this.diagnostics.error("DTS0102", span, "expected `/plugin/;` only once", {
          help: "leave it out",
        });
      }
      const plugin = this.#header();
      if (first) this.#plugin = plugin;
      if (plugin === this.#plugin) continue;
      const message = "expected `/plugin/;` after every `/dts-v1/;` or after none";
      this.diagnostics.error("DTS0102", span, message);
    }
  }

  #byteOrderMark(): boolean {
    const { bytes, start } = this.lexer;
    if (bytes[start] !== 0xef || bytes[start + 1] !== 0xbb || bytes[start + 2] !== 0xbf) {
      return false;
    }
    const span = { start, end: start + 3 };
    this.diagnostics.error("DTS0001", span, "expected text, there is a byte order mark", {
      help: "save the file as UTF-8 without byte order mark",
    });
    return true;
  }

  /** A first line that was meant as the header is taken for it. */
  #noHeader(): void {
    const { lexer } = this;
    const message = "expected `/dts-v1/;` at the start of the source";
    const { end } = lexer.sources.lineAround(lexer.start);
    const line = { start: lexer.start, end: Math.min(end, lexer.start + HEADER_MAX) };
    if (/dts.{0,3}v/i.test(lexer.sources.text(line))) {
      this.diagnostics.error("DTS0101", line, message, { help: "the line is `/dts-v1/;`" });
      lexer.rescan(line.end, MODE.NAME);
    } else {
      this.diagnostics.error("DTS0101", { start: lexer.before, end: lexer.before }, message, {
        help: "write `/dts-v1/;` in the first line",
      });
      lexer.rescan(lexer.start, MODE.NAME);
    }
  }

  /** Reads a header and says whether it is that of a plugin. */
  #header(): boolean {
    const { lexer } = this;
    if (lexer.kind === T.V1) {
      lexer.next();
      this.#nodes.semicolon("after `/dts-v1/`");
    }
    if (lexer.kind !== T.PLUGIN) return false;
    lexer.next();
    this.#nodes.semicolon("after `/plugin/`");
    return true;
  }

  #statement(): void {
    const { lexer } = this;
    const { start } = lexer;
    const list = this.#nodes.labels();
    const labels = this.#nodes.table.labels.labels(list);
    switch (lexer.kind) {
      case T.MEMRESERVE:
        return this.#memReserve(start, labels);
      case T.SLASH:
        return this.#root(start, labels);
      case T.LABEL_REF:
      case T.PATH_REF:
        return this.#extend(start, labels, list);
      case T.DELETE_NODE:
      case T.OMIT_IF_NO_REF:
        return this.#mark(labels, lexer.kind === T.DELETE_NODE ? "delete" : "omit-if-no-ref");
    }
    this.#strange();
  }

  #memReserve(start: number, labels: readonly CompileLabel[]): void {
    const { lexer } = this;
    if (this.#statements.length > 0) {
      this.#syntax.error("DTS0117", lexer.span(), "expected reservations before all nodes", {
        help: "move the line to the top, after `/dts-v1/;`",
      });
    }
    lexer.next();
    const address = this.#nodes.integer("an address after `/memreserve/`");
    const size = this.#nodes.integer("a size after the address");
    this.#nodes.semicolon("after the reservation");
    this.#memreserve.push({ start, end: lexer.before, address, size, labels });
  }

  #root(start: number, labels: readonly CompileLabel[]): void {
    const { lexer } = this;
    const { start: nameStart, end } = lexer;
    if (labels.length > 0) {
      const message = "expected `/` without a label, the root node cannot have one";
      this.#syntax.error("DTS0116", labels[0], message);
    }
    lexer.next();
    const node = this.#nodes.orphan();
    node.placeAt(start, nameStart, end);
    this.#nodes.body(node);
    this.#statements.push({ kind: "root", node });
  }

  #extend(start: number, labels: readonly CompileLabel[], list: number): void {
    if (labels.length > 0 && this.#statements.length === 0) this.#beforeRoot(labels[0]);
    if (labels.length > 1) {
      this.#syntax.error(
        "DTS0116",
        labels[1],
        "expected at most one label before a reference",
      );
    }
    const target = this.#nodes.reference();
    this.#checkRelative(target);
    const node = this.#nodes.orphan();
    node.placeAt(start, target.start, target.end);
    node.labelList = list;
    this.#nodes.body(node);
    this.#statements.push({ kind: "extend", target, node });
  }

  #beforeRoot(span: { start: number; end: number }): void {
    this.#syntax.error("DTS0115", span, "expected the root node `/ { ... };` before this");
  }

  /** In an overlay, only base trees know what is below a label. */
  #checkRelative({ target, start, end }: AstRef): void {
    if (!this.#plugin || target.startsWith("/") || target.indexOf("/", 1) < 0) return;
    const message = "expected a label or a path, overlays cannot extend below a label";
    this.diagnostics.error("DTS0121", { start, end }, message);
  }

  /** `/delete-node/ &label;` and `/omit-if-no-ref/ &label;` */
  #mark(labels: readonly CompileLabel[], kind: "delete" | "omit-if-no-ref"): void {
    const { lexer } = this;
    const word = lexer.text();
    if (this.#statements.length === 0) this.#beforeRoot(lexer.span());
    else if (labels.length > 0) {
      this.#syntax.error("DTS0116", labels[0], `expected no label before ${word}`);
    }
    lexer.next();
    if (lexer.kind !== T.LABEL_REF && lexer.kind !== T.PATH_REF) {
      const help = lexer.kind === T.NAME ? `write ${word} &${lexer.text()};` : undefined;
      this.#syntax.error("DTS0120", lexer.span(), `expected a reference after ${word}`, { help });
      return this.#syntax.skipEntry();
    }
    const target = this.#nodes.reference();
    this.#nodes.semicolon("after the reference");
    this.#statements.push({ kind, target });
  }

  #strange(): void {
    const { lexer } = this;
    const syntax = this.#syntax;
    const span = lexer.kind === T.END ? { start: lexer.before, end: lexer.before } : lexer.span();
    if (lexer.kind === T.BRACE_CLOSE) {
      syntax.error("DTS0106", span, "expected a `{` for this `}`", {
        help: "all nodes are closed here: remove it, or look for a `}` too many above",
      });
      if (lexer.next() === T.SEMICOLON) lexer.next();
      return syntax.settle();
    }
    if (lexer.kind === T.SEMICOLON) {
      syntax.error("DTS0114", span, "expected a statement before this `;`");
      lexer.next();
      return syntax.settle();
    }
    if (lexer.kind === T.BAD_REF) {
      syntax.badReference();
      return syntax.skipEntry();
    }
    const message = "expected the root node, a reference or a keyword";
    syntax.error("DTS0114", span, message, { help: this.#strangeHelp() });
    if (lexer.kind === T.NAME) this.#nodes.stray();
    else syntax.skipEntry();
  }

  #strangeHelp(): string {
    const { lexer } = this;
    const word = lexer.text();
    const known = nearest(word, KEYWORDS.keys());
    if (lexer.kind === T.BAD_KEYWORD && known !== undefined) return `did you mean ${known}?`;
    if (lexer.kind === T.NAME && !word.startsWith("#")) {
      return `nodes and properties stand inside \`/ { ... };\`, and \`&${word} { ... };\` extends`;
    }
    return "here stand `/ { ... };`, `&label { ... };` and `/delete-node/ &label;`";
  }
}
