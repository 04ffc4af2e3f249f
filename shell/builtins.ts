/**
 * Commands that the shell runs itself.
 *
 * POSIX.1-2017, 2.14
 *
 * @module
 */
import { ArithmeticError, evaluate } from "./arithmetic.ts";
import { placePath } from "../kernel/vfs/namei.ts";
import { echo, printFormatted } from "./applets/print.ts";
import { test } from "./applets/test_expression.ts";
import { decodeText } from "./bytes.ts";
import { BreakLoop, ContinueLoop, ReturnFrom, UsageError } from "./control.ts";
import { errnoName, ExitStatus, strerror } from "./errors.ts";
import { getopts } from "./getopts.ts";
import { jobs, kill, trap, wait } from "./jobs.ts";
import { findProgram } from "./programs.ts";
import { read } from "./read.ts";
import { ReadonlyError, type Shell } from "./shell.ts";

/** A builtin: gives its status. */
export type Builtin = (shell: Shell, args: string[]) => Promise<number>;

/** Failures of these end a script. */
export const SPECIAL_BUILTINS: ReadonlySet<string> = new Set([
  ".",
  ":",
  "break",
  "continue",
  "eval",
  "exec",
  "exit",
  "export",
  "local",
  "readonly",
  "return",
  "set",
  "shift",
  "times",
  "trap",
  "unset",
]);

const STATUS_MASK = 0xff;
const STATUS_NOT_FOUND = 127;

function number(text: string | undefined, fallback: number): number {
  if (text === undefined) return fallback;
  if (!/^\d+$/.test(text)) throw new UsageError(`Illegal number: ${text}`);
  return Number(text);
}

async function cd(shell: Shell, args: string[]): Promise<number> {
  const { process, os: { vfs } } = shell;
  const given = args.filter((arg) => arg !== "-L" && arg !== "-P" && arg !== "--").at(1);
  const physical = args.includes("-P");
  const target = given === "-" ? shell.get("OLDPWD") ?? "/" : given ?? shell.get("HOME") ?? "/";
  const here = shell.get("PWD") ?? placePath(process.cwd);
  const logical = normalize(target.startsWith("/") ? target : `${here}/${target}`);
  try {
    const place = physical
      ? vfs.find(decodeText(target), process.cwd)
      : vfs.find(decodeText(logical));
    vfs.find(".", place);
    process.cwd = place;
  } catch (error) {
    throw new UsageError(`can't cd to ${target}: ${strerror(error)}`);
  }
  shell.set("OLDPWD", here);
  shell.set("PWD", physical ? placePath(process.cwd) : logical);
  if (given === "-") await process.out(`${shell.get("PWD")}\n`);
  return 0;
}

/** Takes `.` and `..` out of an absolute path by its text. */
function normalize(path: string): string {
  const parts: string[] = [];
  for (const part of path.split("/")) {
    if (part === "..") parts.pop();
    else if (part !== "" && part !== ".") parts.push(part);
  }
  return `/${parts.join("/")}`;
}

async function pwd(shell: Shell, args: string[]): Promise<number> {
  const physical = placePath(shell.process.cwd);
  await shell.process.out(`${args[1] === "-P" ? physical : shell.get("PWD") ?? physical}\n`);
  return 0;
}

async function set(shell: Shell, args: string[]): Promise<number> {
  if (args.length === 1) {
    const names = [...shell.vars.keys()].sort();
    for (const name of names) await shell.process.out(`${name}='${shell.get(name) ?? ""}'\n`);
    return 0;
  }
  const long: Readonly<Record<string, string>> = {
    errexit: "e",
    nounset: "u",
    xtrace: "x",
    noglob: "f",
    allexport: "a",
    noclobber: "C",
    verbose: "v",
  };
  let at = 1;
  for (; at < args.length && /^[-+]./.test(args[at]); at++) {
    if (args[at] === "--") {
      at++;
      shell.positional = args.slice(at);
      return 0;
    }
    const on = args[at][0] === "-";
    let options = [...args[at].slice(1)];
    if (args[at].slice(1) === "o") {
      const name = args[++at] ?? "";
      if (!Object.hasOwn(long, name) && name !== "pipefail") {
        throw new UsageError(`illegal option -o ${name}`);
      }
      options = [long[name] ?? name];
    }
    for (const option of options) on ? shell.options.add(option) : shell.options.delete(option);
  }
  if (at < args.length) shell.positional = args.slice(at);
  return 0;
}

