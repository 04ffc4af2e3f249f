/**
 * Runs an `awk` program.
 *
 * POSIX.1-2017, awk
 *
 * @module
 */
import type { Process } from "../process.ts";
import { AwkArray } from "./array.ts";
import type { AwkProgram, Expression, Rule, Statement, Target } from "./ast.ts";
import { AwkError } from "./errors.ts";
import { AwkFiles } from "./files.ts";
import {
  Arguments,
  regexOf,
  splitFields,
  sprintf,
  substitute,
  VALUE_FUNCTIONS,
} from "./functions.ts";
import { MainInput } from "./main_input.ts";
import { AwkState, type Local } from "./state.ts";
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

/** A way out of statements: what `next`, `exit` and their like do. */
class Leave extends Error {
  override name = "Leave";

  constructor(readonly to: string, readonly value: Cell = UNSET) {
    super(to);
  }
}

const YES = numberCell(1);
const NO = numberCell(0);

/** One run of a program. */
export class Interpreter {
  readonly #state = new AwkState();
  readonly #input: MainInput;
  readonly #files: AwkFiles;
  readonly #inRange = new Set<Rule>();
  /** What `exit` said. */
  #exitStatus: number | undefined;
  #seed = 1;

  constructor(
    readonly program: AwkProgram,
    readonly process: Process,
    operands: readonly string[],
  ) {
    this.#files = new AwkFiles(process);
    this.#input = new MainInput(this.#state, process);
    const argv = this.#state.array("ARGV");
    for (const [index, text] of ["awk", ...operands].entries()) {
      argv.set(`${index}`, inputCell(text));
    }
    this.#state.setVar("ARGC", numberCell(operands.length + 1));
    const environ = this.#state.array("ENVIRON");
    for (const [name, value] of process.env) environ.set(name, inputCell(value));
  }

  /** `-v NAME=VALUE`, and operands that assign. */
  assign(name: string, value: string): undefined {
    this.#state.setVar(name, inputCell(value));
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
      for (const body of end) await this.#execute(body);
    } catch (error) {
      this.#ended(error);
    } finally {
      await this.process.flush();
      await this.#files.closeAll();
    }
    return this.#exitStatus ?? (this.#input.failed ? 1 : 0);
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
        if (error.to === "nextfile") this.#input.skipFile();
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

