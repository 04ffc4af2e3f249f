import { fromBytes } from "./bytes.ts";
import { UsageError } from "./control.ts";
import type { Shell } from "./shell.ts";

/** The next line byte by byte, so that what follows stays for others; not complete without its end. */
async function readLine(
  shell: Shell,
  raw: boolean,
): Promise<{ line: string; complete: boolean }> {
  const input = shell.process.fd(0);
  let line = "";
  for (;;) {
    const byte = fromBytes(await input.read(1));
    if (byte === "") return { line, complete: false };
    if (byte === "\n") return { line, complete: true };
    if (byte === "\\" && !raw) {
      const next = fromBytes(await input.read(1));
      if (next !== "\n") line += next === "" ? "" : `\\${next}`;
    } else line += byte;
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

/** `read [-r] [-p PROMPT] NAME…`: one line of the standard input into variables. */
export async function read(shell: Shell, args: string[]): Promise<number> {
  const rest = args.slice(1);
  let raw = false;
  while (rest[0]?.startsWith("-")) {
    const option = rest.shift() as string;
    if (option === "-r") raw = true;
    else if (option === "-p") await shell.process.err(rest.shift() ?? "");
    else if (option !== "-s") throw new UsageError(`illegal option ${option}`);
  }
  const names = rest.length === 0 ? ["REPLY"] : rest;
  const { line, complete } = await readLine(shell, raw);
  const fields = cut(line, shell.ifs(), names.length, raw);
  for (const [index, name] of names.entries()) shell.set(name, fields[index] ?? "");
  return complete ? 0 : 1;
}