async function shift(shell: Shell, args: string[]): Promise<number> {
  const count = number(args[1], 1);
  if (count > shell.positional.length) return 1;
  shell.positional.splice(0, count);
  return 0;
}

/** `export [-n] [NAME[=VALUE]…]` and `readonly`; with `-p` or nothing else, what is. */
async function exportNames(shell: Shell, args: string[]): Promise<number> {
  const attribute = args[0] === "export" ? "exported" : "readonly";
  const names = args.slice(1).filter((arg) => arg !== "-p" && arg !== "-n");
  if (names.length === 0) return await listNames(shell, args[0], attribute);
  for (const arg of names) {
    const [name, value] = splitAssignment(arg);
    if (value !== undefined) shell.set(name, value);
    const variable = shell.vars.get(name) ?? { value: undefined, exported: false, readonly: false };
    variable[attribute] = args[1] !== "-n";
    shell.vars.set(name, variable);
  }
  return 0;
}

async function listNames(
  shell: Shell,
  command: string,
  attribute: "exported" | "readonly",
): Promise<number> {
  for (const [name, variable] of [...shell.vars].sort(([a], [b]) => a < b ? -1 : 1)) {
    if (!variable[attribute]) continue;
    const value = variable.value?.replaceAll("'", `'"'"'`);
    await shell.process.out(`${command} ${name}${value === undefined ? "" : `='${value}'`}\n`);
  }
  return 0;
}

function splitAssignment(text: string): [name: string, value: string | undefined] {
  const equals = text.indexOf("=");
  const name = equals < 0 ? text : text.slice(0, equals);
  if (!/^[A-Za-z_]\w*$/.test(name)) throw new UsageError(`${text}: bad variable name`);
  return [name, equals < 0 ? undefined : text.slice(equals + 1)];
}

async function local(shell: Shell, args: string[]): Promise<number> {
  const frame = shell.locals.at(-1);
  if (frame === undefined) throw new UsageError("not in a function");
  for (const arg of args.slice(1)) {
    const [name, value] = splitAssignment(arg);
    const old = shell.vars.get(name);
    if (!frame.has(name)) frame.set(name, old && { ...old });
    if (value !== undefined) shell.set(name, value);
    else if (old === undefined) {
      shell.vars.set(name, { value: undefined, exported: false, readonly: false });
    }
  }
  return 0;
}

async function unset(shell: Shell, args: string[]): Promise<number> {
  const kind = /^-[fv]$/.exec(args[1] ?? "")?.[0];
  for (const name of args.slice(kind === undefined ? 1 : 2)) {
    if (kind === "-f") shell.functions.delete(name);
    else if (shell.vars.get(name)?.readonly) throw new ReadonlyError(`${name}: is read only`);
    else shell.vars.delete(name);
  }
  return 0;
}

/** `let EXPRESSION…`: 0 when the last one is not 0. */
async function compute(shell: Shell, args: string[]): Promise<number> {
  if (args.length === 1) throw new UsageError("expression expected");
  let value = 0n;
  for (const text of args.slice(1)) {
    try {
      value = evaluate(text, shell.arithmeticScope);
    } catch (error) {
      if (!(error instanceof ArithmeticError)) throw error;
      throw new UsageError(error.message);
    }
  }
  return value === 0n ? 1 : 0;
}

async function evaluateArgs(shell: Shell, args: string[]): Promise<number> {
  return await shell.executor.run(args.slice(1).join(" "));
}

async function source(shell: Shell, args: string[]): Promise<number> {
  if (args[1] === undefined) return 2;
  let script: string;
  try {
    script = await shell.process.readFile(args[1]);
  } catch (error) {
    throw new UsageError(`can't open '${args[1]}': ${strerror(error)}`);
  }
  try {
    return await shell.executor.run(script);
  } catch (error) {
    if (error instanceof ReturnFrom) return error.status;
    throw error;
  }
}