  async #nextRecord(): Promise<boolean> {
    const record = await this.#input.next();
    if (record === undefined) return false;
    this.#state.record = record;
    return true;
  }

  async #key(keys: readonly Expression[]): Promise<string> {
    const texts: string[] = [];
    for (const key of keys) texts.push(this.#state.toText(await this.#value(key)));
    return texts.join(this.#state.text("SUBSEP"));
  }

  async #get(target: Target): Promise<Cell> {
    switch (target.type) {
      case "name":
        return this.#state.getVar(target.name);
      case "field":
        return this.#state.field(Math.trunc(toNumber(await this.#value(target.index))));
      case "element":
        return this.#state.array(target.name).get(await this.#key(target.keys));
    }
  }

  async #set(target: Target, cell: Cell): Promise<Cell> {
    switch (target.type) {
      case "name":
        this.#state.setVar(target.name, cell);
        break;
      case "field": {
        const index = Math.trunc(toNumber(await this.#value(target.index)));
        this.#state.setField(index, this.#state.toText(cell));
        break;
      }
      case "element":
        this.#state.array(target.name).set(await this.#key(target.keys), cell);
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
        return regexOf(node.source).test(this.#state.record) ? YES : NO;
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
        return this.#state.array(node.name).has(await this.#key(node.keys)) ? YES : NO;
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
    return regexOf(this.#state.toText(await this.#value(node)));
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
        const matches = (await this.#regex(right)).test(this.#state.toText(first));
        return matches === (operator === "~") ? YES : NO;
      }
    }
    const second = await this.#value(right);
    if (operator === " ") return textCell(this.#state.toText(first) + this.#state.toText(second));
    const order = () => compareCells(first, second, this.#state.convfmt());
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
    if (node.source === undefined) record = await this.#input.next();
    else {
      const name = this.#state.toText(await this.#value(node.source));
      const reader = await this.#files.reader(node.from === "file" ? "file" : "command", name);
      if (reader === undefined) return numberCell(-1);
      record = await reader.next(this.#state.text("RS"));
      if (record !== undefined && node.from === "command") this.#state.count("NR");
    }
    if (record === undefined) return NO;
    if (node.target === undefined) this.#state.record = record;
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
      const outer = this.#state.frame;
      this.#state.frame = frame;
      try {
        await this.#execute(defined.body);
        return UNSET;
      } catch (error) {
        if (!(error instanceof Leave) || error.to !== "return") throw error;
        return error.value;
      } finally {
        this.#state.frame = outer;
      }
    }
    return await this.#builtin(name, args);
  }

  /** A name alone may be an array. */
  async #argument(node: Expression | undefined): Promise<Local> {
    if (node === undefined) return UNSET;
    if (node.type !== "name") return await this.#value(node);
    return this.#state.passed(node.name);
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
    const state = this.#state;
    const pure = VALUE_FUNCTIONS.get(name);
    if (pure !== undefined) return pure(new Arguments(values, state.convfmt()));
    switch (name) {
      case "rand":
        // A number of its own for each call, the same in each run.
        this.#seed = (this.#seed * 1103515245 + 12345) % 2 ** 31;
        return numberCell(this.#seed / 2 ** 31);
      case "srand":
        this.#seed = toNumber(values[0] ?? UNSET) || 1;
        return NO;
      case "systime":
        return numberCell(Math.floor(this.process.kernel.nowNs / 1e9));
      case "system":
        return numberCell(await this.#files.system(state.toText(values[0] ?? UNSET)));
      case "close":
        return numberCell(await this.#files.close(state.toText(values[0] ?? UNSET)));
      case "fflush":
        await this.process.flush();
        return NO;
    }
    throw new AwkError("Call to undefined function");
  }

  async #length(node: Expression | undefined): Promise<Cell> {
    if (node === undefined) return numberCell(this.#state.record.length);
    const value = await this.#argument(node);
    if (value instanceof AwkArray) return numberCell(value.length);
    return numberCell(this.#state.toText(value).length);
  }

  async #split(node: Expression, array: Expression, by: Expression | undefined): Promise<Cell> {
    const text = this.#state.toText(await this.#value(node));
    const separator = by === undefined
      ? this.#state.text("FS")
      : by.type === "regex"
      ? by.source
      : this.#state.toText(await this.#value(by));
    const parts = by?.type === "regex" && text !== ""
      ? text.split(regexOf(separator))
      : splitFields(text, separator);
    if (array.type !== "name") throw new AwkError("Not an array");
    const target = this.#state.array(array.name);
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
    const template = this.#state.toText(await this.#value(by));
    const old = this.#state.toText(await this.#value(target));
    const { text, count } = substitute(regex, template, old, all);
    const assignable = target.type === "name" || target.type === "field" ||
      target.type === "element";
    if (count > 0 && assignable) await this.#set(target, textCell(text));
    return numberCell(count);
  }

  async #match(node: Expression, pattern: Expression): Promise<Cell> {
    const found = (await this.#regex(pattern)).exec(this.#state.toText(await this.#value(node)));
    const start = numberCell(found === null ? 0 : found.index + 1);
    this.#state.setVar("RSTART", start);
    this.#state.setVar("RLENGTH", numberCell(found === null ? -1 : found[0].length));
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
        for (const key of this.#state.array(node.name).keys()) {
          if (!this.#state.array(node.name).has(key)) continue;
          this.#state.setVar(node.variable, looksNumeric(key) ? inputCell(key) : textCell(key));
          if (!await this.#round(node.body)) return;
        }
        return;
      case "delete":
        if (node.keys.length === 0) return this.#state.array(node.name).clear();
        return this.#state.array(node.name).delete(await this.#key(node.keys));
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
    const format = this.#state.text("OFMT");
    const text = node.type === "printf"
      ? sprintf(this.#state.toText(values[0] ?? UNSET), values.slice(1), this.#state.convfmt())
      : (values.length === 0
        ? this.#state.record
        : values.map((value) => toText(value, format)).join(this.#state.text("OFS"))) +
        this.#state.text("ORS");
    if (node.redirect === undefined) return await this.process.out(text);
    const name = this.#state.toText(await this.#value(node.redirect.target));
    await this.#files.print(node.redirect.operator, name, text);
  }
}
