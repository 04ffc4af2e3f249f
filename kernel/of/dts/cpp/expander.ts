import type { Diagnostics } from "../diagnostic.ts";
import type { OriginMap } from "../origins.ts";
import type { Macro } from "./macro.ts";
import { lexPpToken, NO_EXPAND, padding, PASTE, PP, type PpToken, ppToken } from "./pp_token.ts";
import { STRINGIFY, WHITE } from "./pp_token.ts";

/** Where tokens come from when no macro is being expanded. */
export interface TokenSource {
  /** The next token of the text; `EOF` at the end of a file. With `peek`, no directive is obeyed. */
  next(peek: boolean): PpToken;
  /** A place to go back to. */
  mark(): number;
  /** Goes back. */
  reset(mark: number): void;
}

/** Tokens that are read before anything else. */
interface Context {
  readonly tokens: readonly PpToken[];
  index: number;
  /** The macro that may be expanded again when they are at their end. */
  readonly macro: Macro | undefined;
}

/** An argument; `undefined` tokens: it was left out, and with it the comma before it. */
interface Argument {
  tokens: PpToken[];
  omitted: boolean;
  expanded: PpToken[] | undefined;
}

/** Macros that write more tokens than this, and than this many for each byte of the text, are a trap. */
const TOKENS_MAX = 1 << 19;
const TOKENS_PER_BYTE_MAX = 16;
/** Arguments inside of arguments. */
const DEPTH_MAX = 400;

/**
 * Expands macros as GCC's preprocessor does, also where the standard leaves it open. Tokens that only
 * keep others apart are part of what it gives. GCC: libcpp/macro.cc
 */
export class Expander {
  readonly macros = new Map<string, Macro>();
  /** Whether names are left as they are. */
  prevented = 0;
  /** Whether the text ends with a directive. */
  inDirective = false;
  readonly #contexts: Context[] = [];
  #written = 0;
  #depth = 0;
  #exhausted = false;

  constructor(
    readonly source: TokenSource,
    readonly origins: OriginMap,
    readonly diagnostics: Diagnostics,
  ) {}

  /** Whether tokens are left that do not come from the text. */
  get pending(): boolean {
    return this.#contexts.length > 0;
  }

  /** How many lists of tokens are to be read before the text. */
  get pushed(): number {
    return this.#contexts.length;
  }

  /** Forgets lists of tokens until `count` are left. */
  drop(count: number): void {
    while (this.#contexts.length > count) {
      const { macro } = this.#contexts.pop()!;
      if (macro !== undefined) macro.disabled = false;
    }
  }

  /** Puts tokens before everything else. */
  push(tokens: readonly PpToken[], macro?: Macro): void {
    this.#contexts.push({ tokens, index: 0, macro });
  }

  /** The next token with macros expanded. */
  get(peek = false): PpToken {
    for (;;) {
      const token = this.#raw(peek);
      if (token === undefined) {
        if (this.inDirective) continue;
        return padding(undefined);
      }
      if ((token.flags & PASTE) !== 0) {
        this.#paste(token);
        return padding(token);
      }
      if (token.kind !== PP.NAME || (token.flags & NO_EXPAND) !== 0) return token;
      const macro = this.macros.get(token.text);
      if (macro === undefined) return token;
      if (macro.disabled) token.flags |= NO_EXPAND;
      else if (this.prevented === 0 && this.enter(token, macro)) return padding(token);
      return token;
    }
  }

