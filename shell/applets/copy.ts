/**
 * Programs that copy files: `cat`, `tee`, `cp`, `mv`.
 *
 * @module
 */
import type { File } from "../../kernel/vfs/file.ts";
import { decodeText, encodeText } from "../bytes.ts";
import { errnoName, ExitStatus, strerror } from "../errors.ts";
import type { Process } from "../process.ts";
import { each } from "./files.ts";
import { type Options, parseOptions } from "./options.ts";
import { linesOf } from "./text.ts";

const BLOCK = 65_536;

/**
 * Copies until the end; says which side failed.
 *
 * busybox has the kernel copy: a `sendfile()` that fails behind its start gives what it has, the next one
 * fails, and then `read()` is tried. So a page that cannot be read is tried two or three times.
 */
async function copy(process: Process, from: File, to: File): Promise<boolean> {
  let tries = 2;
  for (;;) {
    let bytes: Uint8Array;
    try {
      bytes = await from.read(BLOCK);
      tries = 3;
    } catch (error) {
      if (--tries > 0) continue;
      await process.perror("read error", error);
      return false;
    }
    if (bytes.length === 0) return true;
    try {
      await process.write(to, bytes);
    } catch (error) {
      await process.perror("write error", error);
      return false;
    }
  }
}

/** A line with `-v`, `-t` and `-e`. */
function visible(text: string, options: Options): string {
  const all = options.has("A");
  const [tabs, ends] = [all || options.has("t"), all || options.has("e")];
  if (!tabs && !ends && !options.has("v")) return text;
  const shown = [...text].map((char) => {
    const code = char.charCodeAt(0);
    if (char === "\n") return ends ? "$\n" : char;
    if (char === "\t") return tabs ? "^I" : char;
    const low = code & 0x7f;
    const name = low < 0x20
      ? `^${String.fromCharCode(low + 0x40)}`
      : low === 0x7f
      ? "^?"
      : String.fromCharCode(low);
    return code < 0x80 ? name : `M-${name}`;
  });
  return shown.join("");
}

/** `cat [-nbvetA] [FILE]…` */
export async function cat(process: Process): Promise<number> {
  const options = await parseOptions(process, { letters: "unvetbA" });
  const paths = options.rest.length === 0 ? ["-"] : options.rest;
  let status = 0;
  let line = 0;
  for (const path of paths) {
    let file: File;
    try {
      file = path === "-" ? process.fd(0).get() : await process.open(path, { read: true });
    } catch (error) {
      await process.complain(`can't open '${path}': ${strerror(error)}`);
      status = 1;
      continue;
    }
    try {
      if ("nbvetA".split("").some((letter) => options.has(letter))) {
        for (const text of linesOf(await process.readFile(path))) {
          const numbered = options.has("n") || (options.has("b") && text !== "\n");
          const number = numbered ? `${`${++line}`.padStart(6)}\t` : "";
          await process.out(number + visible(text, options));
        }
      } else if (!await copy(process, file, process.fd(1))) status = 1;
    } finally {
      await file.put();
    }
  }
  return status;
}

/** `tee [-a] [FILE]…` */
export async function tee(process: Process): Promise<number> {
  const options = await parseOptions(process, { letters: "ai" });
  const append = options.has("a");
  const files: { path: string; file: File }[] = [{ path: "standard output", file: process.fd(1) }];
  let status = 0;
  for (const path of options.rest) {
    try {
      const file = await process.open(path, {
        write: true,
        create: true,
        append,
        truncate: !append,
      });
      files.push({ path, file });
    } catch (error) {
      await process.perror(path, error);
      status = 1;
    }
  }
  for (;;) {
    const bytes = await process.fd(0).read(BLOCK);
    if (bytes.length === 0) break;
    for (const { path, file } of files) {
      try {
        await process.write(file, bytes);
      } catch (error) {
        await process.perror(path, error);
        status = 1;
      }
    }
  }
  for (const { file } of files.slice(1)) await file.put();
  return status;
}

/** A folder and what is in it. */
async function copyFolder(process: Process, from: string, to: string): Promise<number> {
  const { vfs, cwd } = process;
  if (process.tryStat(to) === undefined) vfs.mkdir(decodeText(to), cwd);
  let status = 0;
  for (const name of vfs.readdir(decodeText(from), cwd).map(encodeText)) {
    status |= await copyFile(process, `${from}/${name}`, `${to}/${name}`, true);
  }
  return status;
}

async function copyFile(
  process: Process,
  from: string,
  to: string,
  recursive = false,
): Promise<number> {
  const base = from.replace(/\/+$/, "").replace(/^.*\//, "");
  const target = process.tryStat(to)?.kind === "dir" ? `${to}/${base}` : to;
  try {
    process.stat(from);
  } catch (error) {
    await process.complain(`can't stat '${from}': ${strerror(error)}`);
    return 1;
  }
  if (process.stat(from).kind === "dir") {
    if (recursive) return await copyFolder(process, from, target);
    await process.complain(`omitting directory '${from}'`);
    return 1;
  }
  const source = await opened(process, from, false);
  if (source === undefined) return 1;
  const sink = await opened(process, target, true);
  let worked = false;
  if (sink !== undefined) {
    worked = await copy(process, source, sink);
    await sink.put();
  }
  await source.put();
  return worked ? 0 : 1;
}

async function opened(process: Process, path: string, create: boolean): Promise<File | undefined> {
  try {
    return await process.open(
      path,
      create ? { write: true, create, truncate: true } : { read: true },
    );
  } catch (error) {
    await process.complain(`can't ${create ? "create" : "open"} '${path}': ${strerror(error)}`);
    return undefined;
  }
}

/** `cp FROM… TO` */
export async function cp(process: Process): Promise<number> {
  const options = await parseOptions(process, { letters: "afdpRrL" });
  const to = options.rest.pop();
  if (to === undefined) throw new ExitStatus(1);
  let status = 0;
  const recursive = [..."aRr"].some((letter) => options.has(letter));
  for (const from of options.rest) status |= await copyFile(process, from, to, recursive);
  return status;
}

/** `mv FROM… TO` */
export async function mv(process: Process): Promise<number> {
  const options = await parseOptions(process, { letters: "fin" });
  const to = options.rest.pop();
  if (to === undefined) throw new ExitStatus(1);
  const { vfs, cwd } = process;
  let status = 0;
  for (const from of options.rest) {
    const base = from.slice(from.lastIndexOf("/") + 1);
    const target = process.tryStat(to)?.kind === "dir" ? `${to}/${base}` : to;
    try {
      vfs.rename(decodeText(from), decodeText(target), cwd);
    } catch (error) {
      if (errnoName(error) !== "EXDEV") {
        await process.complain(`can't rename '${from}': ${strerror(error)}`);
        status = 1;
        continue;
      }
      if (await copyFile(process, from, target) !== 0) status = 1;
      else {
        status |= await each(
          process,
          [from],
          (path, text) => `can't remove '${path}': ${text}`,
          (path) => vfs.unlink(decodeText(path), cwd),
        );
      }
    }
  }
  return status;
}
