import type { Task } from "../kernel/task.ts";
import { fromBytes } from "./bytes.ts";
import { UsageError } from "./control.ts";
import type { Shell } from "./shell.ts";

/** What ends the input of `read` before its delimiter. */
interface Limits {
  readonly raw: boolean;
  readonly delimiter: string;
  /** At most this many characters. */
  readonly count: number;
}

/** Input up to the delimiter, byte by byte, so that what follows stays for others. */
async function readInput(
  shell: Shell,
  { raw, delimiter, count }: Limits,
): Promise<{ line: string; complete: boolean }> {
  const input = shell.process.fd(0);
  let line = "";
  for (let taken = 0; taken < count; taken++) {
    const byte = fromBytes(await input.read(1));
    if (byte === "") return { line, complete: false };
    if (byte === delimiter) break;
    if (byte === "\\" && !raw) {
      const next = fromBytes(await input.read(1));
      if (next !== "\n") line += next === "" ? "" : `\\${next}`;
    } else line += byte;
  }
  return { line, complete: true };
}

/** Ends a `read` that waits too long. */
class ReadTimeout extends Error {
  override name = "ReadTimeout";
}

/** Gives up when `body` still waits after that many seconds. */
async function within<T>(shell: Shell, seconds: number, body: () => Promise<T>): Promise<T> {
  if (seconds === Infinity) return await body();
  const { sched, clock } = shell.os.kernel;
  const task = sched.current as Task;
  const until = clock.nowNs + seconds * 1e9;
  const timer = sched.addTimer(until, "read -t", () => sched.signal(task, new ReadTimeout()));
  try {
    return await body();
  } finally {
    sched.deleteTimer(timer);
    if (task.signal instanceof ReadTimeout) task.signal = undefined;
  }
}

const unescape = (text: string) => text.replace(/\\([^])/g, "$1");

/** Cuts a line into as many fields as there are names; the last gets the rest. */
function cut(line: string, ifs: string, count: number, raw: boolean): string[] {
  const blank = [...ifs].filter((char) => " \t\n".includes(char)).join("");
  const isSpace = (at: number) => at < line.length && blank.includes(line[at]);
  const fields: string[] = [];
  let at = 0;
  while (isSpace(at)) at++;
  while (fields.length < count - 1 && at < line.length) {
    let end = at;
    while (end < line.length && !ifs.includes(line[end])) {
      end += line[end] === "\\" && !raw ? 2 : 1;
    }
    fields.push(line.slice(at, end));
    at = end;
    while (isSpace(at)) at++;
    if (at < line.length && ifs.includes(line[at]) && !blank.includes(line[at]) && end !== at) at++;
    else if (at === end && at < line.length) at++;
    while (isSpace(at)) at++;
  }
  let rest = line.slice(at);
  while (rest !== "" && blank.includes(rest[rest.length - 1])) rest = rest.slice(0, -1);
  fields.push(rest);
  return raw ? fields : fields.map(unescape);
}

const OPTIONS_WITH_VALUE = "pntdu";

/** Letters with their values, and the names behind them. */
function parse(args: readonly string[]): { given: Map<string, string>; names: string[] } {
  const given = new Map<string, string>();
  const rest = [...args];
  while (/^-./.test(rest[0] ?? "") && rest[0] !== "--") {
    const cluster = (rest.shift() as string).slice(1);
    for (let at = 0; at < cluster.length; at++) {
      const letter = cluster[at];
      if (!`rs${OPTIONS_WITH_VALUE}`.includes(letter)) {
        throw new UsageError(`illegal option -${letter}`);
      }
      if (!OPTIONS_WITH_VALUE.includes(letter)) {
        given.set(letter, "");
        continue;
      }
      const value = cluster.slice(at + 1) || rest.shift();
      if (value === undefined) throw new UsageError(`no arg for -${letter} option`);
      given.set(letter, value);
      break;
    }
  }
  if (rest[0] === "--") rest.shift();
  return { given, names: rest };
}

/** `read [-rs] [-p PROMPT] [-n COUNT] [-d DELIMITER] [-t SECONDS] NAME…`: input into variables. */
export async function read(shell: Shell, args: string[]): Promise<number> {
  const { given, names } = parse(args.slice(1));
  const raw = given.has("r");
  const prompt = given.get("p");
  if (prompt !== undefined && shell.process.fds.get(0)?.tty) await shell.process.err(prompt);
  const limits = {
    raw,
    delimiter: given.get("d")?.[0] ?? "\n",
    count: Number(given.get("n") ?? Infinity) || Infinity,
  };
  let result = { line: "", complete: false };
  try {
    result = await within(
      shell,
      Number(given.get("t") ?? Infinity),
      () => readInput(shell, limits),
    );
  } catch (error) {
    if (!(error instanceof ReadTimeout)) throw error;
  }
  const { line, complete } = result;
  if (names.length === 0) shell.set("REPLY", raw ? line : unescape(line));
  else {
    const fields = cut(line, shell.ifs(), names.length, raw);
    for (const [index, name] of names.entries()) shell.set(name, fields[index] ?? "");
  }
  return complete ? 0 : 1;
}
