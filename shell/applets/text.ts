/**
 * Programs that pick parts of text: `head`, `tail`, `wc`, `cut`, `grep`, `uniq`, `tr`, `strings`, `cmp`.
 *
 * @module
 */
import { KernelError } from "../../kernel/errors.ts";
import { readAll } from "../../kernel/vfs/api.ts";
import { fromBytes } from "../bytes.ts";
import { ExitStatus, strerror } from "../errors.ts";
import type { Process } from "../process.ts";
import { type Options, parseOptions, parseSize } from "./options.ts";

/** Lines with their ends. */
export function linesOf(text: string): string[] {
  return text === "" ? [] : text.split(/(?<=\n)/);
}

/** What some programs say about a file that cannot be opened. */
export const cannotOpen = (path: string, why: string) => `can't open '${path}': ${why}`;

/** Contents of the files; what cannot be read is complained about and left out. */
export async function inputs(
  process: Process,
  paths: readonly string[],
  say = (path: string, why: string) => `${path}: ${why}`,
): Promise<{ files: { path: string; text: string }[]; failed: boolean }> {
  const files: { path: string; text: string }[] = [];
  let failed = false;
  for (const path of paths.length === 0 ? ["-"] : paths) {
    try {
      if (path !== "-") process.stat(path);
      files.push({ path, text: await process.readFile(path) });
    } catch (error) {
      failed = true;
      const text = strerror(error);
      await process.complain(text === "Is a directory" ? `read error: ${text}` : say(path, text));
    }
  }
  return { files, failed };
}

/** Turns `-5` into `-n 5`, as old programs want it. */
async function countOptions(process: Process, letters: string): Promise<Options> {
  const args = process.args.map((arg, at) => {
    const value = /^-[nc]$/.test(process.args[at - 1] ?? "");
    return /^-\d+$/.test(arg) && !value ? `-n${arg.slice(1)}` : arg;
  });
  return await parseOptions(Object.create(process, { args: { value: args } }) as Process, {
    letters,
  });
}

/** The line with a file's name, where there are several. */
async function banner(
  process: Process,
  path: string,
  options: Options,
  count: number,
  first: boolean,
) {
  if (options.has("q") || (count <= 1 && !options.has("v"))) return;
  const name = path === "-" ? "standard input" : path;
  await process.out(`${first ? "" : "\n"}==> ${name} <==\n`);
}

/** Reads no more of a file than `count` bytes. */
async function headBytes(process: Process, path: string, count: number): Promise<undefined> {
  const file = path === "-" ? process.fd(0).get() : await process.open(path, { read: true });
  try {
    for (let left = count; left > 0;) {
      const bytes = await file.read(Math.min(left, 4096));
      if (bytes.length === 0) break;
      await process.out(fromBytes(bytes));
      left -= bytes.length;
    }
  } finally {
    await file.put();
  }
}

/** `head [-n LINES | -c BYTES] [FILE]…` */
export async function head(process: Process): Promise<number> {
  const options = await countOptions(process, "n:c:qv");
  const bytes = options.get("c");
  const paths = options.rest.length === 0 ? ["-"] : options.rest;
  let status = 0;
  let first = true;
  for (const path of paths) {
    try {
      if (path !== "-") process.stat(path);
      if (bytes !== undefined) {
        await banner(process, path, options, paths.length, first);
        const left = await parseSize(process, bytes.replace(/^-/, ""));
        if (!bytes.startsWith("-")) await headBytes(process, path, left);
        else await process.out((await process.readFile(path)).slice(0, -left || Infinity));
      } else {
        const wanted = options.get("n") ?? "10";
        const count = await parseSize(process, wanted.replace(/^-/, ""));
        await banner(process, path, options, paths.length, first);
        // A count below 0 leaves that many lines out at the end.
        const dropped = wanted.startsWith("-") ? -count || Infinity : count;
        const text = await headLines(process, path, dropped < 0 ? Infinity : count);
        await process.out(linesOf(text).slice(0, dropped).join(""));
      }
      first = false;
    } catch (error) {
      if (error instanceof ExitStatus) throw error;
      const name = path === "-" ? "standard input" : path;
      await process.complain(`${name}: ${headError(error)}`);
      status = 1;
    }
  }
  return status;
}

/** What cannot be opened is named; of a read that failed `head` knows only that it did. */
function headError(error: unknown): string {
  const opening = ["ENOENT", "ENOTDIR", "EACCES", "EBUSY", "ENXIO"];
  const named = !(error instanceof KernelError) || opening.includes(error.code);
  return named ? strerror(error) : "Input/output error";
}

/** Reads until there are enough lines. */
async function headLines(process: Process, path: string, count: number): Promise<string> {
  const file = path === "-" ? process.fd(0).get() : await process.open(path, { read: true });
  let text = "";
  let lines = 0;
  try {
    while (lines < count) {
      const chunk = fromBytes(await file.read(4096));
      if (chunk === "") break;
      text += chunk;
      lines = text.split("\n").length - 1;
    }
    return text;
  } finally {
    await file.put();
  }
}

