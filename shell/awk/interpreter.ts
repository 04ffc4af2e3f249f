/**
 * Runs an `awk` program.
 *
 * POSIX.1-2017, awk
 *
 * @module
 */
import { KernelError } from "../../kernel/errors.ts";
import { strerror } from "../errors.ts";
import type { Process } from "../process.ts";
import { AwkArray } from "./array.ts";
import type { AwkProgram, Expression, Rule, Statement, Target } from "./ast.ts";
import { AwkFiles, RecordReader } from "./files.ts";
import { regexOf, splitFields, sprintf, substitute, substr } from "./functions.ts";
import {
  type Cell,
  compareCells,
  inputCell,
  isTrue,
  looksNumeric,
  numberCell,
  textCell,
  toNumber,
  toText,
  UNSET,
} from "./value.ts";

/** Ends the program with a message. */
export class AwkError extends Error {
  override name = "AwkError";
}

/** A way out of statements: what `next`, `exit` and their like do. */
class Leave extends Error {
  override name = "Leave";

  constructor(readonly to: string, readonly value: Cell = UNSET) {
    super(to);
  }
}

/** What a name of a function's parameters holds: a value, or an array that is passed on. */
type Local = Cell | AwkArray;

const YES = numberCell(1);
const NO = numberCell(0);
/** Parts the keys of an element. */
const SUBSEP = "\x1c";

