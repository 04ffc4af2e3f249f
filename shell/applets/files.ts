/**
 * Programs that make, remove and name files.
 *
 * @module
 */
import { KernelError } from "../../kernel/errors.ts";
import { decodeText, encodeText } from "../bytes.ts";
import { errnoName, strerror } from "../errors.ts";
import type { Process } from "../process.ts";
import { modeText } from "./ls.ts";
import { parseOptions } from "./options.ts";

/** `readlink [-fn] PATH` */
export async function readlink(process: Process): Promise<number> {
  const options = await parseOptions(process, { letters: "fnqsv" });
  const [path] = options.rest;
  if (path === undefined) return 1;
  try {
    const { vfs, cwd } = process;
    const text = options.has("f") ? canonical(process, path) : vfs.readlink(decodeText(path), cwd);
    await process.out(encodeText(text) + (options.has("n") ? "" : "\n"));
    return 0;
  } catch (error) {
    errnoName(error);
    return 1;
  }
}

/** The path without links; the last component may be missing. */
function canonical(process: Process, path: string): string {
  const { vfs, cwd } = process;
  const text = decodeText(path);
  try {
    return vfs.realpath(text, cwd);
  } catch (error) {
    const slash = text.lastIndexOf("/");
    if (!(error instanceof KernelError) || error.code !== "ENOENT") throw error;
    const above = vfs.realpath(slash < 0 ? "." : text.slice(0, slash + 1), cwd);
    return `${above === "/" ? "" : above}/${text.slice(slash + 1)}`;
  }
}

/** `realpath PATH…` */
export async function realpath(process: Process): Promise<number> {
  let status = 0;
  for (const path of process.args.slice(1)) {
    try {
      await process.out(`${encodeText(canonical(process, path))}\n`);
    } catch (error) {
      await process.perror(path, error);
      status = 1;
    }
  }
  return status;
}

/** Calls `body` for each path and prints what fails. */
export async function each(
  process: Process,
  paths: readonly string[],
  say: (path: string, text: string) => string,
  body: (path: string) => undefined | Promise<undefined>,
): Promise<number> {
  let status = 0;
  for (const path of paths) {
    try {
      await body(path);
    } catch (error) {
      await process.complain(say(path, strerror(error)));
      status = 1;
    }
  }
  return status;
}

/** `mkdir [-p] DIR…` */
export async function mkdir(process: Process): Promise<number> {
  const options = await parseOptions(process, { letters: "pm:v" });
  const { vfs, cwd } = process;
  const say = (path: string, text: string) => `can't create directory '${path}': ${text}`;
  return await each(process, options.rest, say, (path) => {
    const text = decodeText(path);
    if (!options.has("p")) return vfs.mkdir(text, cwd);
    const parts = text.split("/");
    for (let end = 1; end <= parts.length; end++) {
      const part = parts.slice(0, end).join("/");
      if (part !== "" && process.tryStat(part)?.kind !== "dir") vfs.mkdir(part, cwd);
    }
  });
}

/** `rmdir DIR…` */
export async function rmdir(process: Process): Promise<number> {
  const options = await parseOptions(process, { letters: "p" });
  return await each(
    process,
    options.rest,
    (path, text) => `'${path}': ${text}`,
    (path) => process.vfs.rmdir(decodeText(path), process.cwd),
  );
}

function removeTree(process: Process, path: string): undefined {
  const { vfs, cwd } = process;
  if (vfs.stat(path, cwd, false).kind !== "dir") return vfs.unlink(path, cwd);
  for (const name of vfs.readdir(path, cwd)) removeTree(process, `${path}/${name}`);
  vfs.rmdir(path, cwd);
}

/** `rm [-rf] FILE…` */
export async function rm(process: Process): Promise<number> {
  const options = await parseOptions(process, { letters: "rRfi" });
  const { vfs, cwd } = process;
  const recursive = options.has("r") || options.has("R");
  let status = 0;
  for (const path of options.rest) {
    const text = decodeText(path);
    const stat = process.tryStat(path, false);
    if (stat === undefined && options.has("f")) continue;
    if (stat?.kind === "dir" && !recursive) {
      await process.complain(`'${path}' is a directory`);
      status = 1;
      continue;
    }
    try {
      if (recursive) removeTree(process, text);
      else vfs.unlink(text, cwd);
    } catch (error) {
      await process.complain(`can't remove '${path}': ${strerror(error)}`);
      status = 1;
    }
  }
  return status;
}

/** `touch [-c] FILE…` */
export async function touch(process: Process): Promise<number> {
  const options = await parseOptions(process, { letters: "cat:md:r:" });
  return await each(
    process,
    options.rest,
    (path, text) => `${path}: ${text}`,
    async (path) => {
      if (process.tryStat(path) !== undefined || options.has("c")) return;
      await (await process.open(path, { write: true, create: true })).put();
    },
  );
}