/**
 * The end of a regular file's bytes: found by the size that `stat` shows, which is not the content's size
 * for files whose text is made when they are read. Empty when that is behind the content.
 */
async function endOfFile(
  process: Process,
  path: string,
  count: number,
): Promise<string | undefined> {
  const stat = path === "-" ? undefined : process.tryStat(path);
  if (stat?.kind !== "file" || stat.size <= count) return undefined;
  const file = await process.open(path, { read: true });
  try {
    file.seek(stat.size - count);
    return fromBytes(await readAll(file));
  } finally {
    await file.put();
  }
}

/** The end of a disk; `undefined` for any other file. */
async function endOfDisk(
  process: Process,
  path: string,
  count: number,
): Promise<string | undefined> {
  if (path === "-" || process.tryStat(path)?.kind !== "block") return undefined;
  const file = await process.open(path, { read: true });
  try {
    file.seek(Math.max((file.size ?? 0) - count, 0));
    return fromBytes(await readAll(file));
  } finally {
    await file.put();
  }
}

/** `tail [-n [+]LINES | -c [+]BYTES] [FILE]…` */
export async function tail(process: Process): Promise<number> {
  const options = await countOptions(process, "n:c:fqv");
  const [path = "-"] = options.rest;
  const last = Number(options.get("c") ?? NaN);
  const disk = last >= 0 ? await endOfDisk(process, path, last) : undefined;
  if (disk !== undefined) {
    await process.out(disk);
    return 0;
  }
  const { files, failed } = await inputs(process, options.rest, cannotOpen);
  for (const [index, { path, text }] of files.entries()) {
    await banner(process, path, options, files.length, index === 0);
    const bytes = options.get("c");
    const count = bytes ?? options.get("n") ?? "10";
    const parts = bytes === undefined ? linesOf(text) : [...text];
    const number = await parseSize(process, count.replace(/^[-+]/, ""));
    const end = bytes === undefined || count.startsWith("+")
      ? undefined
      : await endOfFile(process, path, number);
    if (end !== undefined) {
      await process.out(end);
      continue;
    }
    const from = count.startsWith("+")
      ? Math.max(0, number - 1)
      : Math.max(0, parts.length - number);
    await process.out(parts.slice(from).join(""));
  }
  return failed ? 1 : 0;
}

/** `wc [-lwcL] [FILE]…` */
export async function wc(process: Process): Promise<number> {
  const options = await parseOptions(process, { letters: "lwcmL" });
  const shown = ["l", "w", "c", "m", "L"].filter((letter) => options.has(letter));
  const columns = shown.length === 0 ? ["l", "w", "c"] : shown;
  const { files, failed } = await inputs(process, options.rest);
  const totals = columns.map(() => 0);
  const line = (counts: readonly number[], name: string) => {
    const single = columns.length === 1 && options.rest.length <= 1;
    const text = counts.map((count) => single ? `${count}` : `${count}`.padStart(9)).join(" ");
    return name === "" ? `${text}\n` : `${text} ${name}\n`;
  };
  for (const { path, text } of files) {
    const counts = columns.map((letter) => {
      if (letter === "l") return text.split("\n").length - 1;
      if (letter === "w") return text.split(/[ \t\n\r\f\v]+/).filter((word) => word !== "").length;
      if (letter === "L") return Math.max(0, ...text.split("\n").map((row) => row.length));
      return text.length;
    });
    counts.forEach((count, at) => totals[at] += count);
    await process.out(line(counts, options.rest.length === 0 ? "" : path));
  }
  if (options.rest.length > 1) await process.out(line(totals, "total"));
  return failed ? 1 : 0;
}

/** Positions that a list such as `1,3-5,7-` names. */
function inList(list: string): (position: number) => boolean {
  const ranges = list.split(",").map((range) => {
    const [from, to = from] = range.split("-");
    return [from === "" ? 1 : Number(from), range.endsWith("-") ? Infinity : Number(to)];
  });
  return (position) => ranges.some(([from, to]) => position >= from && position <= to);
}

/** `cut -d C -f LIST [-O TEXT] [-s]`, `cut -c LIST`, `cut -b LIST` */
export async function cut(process: Process): Promise<number> {
  const options = await parseOptions(process, { letters: "d:f:c:b:snO:" });
  const fields = options.get("f");
  const list = fields ?? options.get("c") ?? options.get("b");
  if (list === undefined) {
    await process.complain("expected a list of bytes, characters, or fields");
    return 1;
  }
  const wanted = inList(list);
  const delimiter = options.get("d")?.[0] ?? "\t";
  const { files, failed } = await inputs(process, options.rest);
  for (const { text } of files) {
    for (const line of linesOf(text)) {
      const row = line.replace(/\n$/, "");
      if (fields === undefined) {
        await process.out(`${[...row].filter((_char, at) => wanted(at + 1)).join("")}\n`);
      } else if (!row.includes(delimiter)) {
        if (!options.has("s")) await process.out(`${row}\n`);
      } else {
        const kept = row.split(delimiter).filter((_field, at) => wanted(at + 1));
        await process.out(`${kept.join(options.get("O") ?? delimiter)}\n`);
      }
    }
  }
  return failed ? 1 : 0;
}

