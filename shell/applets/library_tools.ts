/**
 * Text programs of the shell library: `awk`, `sed`, `sort` and others work on text alone, so the library's
 * are used. Files are opened by us, so that messages about them are the guest's.
 *
 * @module
 */
import type { IFileSystem } from "just-bash";
import { readAll } from "../../kernel/vfs/api.ts";
import { placePath } from "../../kernel/vfs/namei.ts";
import type { ShellLibrary } from "../ast.ts";
import { encodeText, fromBytes, toBytes } from "../bytes.ts";
import type { Process, Program } from "../process.ts";

/** Programs that are taken from the library, by the kind of their arguments. */
export const LIBRARY_TOOLS: readonly string[] = [
  "rev",
  "tac",
  "nl",
  "fold",
  "paste",
  "expand",
  "unexpand",
  "diff",
  "base64",
  "sha1sum",
  "sha256sum",
  "bc",
];

/** Where the first file stands among the arguments: what is no option and no program text. */
function firstFile(name: string, args: readonly string[]): number {
  const withValue: Readonly<Record<string, string>> = { awk: "Fvf", sed: "ef" };
  const takes = withValue[name] ?? "";
  let script = name === "awk" || name === "sed";
  let at = 0;
  for (; at < args.length; at++) {
    const arg = args[at];
    if (arg === "--") {
      at++;
      break;
    }
    if (!arg.startsWith("-") || arg === "-") break;
    if ((name === "sed" && /^-[a-z]*[ef]/.test(arg)) || (name === "awk" && arg.startsWith("-f"))) {
      script = false;
    }
    if (arg.length === 2 && takes.includes(arg[1])) at++;
    else if (name === "sed" && /^-[a-zA-Z]+e$/.test(arg)) at++;
  }
  return script ? at + 1 : at;
}

/** The guest's files for a program of the library: what it may read and write. */
function filesFor(process: Process): IFileSystem {
  const refuse = async (): Promise<never> => {
    throw new Error("EPERM: operation not permitted");
  };
  const bytesOf = async (path: string) => {
    const file = await process.open(path, { read: true });
    try {
      return await readAll(file);
    } finally {
      await file.put();
    }
  };
  const store = async (path: string, content: string | Uint8Array, append: boolean) => {
    const options = { write: true, create: true, append, truncate: !append };
    const file = await process.open(path, options);
    try {
      await process.write(
        file,
        typeof content === "string" ? toBytes(encodeText(content)) : content,
      );
    } finally {
      await file.put();
    }
  };
  const stat = async (path: string, follow: boolean) => {
    const { kind, mode, size } = process.stat(path, follow);
    return {
      isFile: kind !== "dir" && kind !== "link",
      isDirectory: kind === "dir",
      isSymbolicLink: kind === "link",
      mode,
      size,
      mtime: new Date(0),
    };
  };
  return {
    readFile: async (path) => new TextDecoder().decode(await bytesOf(path)),
    readFileBuffer: bytesOf,
    writeFile: (path, content) => store(path, content, false),
    appendFile: (path, content) => store(path, content, true),
    exists: async (path) => process.tryStat(path) !== undefined,
    stat: (path) => stat(path, true),
    lstat: (path) => stat(path, false),
    readdir: async (path) => process.vfs.readdir(path, process.cwd),
    realpath: async (path) => process.vfs.realpath(path, process.cwd),
    readlink: async (path) => process.vfs.readlink(path, process.cwd),
    resolvePath: (base, path) => path.startsWith("/") ? path : `${base}/${path}`,
    getAllPaths: () => [],
    mkdir: refuse,
    rm: refuse,
    cp: refuse,
    mv: refuse,
    chmod: refuse,
    symlink: refuse,
    link: refuse,
    utimes: refuse,
  };
}

/** Limits of the library are for guests that nobody trusts; a script here may take what it needs. */
const UNLIMITED = {
  maxCommandCount: 1e9,
  maxLoopIterations: 1e9,
  maxAwkIterations: 1e9,
  maxSedIterations: 1e9,
  maxWorkUnits: 1e12,
};

/** A program of the library. */
export function libraryTool(library: ShellLibrary, name: string): Program {
  return async (process) => {
    const args = process.args.slice(1);
    const first = firstFile(name, args);
    const kept = args.slice(0, first);
    let failed = false;
    for (const path of args.slice(first)) {
      if (name === "expr" || path === "-" || (name === "awk" && /^\w+=/.test(path))) {
        kept.push(path);
        continue;
      }
      try {
        process.stat(path);
        kept.push(path);
      } catch (error) {
        await process.perror(path, error);
        failed = true;
      }
    }
    const gone = args.length > first && kept.length === first;
    if (gone) return 1;
    const fromStdin = kept.length <= first || kept.includes("-");
    const readsStdin = fromStdin && name !== "expr";
    const bash = new library.Bash({
      fs: filesFor(process),
      cwd: placePath(process.cwd),
      env: { ...Object.fromEntries(process.env), LC_ALL: "C" },
      defenseInDepth: false,
      executionLimits: UNLIMITED,
    });
    const result = await bash.exec(name, {
      args: kept,
      stdin: readsStdin ? fromBytes(await readAll(process.fd(0))) : "",
      stdinKind: "bytes",
      rawScript: true,
    });
    const bytes = result.stdoutKind === "bytes" || result.stdoutEncoding === "binary";
    await process.out(bytes ? result.stdout : encodeText(result.stdout));
    if (result.stderr !== "") {
      await process.flush();
      await process.err(encodeText(result.stderr.replace(/^bash: /, "")));
    }
    return failed && result.exitCode === 0 ? 1 : result.exitCode;
  };
}
