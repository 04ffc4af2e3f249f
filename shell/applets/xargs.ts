/**
 * `xargs`.
 *
 * @module
 */
import { ExitStatus } from "../errors.ts";
import { type Process, startProgram, waitJob } from "../process.ts";
import { child, lookup } from "../programs.ts";
import { type Options, parseOptions } from "./options.ts";
import { linesOf } from "./text.ts";

const STATUS_NOT_FOUND = 127;
/** Some program failed. */
const STATUS_FAILED = 123;
/** A program ended with 255, which ends all. */
const STATUS_ABORTED = 124;
const ABORTING = 255;

/** Words of the input: blanks part them, quotes and backslashes keep them together. */
async function words(process: Process, text: string): Promise<string[]> {
  const found: string[] = [];
  let word: string | undefined;
  for (let at = 0; at < text.length; at++) {
    const char = text[at];
    if (char === "'" || char === '"') {
      const end = text.indexOf(char, at + 1);
      const line = text.indexOf("\n", at + 1);
      if (end < 0 || (line >= 0 && line < end)) {
        await process.complain(`unmatched ${char === "'" ? "single" : "double"} quote`);
        throw new ExitStatus(1);
      }
      word = (word ?? "") + text.slice(at + 1, end);
      at = end;
    } else if (char === "\\" && at + 1 < text.length) word = (word ?? "") + text[++at];
    else if (!/[ \t\n]/.test(char)) word = (word ?? "") + char;
    else if (word !== undefined) {
      found.push(word);
      word = undefined;
    }
  }
  return word === undefined ? found : [...found, word];
}

async function items(process: Process, options: Options, text: string): Promise<string[]> {
  if (options.has("0")) return text.split("\0").filter((word) => word !== "");
  if (!options.has("I")) return await words(process, text);
  const lines = linesOf(text).map((line) => line.replace(/\n$/, "").trimStart());
  const wanted = lines.filter((line) => line !== "");
  return (await Promise.all(wanted.map((line) => words(process, line.replaceAll(" ", "\\ ")))))
    .flat();
}

/** `xargs [-n COUNT] [-I TEXT] [-P COUNT] [-a FILE] [-rt0x] [PROGRAM ARG…]` */
export async function xargs(process: Process): Promise<number> {
  const options = await parseOptions(process, { letters: "n:I:P:a:s:E:e:rt0x", leading: true });
  const given = await items(process, options, await process.readFile(options.get("a") ?? "-"));
  const end = given.indexOf(options.get("E") ?? "\0");
  const list = end < 0 ? given : given.slice(0, end);
  const replace = options.get("I");
  const base = options.rest.length === 0 ? ["echo"] : options.rest;
  const size = replace !== undefined ? 1 : Number(options.get("n") ?? Infinity);
  if (list.length === 0 && (options.has("r") || replace !== undefined)) return 0;
  let status = 0;
  for (let at = 0; at === 0 || at < list.length; at += size) {
    const batch = list.slice(at, at + size);
    const args = replace === undefined
      ? [...base, ...batch]
      : base.map((word) => word.replaceAll(replace, batch[0] ?? ""));
    if (options.has("t")) await process.err(`${args.join(" ")}\n`);
    const program = lookup(process, args[0]);
    if (program === undefined) {
      await process.complain(`${args[0]}: No such file or directory`);
      return STATUS_NOT_FOUND;
    }
    const code = await waitJob(startProgram(child(process, args), program));
    if (code === ABORTING) {
      await process.complain(`${args[0]}: exited with status ${ABORTING}; aborting`);
      return STATUS_ABORTED;
    }
    if (code !== 0) status = STATUS_FAILED;
  }
  return status;
}
