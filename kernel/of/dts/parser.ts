import type {
  AstFile,
  AstLabel,
  AstMemReserve,
  AstNode,
  AstProperty,
  AstStatement,
  AstValue,
} from "./ast.ts";
import { type Diagnostics, DtsError } from "./diagnostic.ts";
import type { Lexer } from "./lexer.ts";
import type { Span } from "./source.ts";
import { T } from "./token.ts";
import { refTarget, ValueParser } from "./value.ts";

const NO_LABELS: readonly AstLabel[] = [];
const EMPTY: AstValue = { bytes: new Uint8Array(0), markers: [] };

/** Reads tokens into an {@linkcode AstFile}. */
export class Parser {
  readonly #values: ValueParser;

  constructor(readonly lexer: Lexer, readonly diagnostics: Diagnostics) {
    this.#values = new ValueParser(lexer, diagnostics);
  }

  /** The whole file. */
  parse(): AstFile {
    this.lexer.next();
    this.#header();
    const memreserve = this.#memReserves();
    return { memreserve, statements: this.#statements() };
  }

  #header(): void {
    const { lexer } = this;
    if (lexer.kind !== T.V1) {
      const help = lexer.kind === 0xef ? "remove the byte order mark" : undefined;
      this.diagnostics.fatal(lexer.span(), "expected `/dts-v1/;` at the start of the source", help);
    }
    while (lexer.kind === T.V1) {
      lexer.next();
      this.#semicolon("after `/dts-v1/`");
      if (lexer.kind === T.PLUGIN) {
        this.diagnostics.fatal(lexer.span(), "overlays (`/plugin/`) are not supported");
      }
    }
  }

  #memReserves(): AstMemReserve[] {
    const { lexer } = this;
    const found: AstMemReserve[] = [];
    while (lexer.kind === T.MEMRESERVE || lexer.kind === T.LABEL) {
      const labels = this.#labels();
      if (this.lexer.kind !== T.MEMRESERVE) {
        const help = labels.length > 0 ? "the root node cannot have a label" : undefined;
        this.diagnostics.fatal(lexer.span(), "expected `/memreserve/` or `/ {`", help);
      }
      lexer.next();
      const address = this.#integer("an address after `/memreserve/`");
      const size = this.#integer("a size after the address");
      this.#semicolon("after the reservation");
      found.push({ address, size });
    }
    return found;
  }

  #integer(what: string): bigint {
    const { lexer } = this;
    const span = lexer.span();
    return this.#values.expression.primary() ?? this.diagnostics.fatal(span, `expected ${what}`);
  }

  #statements(): AstStatement[] {
    const { lexer } = this;
    const statements: AstStatement[] = [];
    if (lexer.kind !== T.SLASH) {
      this.diagnostics.fatal(lexer.span(), "expected the root node: `/ { ... };`");
    }
    while (lexer.kind !== T.END) statements.push(this.#statement());
    return statements;
  }

  #statement(): AstStatement {
    const { lexer } = this;
    if (lexer.kind === T.SLASH) {
      const span = lexer.span();
      lexer.next();
      return { kind: "root", node: this.#nodeTree(newNode("", span, [])) };
    }
    if (lexer.kind === T.DELETE_NODE || lexer.kind === T.OMIT_IF_NO_REF) {
      const kind = lexer.kind === T.DELETE_NODE ? "delete" : "omit-if-no-ref";
      lexer.next();
      const target = this.#ref();
      this.#semicolon("after the reference");
      return { kind, target };
    }
    const labels = lexer.kind === T.LABEL ? [this.#label()] : [];
    const target = this.#ref();
    return { kind: "extend", target, node: this.#nodeTree(newNode("", target.span, labels)) };
  }

  #ref(): { target: string; span: Span } {
    const { lexer } = this;
    const span = lexer.span();
    if (lexer.kind !== T.LABEL_REF && lexer.kind !== T.PATH_REF) {
      const help =
        "at this level stand `/ { ... };`, `&label { ... };` and `/delete-node/ &label;`";
      this.diagnostics.fatal(span, "expected a reference or the root node", help);
    }
    const target = refTarget(lexer);
    lexer.next();
    return { target, span };
  }

  #label(): AstLabel {
    const label = { name: this.lexer.text(0, 1), span: this.lexer.span() };
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
    let labels = this.#labels();
    const omitIfNoRef = lexer.kind === T.OMIT_IF_NO_REF;
    while (lexer.kind === T.OMIT_IF_NO_REF) {
      lexer.next();
      labels = [...labels, ...this.#labels()];
    }
    const span = lexer.span();
    if (lexer.kind === T.DELETE_PROPERTY && !omitIfNoRef) {
      this.#deletion(node, labels, "property");
    } else if (lexer.kind === T.DELETE_NODE) {
      this.#deletion(node, labels, "node");
    } else if (lexer.kind === T.NAME) {
      const name = this.#name();
      if (lexer.next() !== T.BRACE_OPEN && !omitIfNoRef) {
        this.#property(node, { name, span, labels, value: EMPTY, deleted: false });
      } else {
        const child = newNode(name, span, labels, omitIfNoRef);
        node.children.push(child);
        this.#openBrace(`node \`${name}\``);
        return child;
      }
    } else {
      const help = lexer.kind === T.END ? "a `}` is missing" : undefined;
      this.diagnostics.fatal(span, "expected a property, a node or `}`", help);
    }
    return undefined;
  }

  #deletion(node: AstNode, labels: readonly AstLabel[], kind: "node" | "property"): void {
    const { lexer } = this;
    const span = lexer.span();
    if (lexer.next() !== T.NAME) {
      const help = kind === "node" && (lexer.kind === T.LABEL_REF || lexer.kind === T.PATH_REF)
        ? "references can be deleted at the top level only"
        : undefined;
      this.diagnostics.fatal(lexer.span(), `expected the name of a ${kind}`, help);
    }
    const name = this.#name();
    lexer.next();
    this.#semicolon(`after \`${name}\``);
    if (kind === "node") {
      node.children.push({ ...newNode(name, span, labels), deleted: true });
    } else {
      this.#addProperty(node, { name, span, labels, value: EMPTY, deleted: true });
    }
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
      this.diagnostics.report(property.span, "properties must precede subnodes", help);
    }
    node.properties.push(property);
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
      this.diagnostics.fatal(this.lexer.span(), `expected \`{\` to begin ${what}`);
    }
    this.lexer.next();
  }

  /** A missing semicolon is reported where it should stand. */
  #semicolon(where: string, help?: string): void {
    const { lexer } = this;
    if (lexer.kind !== T.SEMICOLON) {
      this.diagnostics.fatal(lexer.before, `expected \`;\` ${where}`, help);
    }
    lexer.next();
  }

  /** The same where the next entry can be read as if the semicolon were there. */
  #semicolonOrReport(where: string): void {
    const { lexer } = this;
    if (lexer.kind === T.SEMICOLON) lexer.next();
    else this.diagnostics.report(lexer.before, `expected \`;\` ${where}`);
  }

  /** The current token, a name; a backslash in front of it only says that it is one. */
  #name(): string {
    return this.lexer.text(this.lexer.file.bytes[this.lexer.start] === 0x5c ? 1 : 0);
  }
}

function newNode(
  name: string,
  span: Span,
  labels: readonly AstLabel[],
  omitIfNoRef = false,
): AstNode {
  return { name, span, labels, properties: [], children: [], deleted: false, omitIfNoRef };
}