/** One run of a program. */
export class Interpreter {
  readonly #vars = new Map<string, Cell>([
    ["FS", textCell(" ")],
    ["OFS", textCell(" ")],
    ["ORS", textCell("\n")],
    ["RS", textCell("\n")],
    ["NR", NO],
    ["FNR", NO],
    ["CONVFMT", textCell("%.6g")],
    ["OFMT", textCell("%.6g")],
    ["SUBSEP", textCell(SUBSEP)],
    ["RSTART", NO],
    ["RLENGTH", numberCell(-1)],
  ]);
  readonly #arrays = new Map<string, AwkArray>();
  readonly #files: AwkFiles;
  readonly #inRange = new Set<Rule>();
  /** Parameters of the running function. */
  #frame: Map<string, Local> | undefined;
  #record = "";
  /** Fields of the record; `undefined` while nobody has asked. */
  #fields: string[] | undefined;
  #main: RecordReader | undefined;
  #nextArgument = 1;
  #readAny = false;
  #exitStatus = 0;
  #seed = 1;

  constructor(
    readonly program: AwkProgram,
    readonly process: Process,
    operands: readonly string[],
  ) {
    this.#files = new AwkFiles(process);
    const argv = this.#array("ARGV");
    for (const [index, text] of ["awk", ...operands].entries()) {
      argv.set(`${index}`, inputCell(text));
    }
    this.#vars.set("ARGC", numberCell(operands.length + 1));
    const environ = this.#array("ENVIRON");
    for (const [name, value] of process.env) environ.set(name, inputCell(value));
  }

  /** `-v NAME=VALUE`, and operands that assign. */
  assign(name: string, value: string): undefined {
    this.#setVar(name, inputCell(value));
  }

  /** Runs everything. Gives the exit status. */
  async run(): Promise<number> {
    const { begin, rules, end } = this.program;
    try {
      try {
        for (const body of begin) await this.#execute(body);
        if (rules.length > 0 || end.length > 0) {
          while (await this.#nextRecord()) await this.#rules(rules);
        }
      } catch (error) {
        this.#ended(error);
      }
      if (!(this.#exitStatus !== 0 && begin.length > 0 && !this.#readAny && end.length === 0)) {
        for (const body of end) await this.#execute(body);
      }
    } catch (error) {
      this.#ended(error);
    } finally {
      await this.process.flush();
      await this.#files.closeAll();
    }
    return this.#exitStatus;
  }

  #ended(error: unknown): undefined {
    if (!(error instanceof Leave) || error.to !== "exit") throw error;
    if (error.value.type !== "unset") this.#exitStatus = toNumber(error.value) & 0xff;
  }

  async #rules(rules: readonly Rule[]): Promise<undefined> {
    for (const rule of rules) {
      if (!await this.#fits(rule)) continue;
      try {
        await this.#execute(rule.body);
      } catch (error) {
        if (!(error instanceof Leave) || !error.to.startsWith("next")) throw error;
        if (error.to === "nextfile") this.#main = undefined;
        return;
      }
    }
  }

  async #fits(rule: Rule): Promise<boolean> {
    const { from, to } = rule;
    if (from === undefined) return true;
    if (to === undefined) return isTrue(await this.#value(from));
    if (!this.#inRange.has(rule) && !isTrue(await this.#value(from))) return false;
    if (isTrue(await this.#value(to))) this.#inRange.delete(rule);
    else this.#inRange.add(rule);
    return true;
  }

  // Input

  #text(name: string): string {
    return this.#toText(this.#vars.get(name) ?? UNSET);
  }

  #toText(cell: Cell): string {
    return toText(cell, this.#convfmt());
  }

  #convfmt(): string {
    const cell = this.#vars.get("CONVFMT");
    return cell?.type === "text" || cell?.type === "input" ? cell.text : "%.6g";
  }

  /** Opens the next file of the operands; false when there is none. */
  async #openNext(): Promise<boolean> {
    const count = toNumber(this.#vars.get("ARGC") ?? NO);
    const argv = this.#array("ARGV");
    while (this.#nextArgument < count) {
      const operand = this.#toText(argv.get(`${this.#nextArgument++}`));
      const assignment = /^([A-Za-z_]\w*)=(.*)$/s.exec(operand);
      if (assignment !== null) this.assign(assignment[1], assignment[2]);
      else if (operand !== "") {
        this.#readAny = true;
        if (await this.#openMain(operand)) return true;
      }
    }
    if (this.#readAny) return false;
    this.#readAny = true;
    return await this.#openMain("-");
  }

  async #openMain(path: string): Promise<boolean> {
    const { process } = this;
    try {
      const file = path === "-" ? process.fd(0).get() : await process.open(path, { read: true });
      this.#main = new RecordReader(file);
    } catch (error) {
      if (!(error instanceof KernelError)) throw error;
      await process.flush();
      await process.perror(path, error);
      this.#exitStatus = 1;
      return false;
    }
    this.#vars.set("FILENAME", textCell(path === "-" ? "" : path));
    this.#vars.set("FNR", NO);
    return true;
  }

  /** The next record of the operands; `undefined` at the end. */
  async #mainRecord(): Promise<string | undefined> {
    for (;;) {
      if (this.#main === undefined && !await this.#openNext()) return undefined;
      const reader = this.#main as RecordReader;
      let record: string | undefined;
      try {
        record = await reader.next(this.#text("RS"));
      } catch (error) {
        if (!(error instanceof KernelError)) throw error;
        await this.process.flush();
        await this.process.complain(`read error: ${strerror(error)}`);
        this.#exitStatus = 1;
      }
      if (record !== undefined) {
        this.#count("NR");
        this.#count("FNR");
        return record;
      }
      await reader.file.put();
      this.#main = undefined;
    }
  }

  #count(name: string): undefined {
    this.#vars.set(name, numberCell(toNumber(this.#vars.get(name) ?? NO) + 1));
  }

  async #nextRecord(): Promise<boolean> {
    const record = await this.#mainRecord();
    if (record === undefined) return false;
    this.#setRecord(record);
    return true;
  }

  #setRecord(text: string): undefined {
    this.#record = text;
    this.#fields = undefined;
  }

  #allFields(): string[] {
    const separator = this.#text("FS");
    const lines = this.#text("RS") === "" && separator !== " ";
    // In paragraphs, ends of lines part fields too.
    const fields = lines
      ? this.#record.split("\n").flatMap((line) => splitFields(line, separator))
      : splitFields(this.#record, separator);
    return this.#fields ??= fields;
  }

  #field(index: number): Cell {
    if (index < 0) throw new AwkError("Access to negative field");
    if (index === 0) return inputCell(this.#record);
    const text = this.#allFields()[index - 1];
    return text === undefined ? UNSET : inputCell(text);
  }

  #setField(index: number, text: string): undefined {
    if (index === 0) return this.#setRecord(text);
    const fields = this.#allFields();
    while (fields.length < index) fields.push("");
    fields[index - 1] = text;
    this.#record = fields.join(this.#text("OFS"));
  }

  #setFieldCount(count: number): undefined {
    const fields = this.#allFields();
    fields.length = Math.min(fields.length, count);
    while (fields.length < count) fields.push("");
    this.#record = fields.join(this.#text("OFS"));
  }

  // Variables

  #array(name: string): AwkArray {
    const local = this.#frame?.get(name);
    if (local instanceof AwkArray) return local;
    if (this.#frame?.has(name)) {
      const array = new AwkArray();
      this.#frame.set(name, array);
      return array;
    }
    let array = this.#arrays.get(name);
    if (array === undefined) this.#arrays.set(name, array = new AwkArray());
    return array;
  }

  #getVar(name: string): Cell {
    const local = this.#frame?.get(name);
    if (local !== undefined) return local instanceof AwkArray ? UNSET : local;
    if (name === "NF") return numberCell(this.#allFields().length);
    return this.#vars.get(name) ?? UNSET;
  }

  #setVar(name: string, cell: Cell): undefined {
    if (this.#frame?.has(name)) this.#frame.set(name, cell);
    else if (name === "NF") this.#setFieldCount(toNumber(cell));
    else this.#vars.set(name, cell);
  }

  async #key(keys: readonly Expression[]): Promise<string> {
    const texts: string[] = [];
    for (const key of keys) texts.push(this.#toText(await this.#value(key)));
    return texts.join(this.#text("SUBSEP"));
  }

  async #get(target: Target): Promise<Cell> {
    switch (target.type) {
      case "name":
        return this.#getVar(target.name);
      case "field":
        return this.#field(Math.trunc(toNumber(await this.#value(target.index))));
      case "element":
        return this.#array(target.name).get(await this.#key(target.keys));
    }
  }

  async #set(target: Target, cell: Cell): Promise<Cell> {
    switch (target.type) {
      case "name":
        this.#setVar(target.name, cell);
        break;
      case "field": {
        const index = Math.trunc(toNumber(await this.#value(target.index)));
        this.#setField(index, this.#toText(cell));
        break;
      }
      case "element":
        this.#array(target.name).set(await this.#key(target.keys), cell);
    }
    return cell;
  }

  // Expressions

  async #value(node: Expression): Promise<Cell> {
    switch (node.type) {
      case "number":
        return numberCell(node.value);
      case "text":
        return textCell(node.value);
      case "regex":
        return regexOf(node.source).test(this.#record) ? YES : NO;
      case "name":
      case "field":
      case "element":
        return await this.#get(node);
      case "unary":
        return this.#unary(node.operator, await this.#value(node.operand));
      case "binary":
        return await this.#binary(node.operator, node.left, node.right);
      case "choice":
        return await this.#value(isTrue(await this.#value(node.condition)) ? node.yes : node.no);
      case "assign": {
        const value = await this.#value(node.value);
        if (node.operator === "") return await this.#set(node.target, value);
        const old = await this.#get(node.target);
        return await this.#set(node.target, this.#compute(node.operator, old, value));
      }
      case "step": {
        const old = toNumber(await this.#get(node.target));
        await this.#set(node.target, numberCell(old + node.by));
        return numberCell(node.after ? old : old + node.by);
      }
      case "in":
        return this.#array(node.name).has(await this.#key(node.keys)) ? YES : NO;
      case "group":
        return textCell(await this.#key(node.items));
      case "call":
        return await this.#call(node.name, node.args);
      case "getline":
        return await this.#getline(node);
    }
  }

  #unary(operator: string, operand: Cell): Cell {
    if (operator === "()") return operand;
    if (operator === "!") return isTrue(operand) ? NO : YES;
    return numberCell(operator === "-" ? -toNumber(operand) : toNumber(operand));
  }

  async #regex(node: Expression): Promise<RegExp> {
    if (node.type === "regex") return regexOf(node.source);
    return regexOf(this.#toText(await this.#value(node)));
  }

  async #binary(operator: string, left: Expression, right: Expression): Promise<Cell> {
    const first = await this.#value(left);
    switch (operator) {
      case "&&":
        return isTrue(first) && isTrue(await this.#value(right)) ? YES : NO;
      case "||":
        return isTrue(first) || isTrue(await this.#value(right)) ? YES : NO;
      case "~":
      case "!~": {
        const matches = (await this.#regex(right)).test(this.#toText(first));
        return matches === (operator === "~") ? YES : NO;
      }
    }
    const second = await this.#value(right);
    if (operator === " ") return textCell(this.#toText(first) + this.#toText(second));
    const order = () => compareCells(first, second, this.#convfmt());
    switch (operator) {
      case "<":
        return order() < 0 ? YES : NO;
      case "<=":
        return order() <= 0 ? YES : NO;
      case "==":
        return order() === 0 ? YES : NO;
      case "!=":
        return order() !== 0 ? YES : NO;
      case ">":
        return order() > 0 ? YES : NO;
      case ">=":
        return order() >= 0 ? YES : NO;
    }
    return this.#compute(operator, first, second);
  }

  #compute(operator: string, left: Cell, right: Cell): Cell {
    const [a, b] = [toNumber(left), toNumber(right)];
    switch (operator) {
      case "+":
        return numberCell(a + b);
      case "-":
        return numberCell(a - b);
      case "*":
        return numberCell(a * b);
      case "/":
      case "%":
        if (b === 0) throw new AwkError("Division by zero");
        return numberCell(operator === "/" ? a / b : a % b);
    }
    // As the reference's busybox was built.
    throw new AwkError("Math support is not compiled in");
  }

  async #getline(node: Extract<Expression, { type: "getline" }>): Promise<Cell> {
    let record: string | undefined;
    if (node.source === undefined) record = await this.#mainRecord();
    else {
      const name = this.#toText(await this.#value(node.source));
      const reader = await this.#files.reader(node.from === "file" ? "file" : "command", name);
      if (reader === undefined) return numberCell(-1);
      record = await reader.next(this.#text("RS"));
      if (record !== undefined && node.from === "command") this.#count("NR");
    }
    if (record === undefined) return NO;
    if (node.target === undefined) this.#setRecord(record);
    else await this.#set(node.target, inputCell(record));
    return YES;
  }

  // Functions

  async #call(name: string, args: readonly Expression[]): Promise<Cell> {
    const defined = this.program.functions.get(name);
    if (defined !== undefined) {
      const frame = new Map<string, Local>();
      for (const [index, param] of defined.params.entries()) {
        frame.set(param, await this.#argument(args[index]));
      }
      const outer = this.#frame;
      this.#frame = frame;
      try {
        await this.#execute(defined.body);
        return UNSET;
      } catch (error) {
        if (!(error instanceof Leave) || error.to !== "return") throw error;
        return error.value;
      } finally {
        this.#frame = outer;
      }
    }
    return await this.#builtin(name, args);
  }

  /** A name alone may be an array. */
  async #argument(node: Expression | undefined): Promise<Local> {
    if (node === undefined) return UNSET;
    if (node.type !== "name") return await this.#value(node);
    const local = this.#frame?.get(node.name);
    if (local !== undefined) return local;
    const known = this.#vars.has(node.name) || node.name === "NF";
    return known ? this.#getVar(node.name) : this.#array(node.name);
  }

  async #builtin(name: string, args: readonly Expression[]): Promise<Cell> {
    const [first, second, third] = args;
    switch (name) {
      case "length":
        return await this.#length(first);
      case "split":
        return await this.#split(first, second, third);
      case "sub":
      case "gsub":
        return await this.#substitute(name === "gsub", first, second, third);
      case "match":
        return await this.#match(first, second);
    }
    const values: Cell[] = [];
    for (const arg of args) values.push(await this.#value(arg));
    const text = (at: number) => this.#toText(values[at] ?? UNSET);
    const number = (at: number) => toNumber(values[at] ?? UNSET);
    switch (name) {
      case "substr":
        return textCell(substr(text(0), number(1), values.length > 2 ? number(2) : Infinity));
      case "index":
        return numberCell(text(1) === "" ? 0 : text(0).indexOf(text(1)) + 1);
      case "sprintf":
        return textCell(sprintf(text(0), values.slice(1), this.#convfmt()));
      case "tolower":
        return textCell(text(0).toLowerCase());
      case "toupper":
        return textCell(text(0).toUpperCase());
      case "int":
        return numberCell(Math.trunc(number(0)));
      case "and":
        return numberCell(Number(BigInt(number(0)) & BigInt(number(1))));
      case "or":
        return numberCell(Number(BigInt(number(0)) | BigInt(number(1))));
      case "xor":
        return numberCell(Number(BigInt(number(0)) ^ BigInt(number(1))));
      case "lshift":
        return numberCell(Number(BigInt(number(0)) << BigInt(number(1))));
      case "rshift":
        return numberCell(Number(BigInt(number(0)) >> BigInt(number(1))));
      case "compl":
        return numberCell(Number(BigInt.asUintN(64, ~BigInt(number(0)))));
      case "rand":
        // A number of its own for each call, the same in each run.
        this.#seed = (this.#seed * 1103515245 + 12345) % 2 ** 31;
        return numberCell(this.#seed / 2 ** 31);
      case "srand":
        this.#seed = number(0) || 1;
        return NO;
      case "systime":
        return numberCell(Math.floor(this.process.kernel.nowNs / 1e9));
      case "system":
        return numberCell(await this.#files.system(text(0)));
      case "close":
        return numberCell(await this.#files.close(text(0)));
      case "fflush":
        await this.process.flush();
        return NO;
    }
    throw new AwkError("Call to undefined function");
  }

  async #length(node: Expression | undefined): Promise<Cell> {
    if (node === undefined) return numberCell(this.#record.length);
    const value = await this.#argument(node);
    if (value instanceof AwkArray) return numberCell(value.length);
    return numberCell(this.#toText(value).length);
  }

  async #split(node: Expression, array: Expression, by: Expression | undefined): Promise<Cell> {
    const text = this.#toText(await this.#value(node));
    const separator = by === undefined
      ? this.#text("FS")
      : by.type === "regex"
      ? by.source
      : this.#toText(await this.#value(by));
    const parts = by?.type === "regex" && text !== ""
      ? text.split(regexOf(separator))
      : splitFields(text, separator);
    if (array.type !== "name") throw new AwkError("Not an array");
    const target = this.#array(array.name);
    target.clear();
    for (const [index, part] of parts.entries()) target.set(`${index + 1}`, inputCell(part));
    return numberCell(parts.length);
  }

  async #substitute(
    all: boolean,
    pattern: Expression,
    by: Expression,
    node: Expression | undefined,
  ): Promise<Cell> {
    const target = node ?? { type: "field", index: { type: "number", value: 0 } } as const;
    const regex = await this.#regex(pattern);
    const template = this.#toText(await this.#value(by));
    const old = this.#toText(await this.#value(target));
    const { text, count } = substitute(regex, template, old, all);
    const assignable = target.type === "name" || target.type === "field" ||
      target.type === "element";
    if (count > 0 && assignable) await this.#set(target, textCell(text));
    return numberCell(count);
  }

  async #match(node: Expression, pattern: Expression): Promise<Cell> {
    const found = (await this.#regex(pattern)).exec(this.#toText(await this.#value(node)));
    const start = numberCell(found === null ? 0 : found.index + 1);
    this.#vars.set("RSTART", start);
    this.#vars.set("RLENGTH", numberCell(found === null ? -1 : found[0].length));
    return start;
  }

  // Statements

  async #execute(node: Statement): Promise<undefined> {
    switch (node.type) {
      case "expression":
        await this.#value(node.expression);
        return;
      case "block":
        for (const statement of node.statements) await this.#execute(statement);
        return;
      case "print":
      case "printf":
        return await this.#print(node);
      case "if":
        if (isTrue(await this.#value(node.condition))) return await this.#execute(node.yes);
        return node.no === undefined ? undefined : await this.#execute(node.no);
      case "loop":
        return await this.#loop(node);
      case "forIn":
        for (const key of this.#array(node.name).keys()) {
          if (!this.#array(node.name).has(key)) continue;
          this.#setVar(node.variable, looksNumeric(key) ? inputCell(key) : textCell(key));
          if (!await this.#round(node.body)) return;
        }
        return;
      case "delete":
        if (node.keys.length === 0) return this.#array(node.name).clear();
        return this.#array(node.name).delete(await this.#key(node.keys));
      case "exit":
      case "return":
        throw new Leave(
          node.type,
          node.value === undefined ? UNSET : await this.#value(node.value),
        );
      default:
        throw new Leave(node.type);
    }
  }

  async #loop(node: Extract<Statement, { type: "loop" }>): Promise<undefined> {
    if (node.start !== undefined) await this.#execute(node.start);
    for (let first = node.bodyFirst;; first = false) {
      const goes = first || node.condition === undefined ||
        isTrue(await this.#value(node.condition));
      if (!goes || !await this.#round(node.body)) return;
      if (node.step !== undefined) await this.#execute(node.step);
    }
  }

  /** Runs a loop's body; false when it left the loop. */
  async #round(body: Statement): Promise<boolean> {
    try {
      await this.#execute(body);
    } catch (error) {
      if (!(error instanceof Leave)) throw error;
      if (error.to === "break") return false;
      if (error.to !== "continue") throw error;
    }
    return true;
  }

  async #print(node: Extract<Statement, { type: "print" | "printf" }>): Promise<undefined> {
    const values: Cell[] = [];
    for (const arg of node.args) values.push(await this.#value(arg));
    const format = this.#text("OFMT");
    const text = node.type === "printf"
      ? sprintf(this.#toText(values[0] ?? UNSET), values.slice(1), this.#convfmt())
      : (values.length === 0
        ? this.#record
        : values.map((value) => toText(value, format)).join(this.#text("OFS"))) +
        this.#text("ORS");
    if (node.redirect === undefined) return await this.process.out(text);
    const name = this.#toText(await this.#value(node.redirect.target));
    await this.#files.print(node.redirect.operator, name, text);
  }
}
