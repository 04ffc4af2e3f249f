/**
 * Stand-in for `@std/cli/parse-args` over `node:util`: the same signature, only the options that this
 * project uses.
 *
 * @module
 */
import { parseArgs as nodeParseArgs } from "node:util";

/** How a command line is read. */
export interface ParseOptions {
  /** Options that take a value. */
  readonly string?: readonly string[];
  /** Options that are switches. */
  readonly boolean?: readonly string[];
  /** Options that may be given several times: their values are lists. */
  readonly collect?: readonly string[];
  /** Other names of options. */
  readonly alias?: Readonly<Record<string, string>>;
  /** Values of options that are not given. */
  readonly default?: Readonly<Record<string, unknown>>;
  /** Puts what follows `--` under the key `"--"`. */
  readonly "--"?: boolean;
  /** Called for what is not known; false leaves it out of the result. */
  readonly unknown?: (arg: string, key?: string, value?: unknown) => unknown;
}

/** The options by name, and what is none under `_`. */
export interface Args {
  _: (string | number)[];
  // deno-lint-ignore no-explicit-any -- as in the real package, the caller knows what it declared
  [name: string]: any;
}

/** Reads a command line. */
export function parseArgs(args: readonly string[], options: ParseOptions = {}): Args {
  const { string = [], boolean = [], collect = [], alias = {}, unknown } = options;
  const dashes = options["--"] === true ? args.indexOf("--") : -1;
  const head = dashes < 0 ? [...args] : args.slice(0, dashes);
  const declared: Record<string, { type: "string" | "boolean"; short?: string }> = {};
  for (const name of string) declared[name] = { type: "string" };
  for (const name of boolean) declared[name] = { type: "boolean" };
  for (const [name, other] of Object.entries(alias)) {
    const [long, short] = name.length === 1 ? [other, name] : [name, other];
    if (declared[long] !== undefined && short.length === 1) declared[long].short = short;
  }
  const { tokens } = nodeParseArgs({
    args: head,
    options: declared,
    strict: false,
    allowPositionals: true,
    tokens: true,
  });
  const result: Args = { _: [], ...options.default };
  for (const name of boolean) result[name] ??= false;
  for (const name of collect) result[name] ??= [];
  for (const token of tokens) {
    if (token.kind === "positional") {
      if (unknown === undefined || unknown(token.value) !== false) result._.push(token.value);
    } else if (token.kind === "option") {
      const known = declared[token.name] !== undefined;
      const value = declared[token.name]?.type === "string"
        ? token.value ?? ""
        : token.value ?? true;
      if (known || unknown === undefined || unknown(token.rawName, token.name, value) !== false) {
        if (collect.includes(token.name)) result[token.name].push(value);
        else result[token.name] = value;
      }
    }
  }
  if (options["--"] === true) result["--"] = dashes < 0 ? [] : args.slice(dashes + 1);
  return result;
}
