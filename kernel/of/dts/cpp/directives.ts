import type { Includes, Search } from "../include.ts";
import type { SourceFile, Span } from "../source.ts";
import { Condition } from "./condition.ts";
import { parseDefine } from "./define.ts";
import type { Expander } from "./expander.ts";
import { type Macro, sameMacro } from "./macro.ts";
import { PP, type PpToken, ppToken, WHITE } from "./pp_token.ts";
import { Reader } from "./reader.ts";
import { spliced } from "./splice.ts";

const INCLUDE_DEPTH_MAX = 200;

const CONDITIONALS = ["if", "ifdef", "ifndef", "elif", "elifdef", "elifndef", "else", "endif"];
const INCLUDES = ["include", "include_next", "import"];
const OTHERS = ["define", "undef", "error", "warning", "pragma", "line", "ident", "sccs"];
const NAMES = [...CONDITIONALS, ...INCLUDES, ...OTHERS];
/** Names that conditions know although they are no macros. */
const OPERATORS = ["__has_include", "__has_include_next"];

/** Obeys the lines that start with `#`, and keeps the files that are open. */
export class Directives {
  readonly readers: Reader[] = [];
  /** Files that were entered. */
  readonly #entered = new Set<string>();
  /** Files with `#pragma once`, and those that were imported. */
  readonly #once = new Set<string>();
  /** Files that say nothing once a macro is defined. */
  readonly #guards = new Map<string, string>();
  #counter = 0;
  /** Whether the arguments of a macro are being read. */
  #inside = false;

  constructor(readonly expander: Expander, readonly includes: Includes) {}

  /** Whether text counts where we are. */
  get live(): boolean {
    return this.readers.at(-1)?.conditionals.at(-1)?.live ?? true;
  }