/** `ln [-sf] TARGET LINK` */
export async function ln(process: Process): Promise<number> {
  const options = await parseOptions(process, { letters: "sfnv" });
  const [target, given] = options.rest;
  if (target === undefined) return 1;
  const base = target.slice(target.lastIndexOf("/") + 1);
  const into = process.tryStat(given ?? ".")?.kind === "dir";
  const link = given === undefined ? base : into ? `${given}/${base}` : given;
  const { vfs, cwd } = process;
  return await each(process, [link], (path, text) => `${path}: ${text}`, (path) => {
    const text = decodeText(path);
    if (options.has("f") && process.tryStat(path, false) !== undefined) vfs.unlink(text, cwd);
    if (!options.has("s")) throw new KernelError("EPERM", "hard links are not made");
    vfs.symlink(decodeText(target), text, cwd);
  });
}

/** `chmod MODE FILE…`, with an octal mode. */
export async function chmod(process: Process): Promise<number> {
  const [mode, ...paths] = process.args.slice(1);
  const symbolic = /^([ugoa]*)([-+=])([rwx]+)$/.exec(mode ?? "");
  if (symbolic === null && !/^[0-7]+$/.test(mode ?? "")) {
    await process.complain(`invalid mode '${mode}'`);
    return 1;
  }
  return await each(process, paths, (path, text) => `${path}: ${text}`, (path) => {
    const old = process.stat(path).mode;
    const next = symbolic === null ? parseInt(mode, 8) : changed(old, symbolic);
    process.vfs.chmod(decodeText(path), next, process.cwd);
  });
}

function changed(old: number, [, who, operator, letters]: RegExpExecArray): number {
  const shifts = who === "" || who.includes("a") ? "ugo" : who;
  let bits = 0;
  for (const [at, letter] of [..."ogu"].entries()) {
    if (!shifts.includes(letter)) continue;
    for (const [bit, name] of [..."xwr"].entries()) {
      if (letters.includes(name)) bits |= 1 << (3 * at + bit);
    }
  }
  if (operator === "=") return bits;
  return operator === "+" ? old | bits : old & ~bits;
}

/** `mknod PATH b|c MAJOR MINOR` */
export async function mknod(process: Process): Promise<number> {
  const [path, type, major, minor] = process.args.slice(1).filter((arg) => !arg.startsWith("-"));
  const kind = type === "b" ? "block" : "char";
  return await each(
    process,
    [path],
    (name, text) => `${name}: ${text}`,
    (name) =>
      process.vfs.mknod(
        decodeText(name),
        { kind, major: Number(major), minor: Number(minor) },
        process.cwd,
      ),
  );
}

const KIND_NAMES = {
  dir: "directory",
  link: "symbolic link",
  char: "character special file",
  block: "block special file",
} as const;

/** `stat [-L] [-c FORMAT] FILE…` */
export async function stat(process: Process): Promise<number> {
  const options = await parseOptions(process, { letters: "c:Lft" });
  const format = options.get("c") ??
    "  File: %n\n  Size: %s\tBlocks: 0          IO Block: 4096   %F\nAccess: (%a/%A)";
  let status = 0;
  for (const path of options.rest) {
    try {
      const found = process.stat(path, options.has("L"));
      const kind = found.kind === "file"
        ? found.size === 0 ? "regular empty file" : "regular file"
        : KIND_NAMES[found.kind];
      const values: Readonly<Record<string, string>> = {
        n: path,
        N: found.kind === "link"
          ? `'${path}' -> '${process.vfs.readlink(path, process.cwd)}'`
          : `'${path}'`,
        a: found.mode.toString(8),
        A: modeText(found),
        F: kind,
        s: `${found.size}`,
        h: `${found.nlink}`,
        t: found.major.toString(16),
        T: found.minor.toString(16),
        u: "0",
        g: "0",
        U: "UNKNOWN",
        G: "UNKNOWN",
        "%": "%",
      };
      await process.out(`${format.replace(/%(.)/g, (all, letter) => values[letter] ?? all)}\n`);
    } catch (error) {
      await process.complain(`can't stat '${path}': ${strerror(error)}`);
      status = 1;
    }
  }
  return status;
}

/** The last part of a path, without a suffix. */
function baseOf(path: string, suffix: string | undefined): string {
  const trimmed = path.replace(/\/+$/, "");
  const base = trimmed === "" ? path.slice(0, 1) : trimmed.slice(trimmed.lastIndexOf("/") + 1);
  const cut = suffix !== undefined && base !== suffix && base.endsWith(suffix) ? suffix.length : 0;
  return base.slice(0, base.length - cut);
}

/** `basename PATH [SUFFIX]`, `basename -a PATH…`, `basename -s SUFFIX PATH…` */
export async function basename(process: Process): Promise<number> {
  const options = await parseOptions(process, { letters: "as:", leading: true });
  const suffix = options.get("s");
  const several = options.has("a") || suffix !== undefined;
  const paths = several ? options.rest : options.rest.slice(0, 1);
  for (const path of paths) {
    await process.out(`${baseOf(path, several ? suffix : options.rest[1])}\n`);
  }
  return 0;
}

/** `dirname PATH` */
export async function dirname(process: Process): Promise<number> {
  if (process.args[1] === "") {
    await process.out(".\n");
    return 0;
  }
  const trimmed = process.args[1].replace(/\/+$/, "") || "/";
  const slash = trimmed.lastIndexOf("/");
  await process.out(`${slash < 0 ? "." : trimmed.slice(0, slash).replace(/\/+$/, "") || "/"}\n`);
  return 0;
}