  /** A token as it is; `undefined` when tokens before the text end. */
  #raw(peek: boolean): PpToken | undefined {
    const context = this.#contexts.at(-1);
    if (context === undefined) return this.source.next(peek);
    if (context.index < context.tokens.length) return context.tokens[context.index++];
    this.#contexts.pop();
    if (context.macro !== undefined) context.macro.disabled = false;
    return undefined;
  }

  /** Begins to expand `macro` at its name. False if it has no arguments but needs some. */
  enter(name: PpToken, macro: Macro): boolean {
    if (this.#exhausted) return false;
    if (macro.builtin !== undefined) {
      this.push([macro.builtin(name)]);
      return true;
    }
    let end = name.start + name.text.length;
    let args: Argument[] = [];
    if (macro.parameters !== undefined) {
      const found = this.#arguments(name, macro);
      if (found === undefined) return false;
      args = found.args;
      end = Math.max(end, found.end);
    }
    const { expansions } = this.origins;
    const use = { start: name.start, end };
    const { definedAt } = macro;
    const at = expansions.push({ macro: macro.name, definedAt, use, parent: name.expansion }) - 1;
    const tokens = this.#replace(macro, args, at);
    this.#written += tokens.length + 1;
    const { bytes } = this.diagnostics.sources;
    if (this.#written > TOKENS_MAX && this.#written > TOKENS_PER_BYTE_MAX * bytes.length) {
      return this.#exhaust(name, "text without end");
    }
    macro.disabled = true;
    this.push(tokens, macro);
    return true;
  }

  #exhaust(name: PpToken, what: string): false {
    const span = { start: name.start, end: name.start + name.text.length };
    const message = `expected macros that do not expand to ${what}`;
    this.diagnostics.error("DTS0510", span, message);
    this.#exhausted = true;
    return false;
  }

  /** The arguments behind a name, if a parenthesis follows it. */
  #arguments(name: PpToken, macro: Macro): { args: Argument[]; end: number } | undefined {
    let kept: PpToken | undefined = undefined;
    this.prevented++;
    for (;;) {
      const mark = this.source.mark();
      const outside = !this.pending;
      const token = this.get(true);
      if (token.kind === PP.PADDING) {
        const white = ((kept?.source?.flags ?? 0) & WHITE) !== 0;
        if (kept?.source === undefined || (!white && token.source === undefined)) kept = token;
        continue;
      }
      if (token.kind === PP.PUNCTUATOR && token.text === "(") break;
      this.prevented--;
      if (outside) this.source.reset(mark);
      else this.#contexts.at(-1)!.index--;
      if (kept !== undefined) this.push([kept]);
      return undefined;
    }
    const result = this.#collect(name, macro);
    this.prevented--;
    return result;
  }

  #collect(name: PpToken, macro: Macro): { args: Argument[]; end: number } | undefined {
    const count = macro.parameters!.length;
    const args: Argument[] = [];
    let token: PpToken;
    do {
      const tokens: PpToken[] = [];
      let depth = 0;
      for (;;) {
        token = this.get();
        if (token.kind === PP.EOF) break;
        if (token.kind === PP.PADDING) {
          if (tokens.length === 0) continue;
        } else if (token.kind === PP.PUNCTUATOR) {
          if (token.text === "(") depth++;
          else if (token.text === ")" && depth-- === 0) break;
          else if (token.text === "," && depth === 0) {
            if (!macro.variadic || args.length + 1 !== count) break;
          }
        }
        tokens.push(token);
      }
      while (tokens.at(-1)?.kind === PP.PADDING) tokens.pop();
      args.push({ tokens, omitted: false, expanded: undefined });
    } while (token.kind !== PP.EOF && token.text !== ")");
    if (token.kind === PP.EOF) {
      if (this.pending) this.#contexts.at(-1)!.index--;
      const span = { start: name.start, end: name.start + name.text.length };
      const message = `expected \`)\` after the arguments of \`${name.text}\``;
      this.diagnostics.error("DTS0509", span, message);
      return undefined;
    }
    if (!this.#fit(name, macro, args)) return undefined;
    return { args, end: token.expansion === name.expansion ? token.start + 1 : 0 };
  }

  /** Checks the number of arguments, and notes whether the variable one was left out. */
  #fit(name: PpToken, macro: Macro, args: Argument[]): boolean {
    const count = macro.parameters!.length;
    if (args.length === 1 && count === 0 && args[0].tokens.length === 0) args.pop();
    const given = args.length;
    if (given !== count && !(macro.variadic && given + 1 === count)) {
      const span = { start: name.start, end: name.start + name.text.length };
      const message = `expected ${count} argument${count === 1 ? "" : "s"} of ` +
        `\`${macro.name}\`, there ${given === 1 ? "is" : "are"} ${given}`;
      const related = macro.definedAt && [{ span: macro.definedAt, text: "the macro" }];
      this.diagnostics.error("DTS0508", span, message, { related });
      return false;
    }
    if (!macro.variadic) return true;
    if (given < count) args.push({ tokens: [], omitted: true, expanded: undefined });
    else if (given === 1 && args[0].tokens.length === 0) args[0].omitted = true;
    return true;
  }

  /** The body with arguments in place of parameters. */
  #replace(macro: Macro, args: readonly Argument[], expansion: number): PpToken[] {
    const { body } = macro;
    const out: PpToken[] = [];
    let skipping = false;
    body.forEach((token, index) => {
      const afterPaste = index > 0 && (body[index - 1].flags & PASTE) !== 0;
      if (token.kind === PP.VA_OPT) {
        skipping = (this.#expanded(args.at(-1)!)).every(({ kind }) => kind === PP.PADDING);
        out.push(padding({ ...token, expansion }));
      } else if (token.kind === PP.VA_OPT_END) {
        skipping = false;
        out.push(padding(undefined));
      } else if (skipping) return;
      else if (token.kind !== PP.PARAMETER) out.push({ ...token, expansion });
      else this.#insert(macro, args[token.parameter], { ...token, expansion }, out, afterPaste);
    });
    return out;
  }

  /** Puts an argument in place of a parameter. */
  #insert(
    macro: Macro,
    argument: Argument,
    parameter: PpToken,
    out: PpToken[],
    afterPaste: boolean,
  ): void {
    const pastes = (parameter.flags & PASTE) !== 0;
    const stringify = (parameter.flags & STRINGIFY) !== 0;
    const tokens = stringify
      ? [this.#stringify(argument, parameter)]
      : pastes || afterPaste
      ? argument.tokens.map((token) => ({ ...token }))
      : this.#expanded(argument).map((token) => ({ ...token }));
    if (!afterPaste && out.length > 0) out.push(padding(parameter));
    if (afterPaste && out.length > 0) {
      const before = out[out.length - 1];
      const isRest = macro.variadic && parameter.parameter === macro.parameters!.length - 1;
      if (isRest && before.text === "," && before.kind === PP.PUNCTUATOR) {
        if (argument.omitted) out.pop();
        else before.flags &= ~PASTE;
      } else if (tokens.length === 0) before.flags &= ~PASTE;
    }
    out.push(...tokens);
    if (pastes && tokens.length > 0) out[out.length - 1].flags |= PASTE;
    if (!pastes) out.push(padding(undefined));
  }

  #expanded(argument: Argument): PpToken[] {
    return argument.expanded ??= this.expand(argument.tokens);
  }

  /** What a list of tokens expands to when nothing follows it. */
  expand(tokens: readonly PpToken[]): PpToken[] {
    const [first] = tokens;
    if (first === undefined || this.#exhausted) return [...tokens];
    if (this.#depth >= DEPTH_MAX) {
      this.#exhaust(first, `arguments inside of arguments ${DEPTH_MAX} deep`);
      return [...tokens];
    }
    this.#depth++;
    this.push([...tokens, ppToken(PP.EOF, "", 0, first.start)]);
    const level = this.#contexts.length;
    const out: PpToken[] = [];
    for (let token = this.get(); token.kind !== PP.EOF; token = this.get()) out.push(token);
    this.drop(level - 1);
    this.#depth--;
    return out;
  }

  #stringify({ tokens }: Argument, parameter: PpToken): PpToken {
    let text = "";
    let source: PpToken | undefined = undefined;
    for (const token of tokens) {
      if (token.kind === PP.PADDING) {
        if (source === undefined || ((source.flags & WHITE) === 0 && token.source === undefined)) {
          source = token.source;
        }
        continue;
      }
      if (text !== "" && ((source ?? token).flags & WHITE) !== 0) text += " ";
      source = undefined;
      const quoted = token.kind === PP.STRING || token.kind === PP.CHAR;
      text += quoted ? token.text.replace(/["\\]/g, "\\$&") : token.text;
    }
    if (/(^|[^\\])(\\\\)*\\$/.test(text)) text = text.slice(0, -1);
    return {
      ...parameter,
      kind: PP.STRING,
      text: `"${text}"`,
      flags: parameter.flags & WHITE,
    };
  }

  /** Glues a token to those behind it, as long as that gives tokens. */
  #paste(left: PpToken): void {
    const context = this.#contexts.at(-1)!;
    let glued: PpToken = { ...left, flags: left.flags & ~PASTE };
    for (let more = true; more;) {
      const right = context.tokens[context.index++];
      if (right === undefined) break;
      if (right.kind === PP.PADDING) continue;
      const text = glued.text + right.text;
      const bytes = Uint8Array.from(`${text}\0`, (character) => character.charCodeAt(0));
      const { kind, end } = lexPpToken(bytes, 0, text.length);
      const comment = text === "//" || text === "/*";
      if (end !== text.length || comment || kind === PP.OTHER) {
        context.index--;
        break;
      }
      glued = { ...glued, kind, text, flags: glued.flags & ~NO_EXPAND };
      more = (right.flags & PASTE) !== 0;
    }
    this.push([glued]);
  }
}