  /** Defines what is there before the first line. */
  predefine(defines: Readonly<Record<string, string>>): void {
    const builtin = (name: string, make: (use: PpToken) => [number, string]) => {
      this.#define(name, [], (use) => {
        const [kind, text] = make(use);
        return { ...use, kind, text };
      });
    };
    const place = (use: PpToken) => this.includes.sources.place(use.start);
    builtin("__LINE__", (use) => [PP.NUMBER, String(place(use).line)]);
    builtin("__FILE__", (use) => [PP.STRING, `"${place(use).file}"`]);
    builtin("__COUNTER__", () => [PP.NUMBER, String(this.#counter++)]);
    builtin("__INCLUDE_LEVEL__", () => [PP.NUMBER, String(this.readers.length - 1)]);
    for (const [name, text] of Object.entries({ __STDC__: "1", __ASSEMBLER__: "1", ...defines })) {
      const { sources } = this.includes;
      const reader = new Reader(sources.add("<command line>", text), sources.bytes);
      this.#define(name, reader.lineTokens());
    }
    this.#define("_Pragma", [], undefined, ["text"]);
  }

  #define(
    name: string,
    body: PpToken[],
    builtin?: Macro["builtin"],
    parameters?: Macro["parameters"],
  ): void {
    this.expander.macros.set(name, {
      name,
      parameters,
      variadic: false,
      body,
      definedAt: undefined,
      builtin,
      disabled: false,
    });
  }

  /** Goes on with the start of a file that was found in a folder of the search list, -1 for none. */
  enter(file: SourceFile, folder = -1): void {
    const { sources } = this.includes;
    const text = spliced(sources, file);
    this.#entered.add(file.name);
    this.readers.push(new Reader(text, sources.bytes, folder));
  }

  /** Goes back to the file that included this one. */
  leave(): void {
    const reader = this.readers.pop()!;
    if (reader.guardedBy !== undefined) this.#guards.set(reader.file.name, reader.guardedBy);
    for (const { span } of reader.conditionals) {
      this.#error("DTS0502", span, "expected `#endif` for this condition");
    }
  }

  #error(code: string, span: Span, message: string, help?: string): void {
    this.includes.diagnostics.error(code, span, message, { help });
  }

  /**
   * Obeys the line whose `#` is next. False if it is none of ours: in device trees names of properties
   * start with `#` too.
   */
  obey(reader: Reader): boolean {
    const start = reader.at;
    reader.at++;
    const name = reader.lineToken();
    const span = { start, end: reader.at };
    if (name.kind === PP.EOF) return true;
    if (!NAMES.includes(name.text) || this.#isProperty(reader, name)) {
      reader.at = start;
      return false;
    }
    reader.note(name.text);
    if (this.live || CONDITIONALS.includes(name.text)) this.#run(name.text, span, reader);
    reader.skipLine();
    return true;
  }

  /** The same between the arguments of a macro. */
  obeyInside(reader: Reader): boolean {
    const { prevented } = this.expander;
    this.expander.prevented = 0;
    this.#inside = true;
    const obeyed = this.obey(reader);
    this.#inside = false;
    this.expander.prevented = prevented;
    return obeyed;
  }

  /** `#define-cells`, `#if = <1>;` */
  #isProperty(reader: Reader, { text }: PpToken): boolean {
    const { at, bytes } = reader;
    if (/[,.+*#?@-]/.test(String.fromCharCode(bytes[at]))) return true;
    if (text === "define" || text === "error" || text === "warning") return false;
    const next = reader.lineToken();
    reader.at = at;
    return next.text === ";" || (next.text === "=" && text !== "pragma");
  }

  #run(name: string, span: Span, reader: Reader): void {
    switch (name) {
      case "define": {
        const macro = parseDefine(reader, span, this.includes.diagnostics);
        return macro && this.#redefine(macro);
      }
      case "undef":
        return this.#undefine(span, reader);
      case "include":
      case "include_next":
      case "import":
        return this.#include(name, span, reader);
      case "if":
        return this.#if(span, reader, () => this.#condition(span, reader));
      case "ifdef":
        return this.#if(span, reader, () => this.#isDefined(span, reader));
      case "ifndef":
        return this.#if(span, reader, () => !this.#isDefined(span, reader));
      case "elif":
        return this.#elif(span, reader, () => this.#condition(span, reader));
      case "elifdef":
        return this.#elif(span, reader, () => this.#isDefined(span, reader));
      case "elifndef":
        return this.#elif(span, reader, () => !this.#isDefined(span, reader));
      case "else":
        return this.#else(span, reader);
      case "endif":
        if (reader.conditionals.pop() === undefined) this.#noIf(span, name);
        return;
      case "error":
      case "warning":
        return this.#say(name, span, reader);
      case "pragma":
        return this.#pragma(reader);
      case "line":
        return this.#lineNumber(span, reader);
    }
  }

  #redefine(macro: Macro): void {
    const { macros } = this.expander;
    const known = macros.get(macro.name);
    if (known !== undefined && !sameMacro(known, macro)) {
      const related = known.definedAt && [{ span: known.definedAt, text: "first defined here" }];
      const message = `\`${macro.name}\` is defined again, and differently`;
      this.includes.diagnostics.warning("DTS0507", macro.definedAt!, message, { related });
    }
    macros.set(macro.name, macro);
  }

  #undefine(span: Span, reader: Reader): void {
    const name = reader.lineToken();
    if (name.kind !== PP.NAME) this.#error("DTS0501", span, "expected a name after `#undef`");
    else this.expander.macros.delete(name.text);
  }

  #isDefined(span: Span, reader: Reader): boolean {
    const name = reader.lineToken();
    if (OPERATORS.includes(name.text)) return true;
    if (name.kind === PP.NAME) return this.expander.macros.has(name.text);
    this.#error("DTS0501", span, "expected the name of a macro");
    return false;
  }

  #if(span: Span, reader: Reader, holds: () => boolean): void {
    const { live } = this;
    const truth = live && holds();
    reader.conditionals.push({ span, live: truth, decided: truth || !live, otherwise: undefined });
  }

  #noIf(span: Span, name: string): void {
    this.#error("DTS0503", span, `expected \`#if\` somewhere before this \`#${name}\``);
  }

  #elif(span: Span, reader: Reader, holds: () => boolean): void {
    const conditional = reader.conditionals.at(-1);
    if (conditional === undefined) return this.#noIf(span, "elif");
    if (conditional.otherwise !== undefined) {
      this.#error("DTS0503", span, "expected `#endif`, `#elif` cannot follow `#else`");
    }
    conditional.live = false;
    if (conditional.decided) return;
    conditional.live = holds();
    conditional.decided = conditional.live;
  }

  #else(span: Span, reader: Reader): void {
    const conditional = reader.conditionals.at(-1);
    if (conditional === undefined) return this.#noIf(span, "else");
    if (conditional.otherwise !== undefined) {
      this.#error("DTS0503", span, "expected `#endif`, there was an `#else` already");
    }
    conditional.live = !conditional.decided;
    conditional.decided = true;
    conditional.otherwise = span;
  }

  #condition(span: Span, reader: Reader): boolean {
    return this.#inDirective(reader.lineTokens(), () => {
      const exists = (name: string, besides: boolean, next: boolean) =>
        this.includes.find(name, span, this.#search(reader, besides, next)) !== undefined;
      return new Condition(this.expander, span, this.includes.diagnostics, exists).evaluate();
    });
  }

  /** Reads tokens of a directive, with macros expanded. */
  #inDirective<Result>(tokens: PpToken[], read: () => Result): Result {
    const { expander } = this;
    const { inDirective } = expander;
    expander.inDirective = true;
    const end = ppToken(PP.EOF, "", 0, tokens.at(-1)?.start ?? 0);
    const depth = expander.pushed;
    expander.push([...tokens, end, end, end]);
    const result = read();
    expander.drop(depth);
    expander.inDirective = inDirective;
    return result;
  }

  #say(name: string, span: Span, reader: Reader): void {
    const { start } = reader.lineToken();
    const end = this.includes.sources.bytes.indexOf(10, start);
    const text = this.includes.sources.text({ start, end: end < 0 ? reader.end : end }).trim();
    if (name === "error") this.#error("DTS0505", span, `#error ${text}`);
    else this.includes.diagnostics.warning("DTS0506", span, `#warning ${text}`);
  }

  #pragma(reader: Reader): void {
    if (reader.lineToken().text === "once") this.#once.add(reader.file.name);
  }

  #lineNumber(span: Span, reader: Reader): void {
    const { sources } = this.includes;
    const tokens = this.#expanded(reader.lineTokens());
    const [number, name] = tokens;
    if (number === undefined || !/^\d+$/.test(number.text)) {
      return this.#error("DTS0501", span, "expected a number after `#line`");
    }
    const file = name?.kind === PP.STRING ? name.text.slice(1, -1) : sources.place(span.start).file;
    sources.addLineMarker(span.end, Number(number.text), file);
  }

  #expanded(tokens: PpToken[]): PpToken[] {
    return this.#inDirective(tokens, () => {
      const found: PpToken[] = [];
      for (let token = this.expander.get(); token.kind !== PP.EOF; token = this.expander.get()) {
        if (token.kind !== PP.PADDING) found.push(token);
      }
      return found;
    });
  }

  /** Behind the folder that a file was found in, or everywhere. The first file was found in none. */
  #search(reader: Reader, besides: boolean, next: boolean): Search {
    if (!next || this.readers.length === 1) return { besides, first: 0 };
    return { besides: false, first: reader.folder + 1 };
  }

  #include(directive: string, span: Span, reader: Reader): void {
    const text = this.#includeText(reader);
    const match = /^\s*(?:"([^"]*)"|<([^>]*)>)/.exec(text);
    const whole = { start: span.start, end: reader.at };
    if (match === null) {
      const message = 'expected "file" or <file> after `#include`';
      return this.#error("DTS0004", whole, message);
    }
    if (this.#inside) {
      return this.#error("DTS0516", whole, "expected no `#include` between arguments of a macro");
    }
    if (this.readers.length >= INCLUDE_DEPTH_MAX) {
      const message = `expected at most ${INCLUDE_DEPTH_MAX} files that include each other`;
      this.#error("DTS0005", whole, message);
      for (const { conditionals } of this.readers) conditionals.length = 0;
      for (const each of this.readers) each.at = each.end;
      return;
    }
    const search = this.#search(reader, match[1] !== undefined, directive === "include_next");
    const opened = this.includes.open(match[1] ?? match[2], whole, search);
    if (opened === undefined || this.#isDone(opened.path, directive === "import")) return;
    reader.skipLine();
    const source = { includedAt: whole.start, includedUntil: whole.end };
    const file = this.includes.sources.add(opened.path, opened.contents, source);
    this.enter(file, opened.folder);
  }

  /** Whether a file need not be read again. */
  #isDone(path: string, imported: boolean): boolean {
    const guard = this.#guards.get(path);
    if (guard !== undefined && this.expander.macros.has(guard)) return true;
    const done = this.#once.has(path) || imported && this.#entered.has(path);
    if (imported) this.#once.add(path);
    return done;
  }

  /** What stands behind `#include`: as it is, or made by a macro. */
  #includeText(reader: Reader): string {
    const first = reader.lineToken();
    const { bytes } = reader;
    if (first.kind === PP.STRING) return first.text;
    if (first.text === "<" || first.text.startsWith("<")) {
      const end = bytes.indexOf(0x3e, first.start);
      const line = bytes.indexOf(10, first.start);
      if (end >= 0 && (line < 0 || end < line)) {
        reader.at = end + 1;
        return this.includes.sources.text({ start: first.start, end: end + 1 });
      }
    }
    const tokens = this.#expanded([first, ...reader.lineTokens()]);
    return tokens.map(({ text, flags }, index) =>
      index > 0 && (flags & WHITE) !== 0 ? ` ${text}` : text
    )
      .join("");
  }
}
