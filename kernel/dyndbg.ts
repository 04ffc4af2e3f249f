/**
 * Debug messages that are off until somebody asks for them: `dyndbg="file drivers/base/dd.c +p"` on the command
 * line, or the same words written to `/sys/kernel/debug/dynamic_debug/control`.
 *
 * Linux: lib/dynamic_debug.c
 *
 * @module
 */
import type { BoundDevice } from "./base/device.ts";
import { type DebugSite, debugSites } from "./dyndbg_sites.ts";
import { KernelError } from "./errors.ts";
import type { Kernel } from "./kernel.ts";
import { PlainDirectory } from "./vfs/node.ts";

/** Which messages a query is about. An absent field fits all. */
interface Query {
  readonly file?: RegExp;
  readonly func?: RegExp;
  readonly module?: RegExp;
  readonly format?: string;
  readonly lines?: readonly [first: number, last: number];
  readonly change: (flags: ReadonlySet<string>) => ReadonlySet<string>;
}

const WORD = /"[^"]*"|'[^']*'|\S+/g;
/** In the order in which they are shown. Linux: opt_array */
const FLAGS = "pmflt_";
const NO_FLAGS: ReadonlySet<string> = new Set();

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

/** What becomes of a message's flags. Linux: ddebug_parse_flags() */
function parseFlags(word: string): Query["change"] {
  const fail = (text: string) => new QueryError([text, "flags parse failed"]);
  const operator = word[0] ?? "";
  if (!"+-=".includes(operator)) throw fail(`bad flag-op ${operator}, at start of ${word}`);
  const given = [...word.slice(1)];
  const unknown = given.find((flag) => !FLAGS.includes(flag));
  if (unknown !== undefined) throw fail(`unknown flag '${unknown}'`);
  const named = new Set(given.filter((flag) => flag !== "_"));
  if (operator === "+") return (flags) => flags.union(named);
  return operator === "-" ? (flags) => flags.difference(named) : () => named;
}

/** `N`, `N-M`, `N-` or `-M`. Linux: parse_linerange() */
function parseLines(value: string): readonly [number, number] {
  const fail = (text: string) => new QueryError([text, "query parse failed"]);
  const [first, last = first] = value.split(/-(.*)/);
  for (const text of [first, last]) {
    if (!/^\d*$/.test(text)) throw fail(`bad line-number: ${text}`);
  }
  const range = [Number(first), last === "" ? Infinity : Number(last)] as const;
  if (range[1] < range[0]) throw fail(`last-line:${last} < 1st-line:${first}`);
  return range;
}

/**
 * Parses one query: `file NAME`, `func NAME`, `module NAME`, `format TEXT`, `line RANGE` in any order, then flags.
 *
 * Linux: ddebug_exec_query(), ddebug_parse_query()
 *
 * @throws {QueryError} For any other words.
 */
