/**
 * From a command's name to what runs.
 *
 * @module
 */
import { KernelError } from "../kernel/errors.ts";
import { fromBytes } from "./bytes.ts";
import { type Os, Process, type Program, runProgram, shareFds } from "./process.ts";
import type { Shell } from "./shell.ts";

/** A program, or what the shell says when there is none. */
export type Found =
  | { readonly program: Program }
  | { readonly missing: string; readonly status?: number };

const NOT_FOUND: Found = { missing: "not found" };
const CANNOT_RUN = 126;
const DEFAULT_PATH = "/sbin:/usr/sbin:/bin:/usr/bin";
/** Bytes to look at for `#!`. */
const HEAD = 256;

/** The program that a path names: one of ours by its link in `/bin`, or a script. */
function atPath(os: Os, path: string, process: Process): Found {
  try {
    const stat = process.stat(path);
    if (stat.kind === "dir") return { missing: "Permission denied", status: CANNOT_RUN };
    const base = path.slice(path.lastIndexOf("/") + 1);
    const program = os.programs.get(base);
    const real = os.vfs.realpath(path, process.cwd);
    if (program !== undefined && real === "/bin/busybox") return { program };
    if ((stat.mode & 0o111) === 0) return { missing: "Permission denied", status: CANNOT_RUN };
    return { program: (child) => runFile(child, path) };
  } catch (error) {
    if (error instanceof KernelError) return NOT_FOUND;
    throw error;
  }
}

/** Runs a script by the interpreter of its first line; without one by `sh`. */
async function runFile(process: Process, path: string): Promise<number> {
  const file = await process.open(path, { read: true });
  const head = await file.read(HEAD).then(fromBytes).finally(() => file.put());
  const [interpreter = "/bin/sh", ...options] = /^#!\s*(.*)/.exec(head)?.[1].split(/\s+/) ?? [];
  const args = [interpreter, ...options, path, ...process.args.slice(1)];
  return await runAs(process, args) ?? CANNOT_RUN;
}

/** The program called `name`: by its path, or in the folders of `PATH`. */
export function findProgram(shell: Shell, name: string): Found {
  if (name.includes("/")) return atPath(shell.os, name, shell.process);
  for (const folder of (shell.get("PATH") ?? DEFAULT_PATH).split(":")) {
    const found = atPath(shell.os, `${folder || "."}/${name}`, shell.process);
    if ("program" in found || found.status !== undefined) return found;
  }
  return NOT_FOUND;
}

/** The program that another program starts; `undefined` when there is none. */
export function lookup(process: Process, name: string): Program | undefined {
  const folders = name.includes("/")
    ? [""]
    : (process.env.get("PATH") ?? DEFAULT_PATH).split(":").map((folder) => `${folder || "."}/`);
  for (const folder of folders) {
    const found = atPath(process.os, folder + name, process);
    if ("program" in found) return found.program;
  }
  return undefined;
}

/** A child of a program, with its files. */
export function child(process: Process, args: readonly string[]): Process {
  const { env, cwd, fds } = process;
  return new Process(process.os, { args, env, cwd, fds: shareFds(fds) });
}

/** Becomes another program: gives its status, or `undefined` when there is none. Linux: execve() */
export async function runAs(
  process: Process,
  args: readonly string[],
): Promise<number | undefined> {
  const program = lookup(process, args[0]);
  if (program === undefined) return undefined;
  return await runProgram(child(process, args), program);
}