/** The part of a line that `uniq` compares. */
function compared(line: string, options: Options): string {
  const fields = Number(options.get("f") ?? 0);
  let text = line.replace(new RegExp(`^(?:[ \\t]*[^ \\t]*){${fields}}`), "");
  text = text.slice(Number(options.get("s") ?? 0));
  text = text.slice(0, Number(options.get("w") ?? Infinity));
  return options.has("i") ? text.toLowerCase() : text;
}

/** `uniq [-cdui] [-f FIELDS] [-s CHARACTERS] [-w CHARACTERS] [FILE]` */
export async function uniq(process: Process): Promise<number> {
  const options = await parseOptions(process, { letters: "cduif:s:w:" });
  const { files, failed } = await inputs(process, options.rest.slice(0, 1), cannotOpen);
  const lines = linesOf(files.map(({ text }) => text).join(""))
    .map((line) => line.replace(/\n$/, ""));
  for (let at = 0; at < lines.length;) {
    const first = compared(lines[at], options);
    let end = at + 1;
    while (end < lines.length && compared(lines[end], options) === first) end++;
    const count = end - at;
    if ((!options.has("d") || count > 1) && (!options.has("u") || count === 1)) {
      await process.out(`${options.has("c") ? `${`${count}`.padStart(7)} ` : ""}${lines[at]}\n`);
    }
    at = end;
  }
  return failed ? 1 : 0;
}

const TR_ESCAPES: Readonly<Record<string, string>> = { n: "\n", t: "\t", r: "\r", "\\": "\\" };
const TR_CLASSES: Readonly<Record<string, RegExp>> = {
  alnum: /[A-Za-z0-9]/,
  alpha: /[A-Za-z]/,
  digit: /[0-9]/,
  lower: /[a-z]/,
  upper: /[A-Z]/,
  space: /[ \t\n\r\f\v]/,
  blank: /[ \t]/,
  punct: /[!-/:-@[-`{-~]/,
  xdigit: /[0-9A-Fa-f]/,
};
const ALL_BYTES = Array.from({ length: 256 }, (_, code) => String.fromCharCode(code));

/** Characters that a set of `tr` names: ranges, classes, backslash sequences. */
function trSet(text: string): string[] {
  const chars: string[] = [];
  for (let at = 0; at < text.length; at++) {
    const named = /^\[:(\w+):\]/.exec(text.slice(at));
    if (named !== null && TR_CLASSES[named[1]] !== undefined) {
      chars.push(...ALL_BYTES.filter((char) => TR_CLASSES[named[1]].test(char)));
      at += named[0].length - 1;
      continue;
    }
    let char = text[at];
    if (char === "\\" && at + 1 < text.length) {
      const octal = /^[0-7]{1,3}/.exec(text.slice(at + 1));
      char = octal === null
        ? TR_ESCAPES[text[at + 1]] ?? text[at + 1]
        : String.fromCharCode(parseInt(octal[0], 8));
      at += octal?.[0].length ?? 1;
    }
    if (text[at + 1] === "-" && at + 2 < text.length) {
      const end = text.charCodeAt(at + 2);
      for (let code = char.charCodeAt(0); code <= end; code++) {
        chars.push(String.fromCharCode(code));
      }
      at += 2;
    } else chars.push(char);
  }
  return chars;
}

/** `tr [-cds] SET1 [SET2]` */
export async function tr(process: Process): Promise<number> {
  const options = await parseOptions(process, { letters: "cCds", leading: true });
  const [from = "", to = ""] = options.rest;
  let set = trSet(from);
  if (options.has("c") || options.has("C")) {
    const kept = new Set(set);
    set = ALL_BYTES.filter((char) => !kept.has(char));
  }
  const target = trSet(to);
  const map = new Map<string, string>();
  for (const [at, char] of set.entries()) {
    if (!map.has(char)) map.set(char, target[Math.min(at, target.length - 1)] ?? char);
  }
  const squeezed = new Set(options.has("s") ? (target.length > 0 ? target : set) : []);
  let last = "";
  for (const char of await process.readFile("-")) {
    if (options.has("d") && map.has(char)) continue;
    const next = options.has("d") ? char : map.get(char) ?? char;
    if (squeezed.has(next) && next === last) continue;
    await process.out(next);
    last = next;
  }
  return 0;
}

/** `strings [-n LENGTH] [FILE]…` */
export async function strings(process: Process): Promise<number> {
  const options = await parseOptions(process, { letters: "an:fo" });
  const length = Number(options.get("n") ?? 4);
  const { files, failed } = await inputs(process, options.rest);
  for (const { text } of files) {
    for (const match of text.matchAll(/[\t\x20-\x7e]+/g)) {
      if (match[0].length >= length) await process.out(`${match[0]}\n`);
    }
  }
  return failed ? 1 : 0;
}
