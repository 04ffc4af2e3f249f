/**
 * What a running `awk` program knows: its variables and arrays, and the record with its fields.
 *
 * POSIX.1-2017, awk
 *
 * @module
 */
import { AwkArray } from "./array.ts";
import { AwkError } from "./errors.ts";
import { splitFields } from "./functions.ts";
import { type Cell, inputCell, numberCell, textCell, toNumber, toText, UNSET } from "./value.ts";

/** What a name of a function's parameters holds: a value, or an array that is passed on. */
export type Local = Cell | AwkArray;

/** Parts the keys of an element. */
const SUBSEP = "\x1c";

/** Variables, arrays, and the record. */
export class AwkState {
  readonly #vars = new Map<string, Cell>([
    ["FS", textCell(" ")],
    ["OFS", textCell(" ")],
    ["ORS", textCell("\n")],
    ["RS", textCell("\n")],
    ["NR", numberCell(0)],
    ["FNR", numberCell(0)],
    ["CONVFMT", textCell("%.6g")],
    ["OFMT", textCell("%.6g")],
    ["SUBSEP", textCell(SUBSEP)],
    ["RSTART", numberCell(0)],
    ["RLENGTH", numberCell(-1)],
  ]);
  readonly #arrays = new Map<string, AwkArray>();
  #record = "";
  /** Fields of the record; `undefined` while nobody has asked. */
  #fields: string[] | undefined;
  /** Parameters of the running function. */
  frame: Map<string, Local> | undefined;

  /** The whole record: `$0`. */
  get record(): string {
    return this.#record;
  }

  set record(text: string) {
    this.#record = text;
    this.#fields = undefined;
  }

  /** The text of a variable. */
  text(name: string): string {
    return this.toText(this.#vars.get(name) ?? UNSET);
  }

  /** A value as text, numbers by `CONVFMT`. */
  toText(cell: Cell): string {
    return toText(cell, this.convfmt());
  }

  /** How numbers become text. */
  convfmt(): string {
    const cell = this.#vars.get("CONVFMT");
    return cell?.type === "text" || cell?.type === "input" ? cell.text : "%.6g";
  }

  /** One more in a variable that counts. */
  count(name: string): undefined {
    this.#vars.set(name, numberCell(toNumber(this.#vars.get(name) ?? UNSET) + 1));
  }

  #allFields(): string[] {
    const separator = this.text("FS");
    const lines = this.text("RS") === "" && separator !== " ";
    // In paragraphs, ends of lines part fields too.
    const fields = lines
      ? this.#record.split("\n").flatMap((line) => splitFields(line, separator))
      : splitFields(this.#record, separator);
    return this.#fields ??= fields;
  }

  /** `$index`. */
  field(index: number): Cell {
    if (index < 0) throw new AwkError("Access to negative field");
    if (index === 0) return inputCell(this.#record);
    const text = this.#allFields()[index - 1];
    return text === undefined ? UNSET : inputCell(text);
  }

  /** Sets `$index`. */
  setField(index: number, text: string): undefined {
    if (index === 0) {
      this.record = text;
      return;
    }
    const fields = this.#allFields();
    while (fields.length < index) fields.push("");
    fields[index - 1] = text;
    this.#record = fields.join(this.text("OFS"));
  }

  #setFieldCount(count: number): undefined {
    const fields = this.#allFields();
    fields.length = Math.min(fields.length, count);
    while (fields.length < count) fields.push("");
    this.#record = fields.join(this.text("OFS"));
  }

  /** An array by its name; it comes to be when it is first asked for. */
  array(name: string): AwkArray {
    const local = this.frame?.get(name);
    if (local instanceof AwkArray) return local;
    if (this.frame?.has(name)) {
      const array = new AwkArray();
      this.frame.set(name, array);
      return array;
    }
    let array = this.#arrays.get(name);
    if (array === undefined) this.#arrays.set(name, array = new AwkArray());
    return array;
  }

  /** The value of a variable; that of an array is unset. */
  getVar(name: string): Cell {
    const local = this.frame?.get(name);
    if (local !== undefined) return local instanceof AwkArray ? UNSET : local;
    if (name === "NF") return numberCell(this.#allFields().length);
    return this.#vars.get(name) ?? UNSET;
  }

  /** Sets a variable. */
  setVar(name: string, cell: Cell): undefined {
    if (this.frame?.has(name)) this.frame.set(name, cell);
    else if (name === "NF") this.#setFieldCount(toNumber(cell));
    else this.#vars.set(name, cell);
  }

  /** What stands for a name that is passed on: the value, or the array. */
  passed(name: string): Local {
    const local = this.frame?.get(name);
    if (local !== undefined) return local;
    const known = this.#vars.has(name) || name === "NF";
    return known ? this.getVar(name) : this.array(name);
  }
}
