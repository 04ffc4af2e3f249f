/**
 * Debug messages that are off until somebody asks for them: `dyndbg="file drivers/base/dd.c +p"` on the command
 * line, or the same words written to `/sys/kernel/debug/dynamic_debug/control`.
 *
 * Linux: lib/dynamic_debug.c
 *
 * @module
 */
import type { Device } from "./base/device.ts";
import { KernelError } from "./errors.ts";
import type { Kernel } from "./kernel.ts";
import { PlainDirectory } from "./vfs/node.ts";

/** Which messages a query is about. An absent field fits all. */
interface Query {
  readonly file?: RegExp;
  readonly func?: RegExp;
  readonly module?: RegExp;
  /** The messages are printed from now on, or no more. */
  readonly print: boolean;
}

const WORD = /"[^"]*"|'[^']*'|\S+/g;
const FLAGS = "pflmt_";

/** A pattern with `*` and `?`. Linux: match_wildcard() */
function wildcard(pattern: string): RegExp {
  const escaped = pattern.replace(/[.+^${}()|[\]\\]/g, "\\$&");
  return new RegExp(`^${escaped.replaceAll("*", ".*").replaceAll("?", ".")}$`);
}

/** A query that is none: what Linux says about it. */
class QueryError extends Error {
  constructor(readonly complaints: readonly string[]) {
    super(complaints.join("; "));
  }
}

/** True when the messages are printed from now on. Linux: ddebug_parse_flags() */
function parseFlags(word: string): boolean {
  const fail = (text: string) => new QueryError([text, "flags parse failed"]);
  const operator = word[0] ?? "";
  if (!"+-=".includes(operator)) throw fail(`bad flag-op ${operator}, at start of ${word}`);
  const unknown = [...word.slice(1)].find((flag) => !FLAGS.includes(flag));
  if (unknown !== undefined) throw fail(`unknown flag '${unknown}'`);
  return word.includes("p") !== (operator === "-");
}

/**
 * Parses one query: `file NAME`, `func NAME`, `module NAME` in any order, then flags.
 *
 * Linux: ddebug_exec_query(), ddebug_parse_query()
 *
 * @throws {QueryError} For any other words.
 */
function parseQuery(text: string): Query {
  const words = (text.match(WORD) ?? []).map((word) => word.replaceAll(/["']/g, ""));
  const print = parseFlags(words.pop() ?? "");
  const fail = (text: string) => new QueryError([text, "query parse failed"]);
  if (words.length % 2 !== 0) throw fail("expecting pairs of match-spec <value>");
  const query: { file?: RegExp; func?: RegExp; module?: RegExp } = {};
  for (let at = 0; at < words.length; at += 2) {
    const [key, value] = words.slice(at);
    if (key !== "file" && key !== "func" && key !== "module") {
      throw fail(`unknown keyword "${key}"`);
    }
    query[key] = wildcard(value);
  }
  return { ...query, print };
}

/** The debug messages of one kernel that somebody asked for. */
export class DynamicDebug {
  readonly #kernel: Kernel;
  readonly #queries: Query[] = [];

  constructor(kernel: Kernel) {
    this.#kernel = kernel;
  }

  /**
   * Follows queries, separated by `;` or line feeds; a wrong one does not keep it from the others.
   *
   * Linux: ddebug_exec_queries()
   *
   * @throws {KernelError} `EINVAL` when one of them was none.
   */
  query(text: string): undefined {
    let failed = false;
    for (const query of text.split(/[;\n]/).map((query) => query.trim())) {
      if (query === "") continue;
      try {
        this.#queries.push(parseQuery(query));
      } catch (error) {
        if (!(error instanceof QueryError)) throw error;
        failed = true;
        for (const complaint of error.complaints) this.#kernel.err(`dyndbg: ${complaint}`);
      }
    }
    if (failed) throw new KernelError("EINVAL", `dyndbg: cannot follow '${text}'`);
  }

  /** The module of a file is its name; files may be named without their folders. */
  #asked(path: string, func: string): boolean {
    const name = path.slice(path.lastIndexOf("/") + 1);
    const module = name.replace(/\.c$/, "");
    const last = this.#queries.findLast((query) =>
      (query.file === undefined || query.file.test(path) || query.file.test(name)) &&
      (query.func === undefined || query.func.test(func)) &&
      (query.module === undefined || query.module.test(module))
    );
    return last?.print === true;
  }

  /** A message of a function in a file of Linux's. Linux: pr_debug() */
  print(file: string, func: string, text: string): undefined {
    if (this.#asked(file, func)) this.#kernel.debug(text);
  }

  /** A message about a device. Linux: dev_dbg() */
  dev(file: string, func: string, dev: Device, text: string): undefined {
    if (this.#asked(file, func)) this.#kernel.debug(`${dev.logName}: ${text}`);
  }
}

/** Follows the command line, and makes the file that takes queries. Linux: dynamic_debug_init() */
export function dynamicDebugInit(kernel: Kernel): undefined {
  const follow = (text: string) => (kernel.dyndbg ??= new DynamicDebug(kernel)).query(text);
  for (const text of kernel.params.getAll("dyndbg")) {
    try {
      follow(text);
    } catch (error) {
      if (!(error instanceof KernelError)) throw error;
    }
  }
  const folder = kernel.debugfs.add("dynamic_debug", new PlainDirectory());
  folder.add("control", {
    kind: "file",
    mode: 0o644,
    size: 0,
    write: async (data) => follow(new TextDecoder().decode(data)),
  });
}
