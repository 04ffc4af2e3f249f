/**
 * Words become fields: parameters, commands, arithmetic, field splitting, patterns, quotes.
 *
 * POSIX.1-2017, 2.6
 *
 * @module
 */
import { glob, isPattern, patternSource } from "../kernel/vfs/glob.ts";
import { ArithmeticError, evaluate } from "./arithmetic.ts";
import type {
  ArithmeticNode,
  Operation,
  OperationOf,
  PartOf,
  ScriptNode,
  SimpleCommandNode,
  WordNode,
  WordPart,
} from "./ast.ts";
import { decodeText, encodeText } from "./bytes.ts";
import {
  BREAK,
  expansion,
  fieldText,
  joined,
  literal,
  type Piece,
  type Pieces,
  split,
} from "./fields.ts";
import type { Shell } from "./shell.ts";

/** Ends the command, or a script, with a message. */
export class ExpansionError extends Error {
  override name = "ExpansionError";
}

/** Ends a text that is read as a here-document. */
const TEXT_END = "end-of-text";

const quote = (text: string) => text.replace(/[\\*?[\]!-]/g, "\\$&");

/** Expands words for one shell. */
export class Expander {
  readonly #shell: Shell;

  constructor(shell: Shell) {
    this.#shell = shell;
  }

  /** Fields of all words: the arguments of a command. */
  async fields(words: readonly WordNode[]): Promise<string[]> {
    const fields: string[] = [];
    for (const word of words) fields.push(...this.#finish(await this.#word(word, false)));
    return fields;
  }

  /** The text of one word without splitting and patterns: assignments, targets of redirections. */
  async text(word: WordNode): Promise<string> {
    return joined(await this.#word(word, false), this.#separator());
  }

  /** The text of a here-document. */
  async document(word: WordNode): Promise<string> {
    return joined(await this.#parts(word.parts, true), this.#separator());
  }

  /** The pattern that a word means: quoted characters have a backslash. */
  async pattern(word: WordNode): Promise<string> {
    const pieces = await this.#word(word, false);
    return pieces.map((piece) =>
      piece === BREAK ? " " : piece.quoted ? quote(piece.text) : piece.text
    ).join("");
  }

  #separator(): string {
    return (this.#shell.ifs()[0] ?? "");
  }

  #finish(pieces: Pieces): string[] {
    const fields = split(pieces, this.#shell.ifs());
    if (this.#shell.options.has("f")) return fields.map(fieldText);
    return fields.flatMap((field) => this.#matches(field));
  }

  #matches(field: readonly Piece[]): string[] {
    if (!field.some((piece) => !piece.quoted && /[*?[]/.test(piece.text))) {
      return [fieldText(field)];
    }
    const pattern = field.map(({ quoted, text }) => quoted ? quote(text) : text).join("");
    if (!isPattern(pattern)) return [fieldText(field)];
    const found = glob(this.#shell.os.vfs, decodeText(pattern), this.#shell.process.cwd);
    return found.length > 0 ? found.map(encodeText) : [fieldText(field)];
  }

  async #word(word: WordNode, quoted: boolean): Promise<Pieces> {
    return await this.#parts(word.parts, quoted);
  }

  async #parts(parts: readonly WordPart[], quoted: boolean): Promise<Pieces> {
    const pieces: Pieces = [];
    for (const part of parts) pieces.push(...await this.#part(part, quoted));
    return pieces;
  }

  async #part(part: WordPart, quoted: boolean): Promise<Pieces> {
    switch (part.type) {
      case "Literal":
        return [literal(part.value, quoted)];
      case "SingleQuoted":
      case "Escaped":
        return [literal(part.value, true)];
      case "DoubleQuoted":
        return await this.#doubleQuoted(part);
      case "Glob":
        return [literal(part.pattern, quoted)];
      case "TildeExpansion":
        return [literal(part.user === null ? this.#home() : `~${part.user}`, true)];
      case "ParameterExpansion":
        return await this.#parameter(part, quoted);
      case "CommandSubstitution":
        return expansion(await this.#command(part.body), quoted);
      case "ArithmeticExpansion":
        return expansion(`${await this.#arithmetic(part.expression)}`, quoted);
      case "BraceExpansion":
        return await this.#braces(part, quoted);
      default:
        throw new ExpansionError("syntax error: process substitution is not known here");
    }
  }

  #home(): string {
    return this.#shell.get("HOME") ?? "~";
  }

  async #doubleQuoted(part: PartOf<"DoubleQuoted">): Promise<Pieces> {
    const pieces = await this.#parts(part.parts, true);
    const onlyAt = part.parts.length === 1 && isAt(part.parts[0]);
    return onlyAt ? pieces : [literal("", true), ...pieces];
  }

  /** Braces mean themselves in this shell. */
  async #braces(part: PartOf<"BraceExpansion">, quoted: boolean): Promise<Pieces> {
    const pieces: Pieces = [literal("{", quoted)];
    for (const [index, item] of part.items.entries()) {
      if (index > 0) pieces.push(literal(",", quoted));
      if (item.type === "Word") pieces.push(...await this.#word(item.word, quoted));
      else {
        const step = item.step === undefined ? "" : `..${item.step}`;
        pieces.push(
          literal(`${item.startStr ?? item.start}..${item.endStr ?? item.end}${step}`, quoted),
        );
      }
    }
    return [...pieces, literal("}", quoted)];
  }

  async #command(body: ScriptNode): Promise<string> {
    return (await this.#shell.capture(body)).replace(/\n+$/, "");
  }

  /** The value of an expression; parameters and commands in it are replaced first, as in double quotes. */
  async #arithmetic({ originalText = "" }: ArithmeticNode): Promise<bigint> {
    const text = /[$`\\]/.test(originalText)
      ? await this.#insideQuotes(originalText)
      : originalText;
    try {
      return evaluate(text.replaceAll('"', ""), this.#shell.arithmeticScope);
    } catch (error) {
      if (error instanceof ArithmeticError) throw new ExpansionError(error.message);
      throw error;
    }
  }

  /** A text with what double quotes let through replaced. */
  async #insideQuotes(text: string): Promise<string> {
    const { parse } = this.#shell.tools.library;
    return await this.document(hereDocument(parse(`<<${TEXT_END}\n${text}\n${TEXT_END}\n`)));
  }

  async #parameter(part: PartOf<"ParameterExpansion">, quoted: boolean): Promise<Pieces> {
    const { parameter, operation } = part;
    const shell = this.#shell;
    if (operation === null && (parameter === "@" || parameter === "*")) {
      return this.#positional(parameter, quoted);
    }
    const value = shell.get(parameter);
    if (operation === null) {
      if (value === undefined && shell.options.has("u")) {
        throw new ExpansionError(`${parameter}: parameter not set`);
      }
      return expansion(value ?? "", quoted);
    }
    switch (operation.type) {
      case "DefaultValue":
        if (isSet(value, operation.checkEmpty)) return this.#value(parameter, value, quoted);
        return await this.#alternative(operation.word, quoted);
      case "UseAlternative":
        if (!isSet(value, operation.checkEmpty)) return expansion("", quoted);
        return await this.#alternative(operation.word, quoted);
      case "AssignDefault":
      case "ErrorIfUnset":
        if (isSet(value, operation.checkEmpty)) return expansion(value, quoted);
        return expansion(await this.#whenUnset(parameter, operation), quoted);
      case "Length": {
        const all = parameter === "@" || parameter === "*";
        return expansion(`${all ? shell.positional.length : value?.length ?? 0}`, quoted);
      }
      default:
        return expansion(await this.#edited(value ?? "", operation), quoted);
    }
  }

  /** `${x=word}` assigns, `${x?word}` fails. */
  async #whenUnset(
    parameter: string,
    { type, word }: OperationOf<"AssignDefault"> | OperationOf<"ErrorIfUnset">,
  ): Promise<string> {
    const text = word === null ? "" : await this.text(word);
    if (type === "ErrorIfUnset") {
      throw new ExpansionError(`${parameter}: ${text || "parameter not set"}`);
    }
    this.#shell.set(parameter, text);
    return text;
  }

  /** A part of a value, or a value with some of it replaced. */
  async #edited(value: string, operation: Operation): Promise<string> {
    switch (operation.type) {
      case "PatternRemoval":
        return removePattern(value, await this.pattern(operation.pattern), operation);
      case "PatternReplacement": {
        const { replacement } = operation;
        const text = replacement === null ? "" : await this.text(replacement);
        return replacePattern(value, await this.pattern(operation.pattern), text, operation);
      }
      case "Substring": {
        const { length } = operation;
        const offset = Number(await this.#arithmetic(operation.offset));
        const count = length === null ? Infinity : Number(await this.#arithmetic(length));
        return substring(value, offset, count);
      }
      default:
        throw new ExpansionError("syntax error: bad substitution");
    }
  }

  #value(parameter: string, value: string, quoted: boolean): Pieces {
    if (parameter === "@" || parameter === "*") return this.#positional(parameter, quoted);
    return expansion(value, quoted);
  }

  /** The word of `${x:-word}`: unquoted parts of it are split. */
  async #alternative(word: WordNode, quoted: boolean): Promise<Pieces> {
    const pieces = await this.#word(word, quoted);
    return pieces.map((piece) =>
      piece === BREAK || piece.quoted ? piece : { ...piece, split: true }
    );
  }

  #positional(parameter: string, quoted: boolean): Pieces {
    const { positional } = this.#shell;
    if (quoted && parameter === "*") {
      return [literal(positional.join(this.#separator()), true)];
    }
    return positional.flatMap((text, index) => {
      const pieces = expansion(text, quoted);
      return index === 0 ? pieces : [BREAK, ...pieces];
    });
  }
}

/** The text of the here-document that a script consists of. */
function hereDocument({ statements }: ScriptNode): WordNode {
  const command = statements[0].pipelines[0].commands[0] as SimpleCommandNode;
  const { target } = command.redirections[0];
  return (target as Exclude<typeof target, WordNode>).content;
}

function isAt(part: WordPart): boolean {
  return part.type === "ParameterExpansion" && part.parameter === "@";
}

function isSet(value: string | undefined, checkEmpty: boolean): value is string {
  return value !== undefined && !(checkEmpty && value === "");
}

function removePattern(
  text: string,
  pattern: string,
  { side, greedy }: { side: "prefix" | "suffix"; greedy: boolean },
): string {
  const whole = new RegExp(`^(?:${patternSource(pattern)})$`);
  const cuts = Array.from({ length: text.length + 1 }, (_, index) => index);
  if ((side === "prefix") === greedy) cuts.reverse();
  for (const cut of cuts) {
    const [head, tail] = [text.slice(0, cut), text.slice(cut)];
    if (whole.test(side === "prefix" ? head : tail)) return side === "prefix" ? tail : head;
  }
  return text;
}

function replacePattern(
  text: string,
  pattern: string,
  replacement: string,
  { all, anchor }: { all: boolean; anchor: "start" | "end" | null },
): string {
  if (pattern === "") return text;
  const source = patternSource(pattern);
  const anchored = anchor === "start" ? `^${source}` : anchor === "end" ? `${source}$` : source;
  return text.replace(new RegExp(anchored, all ? "g" : ""), () => replacement);
}

function substring(text: string, offset: number, length: number): string {
  const start = offset < 0 ? Math.max(0, text.length + offset) : offset;
  const end = length < 0 ? text.length + length : start + length;
  return text.slice(start, Math.max(start, end));
}
