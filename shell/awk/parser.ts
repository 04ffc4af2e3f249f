/**
 * Reads an `awk` program.
 *
 * POSIX.1-2017, awk
 *
 * @module
 */
import type {
  AwkProgram,
  Expression,
  FunctionNode,
  Redirect,
  Rule,
  Statement,
  Target,
} from "./ast.ts";
import { AwkSyntaxError, Lexer, type Token } from "./lexer.ts";
import { textToNumber } from "./value.ts";

/** Functions that are called without parentheses too. */
const BARE_FUNCTIONS: ReadonlySet<string> = new Set(["length"]);
const COMPARISONS: ReadonlySet<string> = new Set(["<", "<=", "==", "!=", ">", ">="]);
const PRINT_ALL: Statement = { type: "print", args: [], redirect: undefined };

/** What may stand in an expression depends on where it stands. */
interface Where {
  /** `>` compares: not in what `print` prints, where it redirects. */
  readonly greater: boolean;
  /** `in` asks an array: not at the start of `for (`. */
  readonly membership: boolean;
}

const ANYWHERE: Where = { greater: true, membership: true };

function isTarget(node: Expression): node is Target {
  return node.type === "name" || node.type === "field" || node.type === "element";
}

/** Reads by recursive descent. */
export class Parser {
  readonly #lexer: Lexer;
  #token: Token;

  constructor(text: string) {
    this.#lexer = new Lexer(text);
    this.#token = this.#lexer.next(true);
  }