function parseQuery(text: string): Query {
  const words = (text.match(WORD) ?? []).map((word) => word.replaceAll(/^["']|["']$/g, ""));
  const change = parseFlags(words.pop() ?? "");
  const fail = (text: string) => new QueryError([text, "query parse failed"]);
  if (words.length % 2 !== 0) throw fail("expecting pairs of match-spec <value>");
  let query: Query = { change };
  for (let at = 0; at < words.length; at += 2) {
    const [key, value] = words.slice(at);
    if (key === "file" || key === "func" || key === "module") {
      query = { ...query, [key]: wildcard(value) };
    } else if (key === "format") query = { ...query, format: value };
    else if (key === "line") query = { ...query, lines: parseLines(value) };
    else throw fail(`unknown keyword "${key}"`);
  }
  return query;
}

/** A message with what somebody asked about it. */
class Site {
  flags = NO_FLAGS;
  /** Name of the file without folders. */
  readonly name: string;
  /** A file that is no module of its own counts as one. */
  readonly module: string;
  readonly #text: RegExp;

  constructor(readonly at: DebugSite) {
    this.name = at.file.slice(at.file.lastIndexOf("/") + 1);
    this.module = this.name.replace(/\.c$/, "");
    this.#text = wildcard(at.format.replace(/%(l*[dixu]|p\w*|s)/g, "*"));
  }

  fits({ file, func, module, format, lines = [0, Infinity] }: Query): boolean {
    const { at } = this;
    return (file === undefined || file.test(at.file) || file.test(this.name)) &&
      (func === undefined || func.test(at.func)) &&
      (module === undefined || module.test(this.module)) &&
      (format === undefined || at.format.includes(format)) &&
      at.line >= lines[0] && at.line <= lines[1];
  }

  /** It may say this. */
  says(text: string): boolean {
    return this.#text.test(text);
  }

  /** A line of the list. Linux: ddebug_proc_show() */
  show(): string {
    const { file, line, func, format } = this.at;
    const flags = [...FLAGS].filter((flag) => this.flags.has(flag)).join("") || "_";
    const end = format === "error %pe: %pV" ? "" : "\\n";
    return `${file}:${line} [${this.module}]${func} =${flags} "${format}${end}"\n`;
  }

  /** What comes before the text. Linux: dynamic_emit_prefix() */
  prefix(tid: number | undefined): string {
    const { flags, at } = this;
    const thread = tid === undefined ? "<intr> " : `[${tid}] `;
    const place = [
      flags.has("m") ? `${this.module}:` : "",
      flags.has("f") ? `${at.func}:` : "",
      flags.has("l") ? `${at.line}:` : "",
    ].join("");
    return `${flags.has("t") ? thread : ""}${place === "" ? "" : `${place} `}`;
  }
}

/** The debug messages of one kernel that somebody asked for. */
export class DynamicDebug {
  readonly #kernel: Kernel;
  readonly #sites = debugSites().map((at) => new Site(at));
  /** The same by the functions that print them. */
  readonly #byFunc = Map.groupBy(this.#sites, ({ at }) => `${at.file} ${at.func}`);

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
        this.#follow(parseQuery(query));
      } catch (error) {
        if (!(error instanceof QueryError)) throw error;
        failed = true;
        for (const complaint of error.complaints) this.#kernel.err(`dyndbg: ${complaint}`);
      }
    }
    if (failed) throw new KernelError("EINVAL", `dyndbg: cannot follow '${text}'`);
  }

  /** Linux: ddebug_change() */
  #follow(query: Query): undefined {
    for (const site of this.#sites) if (site.fits(query)) site.flags = query.change(site.flags);
  }

  /** The list of all messages. Linux: ddebug_proc_show() */
  show(): string {
    const lines = this.#sites.map((site) => site.show());
    return `# filename:lineno [module]function flags format\n${lines.join("")}`;
  }

  /** A message of a function in a file of Linux's. Linux: pr_debug() */
  print(file: string, func: string, text: string): undefined {
    this.#print(file, func, text, text);
  }

  /** A message about a device. Linux: dev_dbg() */
  dev(file: string, func: string, dev: BoundDevice, text: string): undefined {
    this.#print(file, func, text, `${dev.logName}: ${text}`);
  }

  #print(file: string, func: string, text: string, whole: string): undefined {
    const site = this.#byFunc.get(`${file} ${func}`)?.find((each) => each.says(text));
    const { sched } = this.#kernel;
    if (site?.flags.has("p") !== true) return;
    const tid = sched.atomicDepth > 0 ? undefined : sched.current?.pid ?? 0;
    this.#kernel.debug(`${site.prefix(tid)}${whole}`);
  }
}

/** Follows the command line, and makes the file that takes queries. Linux: dynamic_debug_init() */
export function dynamicDebugInit(kernel: Kernel): undefined {
  const follow = (text: string) => (kernel.dyndbg ??= new DynamicDebug(kernel)).query(text);
  const list = () => (kernel.dyndbg ?? new DynamicDebug(kernel)).show();
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
    read: async () => new TextEncoder().encode(list()),
    write: async (data) => follow(new TextDecoder().decode(data)),
  });
}