const KEYWORDS: ReadonlySet<string> = new Set(
  "! case do done elif else esac fi for function if in then until while { }".split(" "),
);

async function type(shell: Shell, args: string[]): Promise<number> {
  let status = 0;
  for (const name of args.slice(1)) {
    const found = findProgram(shell, name);
    let what = "not found";
    if (KEYWORDS.has(name)) what = "is a shell keyword";
    else if (shell.functions.has(name)) what = "is a function";
    else if (SPECIAL_BUILTINS.has(name)) what = "is a special shell builtin";
    else if (BUILTINS.has(name)) what = "is a shell builtin";
    else if ("program" in found) what = `is ${name}`;
    else status = STATUS_NOT_FOUND;
    await shell.process.out(what === "not found" ? `${name}: ${what}\n` : `${name} ${what}\n`);
  }
  return status;
}

/** `command [-vV] NAME [ARG…]`: past functions; with a letter, what the name means. */
async function command(shell: Shell, args: string[]): Promise<number> {
  if (args[1] === "-V") return await type(shell, args.slice(1));
  if (args[1] !== "-v") {
    shell.commandName = undefined;
    return await shell.executor.runArgs(args.slice(1));
  }
  const name = args[2];
  const known = BUILTINS.has(name) || shell.functions.has(name) || KEYWORDS.has(name) ||
    "program" in findProgram(shell, name);
  if (!known) return STATUS_NOT_FOUND;
  await shell.process.out(`${name}\n`);
  return 0;
}

async function printed(
  shell: Shell,
  text: string,
): Promise<number> {
  try {
    await shell.process.out(text);
    await shell.process.flush();
    return 0;
  } catch (error) {
    if (errnoName(error) === "EPIPE") throw error;
    await shell.process.err(`sh: write error: ${strerror(error)}\n`);
    return 1;
  }
}

const succeed = async () => 0;

/** Builtins by name. */
export const BUILTINS: ReadonlyMap<string, Builtin> = new Map<string, Builtin>([
  [":", succeed],
  ["true", succeed],
  ["false", async () => 1],
  ["cd", cd],
  ["pwd", pwd],
  ["echo", (shell, args) => printed(shell, echo(args.slice(1)))],
  ["printf", (shell, args) => printFormatted(shell.process, args.slice(1), "sh")],
  ["test", (shell, args) => test(shell.process, args, "sh")],
  ["[", (shell, args) => test(shell.process, args, "sh")],
  ["[[", (shell, args) => test(shell.process, args, "sh")],
  ["let", compute],
  ["set", set],
  ["shift", shift],
  ["export", exportNames],
  ["readonly", exportNames],
  ["local", local],
  ["unset", unset],
  ["eval", evaluateArgs],
  [".", source],
  ["source", source],
  ["read", read],
  ["getopts", getopts],
  ["break", async (shell, args) => {
    if (!shell.executor.inLoop) return 0;
    throw new BreakLoop(number(args[1], 1));
  }],
  ["continue", async (shell, args) => {
    if (!shell.executor.inLoop) return 0;
    throw new ContinueLoop(number(args[1], 1));
  }],
  ["return", async (shell, args) => {
    throw new ReturnFrom(number(args[1], shell.status) & STATUS_MASK);
  }],
  ["exit", async (shell, args) => {
    throw new ExitStatus(number(args[1], shell.status) & STATUS_MASK);
  }],
  ["exec", succeed],
  ["kill", kill],
  ["wait", wait],
  ["jobs", jobs],
  ["trap", trap],
  ["type", type],
  ["command", command],
  ["times", async (shell) => {
    await shell.process.out("0m0.000s 0m0.000s\n0m0.000s 0m0.000s\n");
    return 0;
  }],
  ["umask", async (shell) => {
    await shell.process.out("0022\n");
    return 0;
  }],
  ["ulimit", async (shell) => {
    await shell.process.out("unlimited\n");
    return 0;
  }],
  ["hash", succeed],
  ["alias", succeed],
  ["unalias", succeed],
]);