  /** The whole program. */
  program(): AwkProgram {
    const begin: Statement[] = [];
    const end: Statement[] = [];
    const rules: Rule[] = [];
    const functions = new Map<string, FunctionNode>();
    for (this.#terminators(); this.#token.type !== "end"; this.#terminators()) {
      if (this.#take("BEGIN")) begin.push(this.#block());
      else if (this.#take("END")) end.push(this.#block());
      else if (this.#is("function") || this.#is("func")) this.#function(functions);
      else rules.push(this.#rule());
    }
    return { begin, rules, end, functions };
  }

  #is(text: string): boolean {
    const { type } = this.#token;
    return (type === "op" || type === "keyword") && this.#token.text === text;
  }

  #advance(): Token {
    const token = this.#token;
    // Behind a value, a slash divides.
    const value = ["number", "string", "regex", "name"].includes(token.type) ||
      (token.type === "op" && [")", "]", "$", "++", "--"].includes(token.text));
    this.#token = this.#lexer.next(!value);
    return token;
  }

  #take(text: string): boolean {
    if (!this.#is(text)) return false;
    this.#advance();
    return true;
  }

  #expect(text: string): undefined {
    if (!this.#take(text)) throw new AwkSyntaxError("Unexpected token");
  }

  #newlines(): undefined {
    while (this.#token.type === "newline") this.#advance();
  }

  #terminators(): undefined {
    while (this.#token.type === "newline" || this.#is(";")) this.#advance();
  }

  #function(functions: Map<string, FunctionNode>): undefined {
    this.#advance();
    const { text: name } = this.#advance();
    this.#expect("(");
    const params: string[] = [];
    while (!this.#take(")")) {
      params.push(this.#advance().text);
      if (this.#take(",")) this.#newlines();
    }
    this.#newlines();
    functions.set(name, { params, body: this.#block() });
  }

  #rule(): Rule {
    if (this.#is("{")) return { from: undefined, to: undefined, body: this.#block() };
    const from = this.#expression();
    let to: Expression | undefined;
    if (this.#take(",")) {
      this.#newlines();
      to = this.#expression();
    }
    return { from, to, body: this.#is("{") ? this.#block() : PRINT_ALL };
  }

  #block(): Statement {
    this.#newlines();
    this.#expect("{");
    const statements: Statement[] = [];
    for (this.#terminators(); !this.#take("}"); this.#terminators()) {
      if (this.#token.type === "end") throw new AwkSyntaxError("Unexpected end of program");
      statements.push(this.#statement());
    }
    return { type: "block", statements };
  }

  /** A statement and what ends it. */
  #statement(): Statement {
    const { text } = this.#token;
    if (this.#is("{")) return this.#block();
    if (this.#token.type === "keyword") {
      switch (text) {
        case "if":
          return this.#if();
        case "while":
          return this.#while();
        case "do":
          return this.#do();
        case "for":
          return this.#for();
      }
    }
    if (this.#take(";")) return { type: "block", statements: [] };
    const statement = this.#simple();
    if (!this.#is("}") && this.#token.type !== "end") {
      if (this.#token.type !== "newline" && !this.#is(";")) {
        throw new AwkSyntaxError("Unexpected token");
      }
      this.#advance();
    }
    return statement;
  }

  #body(): Statement {
    this.#newlines();
    return this.#statement();
  }

  #condition(): Expression {
    this.#expect("(");
    const condition = this.#expression();
    this.#expect(")");
    return condition;
  }

  #if(): Statement {
    this.#advance();
    const condition = this.#condition();
    const yes = this.#body();
    this.#terminators();
    const no = this.#take("else") ? this.#body() : undefined;
    return { type: "if", condition, yes, no };
  }

  #while(): Statement {
    this.#advance();
    const condition = this.#condition();
    const body = this.#take(";") ? PRINT_NOTHING : this.#body();
    return { type: "loop", start: undefined, condition, step: undefined, body, bodyFirst: false };
  }

  #do(): Statement {
    this.#advance();
    const body = this.#body();
    this.#terminators();
    this.#expect("while");
    const condition = this.#condition();
    return { type: "loop", start: undefined, condition, step: undefined, body, bodyFirst: true };
  }

  #for(): Statement {
    this.#advance();
    this.#expect("(");
    const start = this.#is(";") ? undefined : this.#simple({ ...ANYWHERE, membership: false });
    if (this.#take("in")) {
      const variable = start?.type === "expression" ? start.expression : undefined;
      const { text: name } = this.#advance();
      this.#expect(")");
      if (variable?.type !== "name") throw new AwkSyntaxError("Unexpected token");
      return { type: "forIn", variable: variable.name, name, body: this.#body() };
    }
    this.#expect(";");
    this.#newlines();
    const condition = this.#is(";") ? undefined : this.#expression();
    this.#expect(";");
    this.#newlines();
    const step = this.#is(")") ? undefined : this.#simple();
    this.#expect(")");
    const body = this.#take(";") ? PRINT_NOTHING : this.#body();
    return { type: "loop", start, condition, step, body, bodyFirst: false };
  }

  #simple(where = ANYWHERE): Statement {
    const { type, text } = this.#token;
    if (type !== "keyword" || text === "getline" || text === "in") {
      return { type: "expression", expression: this.#expression(where) };
    }
    this.#advance();
    switch (text) {
      case "print":
      case "printf":
        return this.#print(text);
      case "next":
      case "nextfile":
      case "break":
      case "continue":
        return { type: text };
      case "exit":
      case "return":
        return { type: text, value: this.#ends() ? undefined : this.#expression() };
      case "delete":
        return this.#delete();
      default:
        throw new AwkSyntaxError("Unexpected token");
    }
  }

  #ends(): boolean {
    const { type } = this.#token;
    return type === "newline" || type === "end" || this.#is(";") || this.#is("}");
  }

  #delete(): Statement {
    const { text: name } = this.#advance();
    if (!this.#take("[")) return { type: "delete", name, keys: [] };
    const keys = this.#list("]");
    return { type: "delete", name, keys };
  }

  #print(type: "print" | "printf"): Statement {
    const where = { ...ANYWHERE, greater: false };
    const args: Expression[] = [];
    while (!this.#ends() && !this.#is(">") && !this.#is(">>") && !this.#is("|")) {
      args.push(this.#expression(where));
      if (!this.#take(",")) break;
      this.#newlines();
    }
    // What stands in one pair of parentheses is a list too.
    const [only] = args;
    const list = args.length === 1 && only.type === "group" ? only.items : args;
    return { type, args: list, redirect: this.#redirect() };
  }

  #redirect(): Redirect | undefined {
    const { text } = this.#token;
    if (!this.#is(">") && !this.#is(">>") && !this.#is("|")) return undefined;
    this.#advance();
    return { operator: text as Redirect["operator"], target: this.#choice(NO_INPUT) };
  }

  #list(end: string): Expression[] {
    const items: Expression[] = [];
    this.#newlines();
    while (!this.#take(end)) {
      items.push(this.#expression());
      this.#newlines();
      if (this.#take(",")) this.#newlines();
    }
    return items;
  }

  #expression(where: Where = ANYWHERE): Expression {
    const left = this.#choice(where);
    const { text } = this.#token;
    if (this.#token.type !== "op" || !/^(?:[-+*\/%^]|\*\*)?=$/.test(text) || !isTarget(left)) {
      return left;
    }
    this.#advance();
    this.#newlines();
    const value = this.#expression(where);
    return { type: "assign", operator: text.slice(0, -1), target: left, value };
  }

  #choice(where: Where): Expression {
    const condition = this.#or(where);
    if (!this.#take("?")) return condition;
    this.#newlines();
    const yes = this.#expression(where);
    this.#newlines();
    this.#expect(":");
    this.#newlines();
    return { type: "choice", condition, yes, no: this.#expression(where) };
  }

  #or(where: Where): Expression {
    let left = this.#and(where);
    while (this.#take("||")) {
      this.#newlines();
      left = { type: "binary", operator: "||", left, right: this.#and(where) };
    }
    return left;
  }

  #and(where: Where): Expression {
    let left = this.#membership(where);
    while (this.#take("&&")) {
      this.#newlines();
      left = { type: "binary", operator: "&&", left, right: this.#membership(where) };
    }
    return left;
  }

  #membership(where: Where): Expression {
    let left = this.#match(where);
    while (where.membership && this.#is("in")) {
      this.#advance();
      const keys = left.type === "group" ? left.items : [left];
      left = { type: "in", keys, name: this.#advance().text };
    }
    return left;
  }

  #match(where: Where): Expression {
    let left = this.#comparison(where);
    while (this.#is("~") || this.#is("!~")) {
      const { text: operator } = this.#advance();
      left = { type: "binary", operator, left, right: this.#comparison(where) };
    }
    return left;
  }

  #comparison(where: Where): Expression {
    const left = this.#piped(where);
    const { text: operator } = this.#token;
    if (this.#token.type !== "op" || !COMPARISONS.has(operator)) return left;
    if (operator === ">" && !where.greater) return left;
    this.#advance();
    return { type: "binary", operator, left, right: this.#piped(where) };
  }

  /** `COMMAND | getline`. */
  #piped(where: Where): Expression {
    let left = this.#concatenation(where);
    while (where.greater && this.#is("|")) {
      this.#advance();
      this.#expect("getline");
      left = { type: "getline", from: "command", source: left, target: this.#target() };
    }
    return left;
  }

  #concatenation(where: Where): Expression {
    let left = this.#sum(where);
    while (this.#startsValue(where)) {
      left = { type: "binary", operator: " ", left, right: this.#sum(where) };
    }
    return left;
  }

  #startsValue(where: Where): boolean {
    const { type, text } = this.#token;
    if (type === "op") return ["$", "!", "(", "-", "+", "++", "--"].includes(text);
    if (type === "keyword") return text === "getline" && where !== NO_INPUT;
    return type !== "newline" && type !== "end";
  }

  #sum(where: Where): Expression {
    let left = this.#product(where);
    while (this.#is("+") || this.#is("-")) {
      const { text: operator } = this.#advance();
      left = { type: "binary", operator, left, right: this.#product(where) };
    }
    return left;
  }

  #product(where: Where): Expression {
    let left = this.#unary(where);
    while (this.#is("*") || this.#is("/") || this.#is("%")) {
      const { text: operator } = this.#advance();
      left = { type: "binary", operator, left, right: this.#unary(where) };
    }
    return left;
  }

  #unary(where: Where): Expression {
    if (this.#is("!") || this.#is("-") || this.#is("+")) {
      const { text: operator } = this.#advance();
      return { type: "unary", operator, operand: this.#unary(where) };
    }
    return this.#power(where);
  }

  #power(where: Where): Expression {
    const left = this.#stepped(where);
    if (!this.#is("^") && !this.#is("**")) return left;
    this.#advance();
    return { type: "binary", operator: "^", left, right: this.#unary(where) };
  }

  #stepped(where: Where): Expression {
    if (this.#is("++") || this.#is("--")) {
      const by = this.#advance().text === "++" ? 1 : -1;
      const target = this.#primary(where);
      if (!isTarget(target)) throw new AwkSyntaxError("Unexpected token");
      return { type: "step", target, by, after: false };
    }
    const value = this.#primary(where);
    if (!isTarget(value) || (!this.#is("++") && !this.#is("--"))) return value;
    const by = this.#advance().text === "++" ? 1 : -1;
    return { type: "step", target: value, by, after: true };
  }

  #primary(where: Where): Expression {
    const { type, text } = this.#advance();
    switch (type) {
      case "number":
        return { type: "number", value: textToNumber(text) };
      case "string":
        return { type: "text", value: text };
      case "regex":
        return { type: "regex", source: text };
      case "call":
        this.#expect("(");
        return { type: "call", name: text, args: this.#list(")") };
      case "name":
        if (this.#take("[")) return { type: "element", name: text, keys: this.#list("]") };
        return BARE_FUNCTIONS.has(text)
          ? { type: "call", name: text, args: [] }
          : { type: "name", name: text };
    }
    if (text === "getline" && type === "keyword") return this.#getline();
    if (text === "$") return { type: "field", index: this.#stepped(where) };
    if (text === "(") {
      const items = this.#list(")");
      return items.length === 1 ? this.#grouped(items[0]) : { type: "group", items };
    }
    throw new AwkSyntaxError("Unexpected token");
  }

  /** What stands in parentheses is a value, and nothing to assign to. */
  #grouped(inner: Expression): Expression {
    return isTarget(inner) ? inner : { type: "unary", operator: "()", operand: inner };
  }

  #target(): Target | undefined {
    if (this.#token.type !== "name" && !this.#is("$")) return undefined;
    const target = this.#primary(ANYWHERE);
    return isTarget(target) ? target : undefined;
  }

  #getline(): Expression {
    const target = this.#target();
    if (!this.#take("<")) return { type: "getline", from: "input", source: undefined, target };
    return { type: "getline", from: "file", source: this.#stepped(ANYWHERE), target };
  }
}

const PRINT_NOTHING: Statement = { type: "block", statements: [] };
/** Where `getline` begins no value, and `>` redirects. */
const NO_INPUT: Where = { greater: false, membership: true };
