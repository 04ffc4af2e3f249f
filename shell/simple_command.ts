/**
 * Commands with words: what is expanded, assigned, redirected and run.
 *
 * POSIX.1-2017, 2.9.1
 *
 * @module
 */
import type { AssignmentNode, CommandNode, SimpleCommandNode } from "./ast.ts";
import { BUILTINS, SPECIAL_BUILTINS } from "./builtins.ts";
import { ReturnFrom, UsageError } from "./control.ts";
import { ExitStatus, ScriptAborted } from "./errors.ts";
import { Process, runProgram, startProgram } from "./process.ts";
import { findProgram } from "./programs.ts";
import { redirected } from "./redirect.ts";
import { ReadonlyError, type Shell, type Variable } from "./shell.ts";
import {
  expanded,
  redirectionFailed,
  STATUS_USAGE,
  waitForeground,
  withRedirections,
} from "./steps.ts";

const STATUS_NOT_FOUND = 127;
/** Functions may call each other this deep. */
const DEPTH_MAX = 500;

/** Runs commands with words for one shell. */
export class SimpleCommands {
  /** This process has nothing to do but the next program: it becomes that program. */
  replace = false;
  readonly #shell: Shell;
  #depth = 0;

  constructor(shell: Shell) {
    this.#shell = shell;
  }

  /** Runs one command. */
  async run(node: SimpleCommandNode): Promise<number> {
    const shell = this.#shell;
    if (node.line !== undefined && node.line > 0) {
      shell.line = shell.init.file ? node.line : node.line - 1;
    }
    const words = node.name === null ? node.args : [node.name, ...node.args];
    const args = await expanded(this.#shell, () => shell.expander.fields(words));
    if (args.length === 0) return await this.#assignOnly(node, words.some(hasCommand));
    if (shell.options.has("x")) await this.#trace(node.assignments, args);
    const name = args[0];
    const builtin = BUILTINS.get(name);
    if (builtin !== undefined && SPECIAL_BUILTINS.has(name)) return await this.#special(node, args);
    const body = shell.functions.get(name);
    if (body !== undefined) {
      return await this.#assigned(
        node.assignments,
        () => this.#redirectedOr(node, () => this.#call(body, args)),
      );
    }
    if (builtin !== undefined) {
      return await this.#assigned(
        node.assignments,
        () => this.#redirectedOr(node, () => this.#builtin(args)),
      );
    }
    return await this.#external(node, args);
  }

  #redirectedOr(node: SimpleCommandNode, body: () => Promise<number>): Promise<number> {
    return node.redirections.length === 0
      ? body()
      : withRedirections(this.#shell, node.redirections, body);
  }

  /** `set -x`: shows what is about to run. */
  async #trace(
    assignments: readonly AssignmentNode[],
    args: readonly string[],
  ): Promise<undefined> {
    const shell = this.#shell;
    const shown = args.map(quoted);
    for (const { name, value } of assignments.toReversed()) {
      const text = args.length === 0
        ? shell.get(name) ?? ""
        : value === null
        ? ""
        : await expanded(shell, () => shell.expander.text(value));
      shown.unshift(`${name}=${quoted(text)}`);
    }
    await shell.process.err(`${shell.get("PS4") ?? "+ "}${shown.join(" ")}\n`);
  }

  async #assignOnly(node: SimpleCommandNode, substituted: boolean): Promise<number> {
    for (const assignment of node.assignments) {
      await this.#assign(assignment);
      if (this.#shell.options.has("x")) await this.#trace([assignment], []);
    }
    const commands = substituted || node.assignments.some(({ value }) => hasCommand(value));
    const status = commands ? this.#shell.status : 0;
    if (node.redirections.length === 0) return status;
    return await withRedirections(this.#shell, node.redirections, async () => status);
  }

  async #assign({ name, value, append }: AssignmentNode): Promise<undefined> {
    const shell = this.#shell;
    await expanded(this.#shell, async () => {
      const text = value === null ? "" : await shell.expander.text(value);
      shell.set(name, append ? (shell.get(name) ?? "") + text : text);
    });
  }

  /** Runs with assignments that last as long as the command. */
  async #assigned(
    assignments: readonly AssignmentNode[],
    body: () => Promise<number>,
  ): Promise<number> {
    if (assignments.length === 0) return await body();
    const { vars } = this.#shell;
    const saved = new Map<string, Variable | undefined>();
    for (const assignment of assignments) {
      const old = vars.get(assignment.name);
      if (!saved.has(assignment.name)) saved.set(assignment.name, old && { ...old });
      await this.#assign(assignment);
      (vars.get(assignment.name) as Variable).exported = true;
    }
    try {
      return await body();
    } finally {
      for (const [name, variable] of saved) {
        if (variable === undefined) vars.delete(name);
        else vars.set(name, variable);
      }
    }
  }

  async #special(node: SimpleCommandNode, args: string[]): Promise<number> {
    const shell = this.#shell;
    for (const assignment of node.assignments) await this.#assign(assignment);
    if (args[0] === "exec") return await this.#exec(node, args.slice(1));
    if (node.redirections.length === 0) return await this.#builtin(args);
    let worked = false;
    const status = await withRedirections(this.#shell, node.redirections, () => {
      worked = true;
      return this.#builtin(args);
    });
    if (!worked) throw new ScriptAborted(status);
    shell.status = status;
    return status;
  }

  async #exec(node: SimpleCommandNode, args: string[]): Promise<number> {
    const { process } = this.#shell;
    let fds;
    try {
      fds = await redirected(this.#shell, node.redirections);
    } catch (error) {
      throw new ScriptAborted(await redirectionFailed(this.#shell, error));
    }
    await process.closeAll();
    for (const [number, file] of fds) process.fds.set(number, file);
    if (args.length === 0) return 0;
    throw new ExitStatus(await this.#external({ ...node, redirections: [] }, args));
  }

  async #builtin(args: string[]): Promise<number> {
    const shell = this.#shell;
    const outer = shell.commandName;
    shell.commandName = args[0];
    this.replace = false;
    try {
      const status = await (BUILTINS.get(args[0]) as NonNullable<ReturnType<typeof BUILTINS.get>>)(
        shell,
        args,
      );
      return await flushed(shell) ? status : 1;
    } catch (error) {
      if (!(error instanceof UsageError || error instanceof ReadonlyError)) throw error;
      await shell.message(error.message);
      if (SPECIAL_BUILTINS.has(args[0])) throw new ScriptAborted(STATUS_USAGE);
      return STATUS_USAGE;
    } finally {
      shell.commandName = outer;
    }
  }

  async #call(body: CommandNode, args: string[]): Promise<number> {
    const shell = this.#shell;
    if (++this.#depth > DEPTH_MAX) {
      await shell.message("maximum recursion depth exceeded");
      throw new ScriptAborted(STATUS_USAGE);
    }
    const positional = shell.positional;
    this.replace = false;
    shell.positional = args.slice(1);
    shell.locals.push(new Map());
    try {
      return await shell.executor.functionBody(body);
    } catch (error) {
      if (error instanceof ReturnFrom) return error.status;
      throw error;
    } finally {
      for (const [name, variable] of shell.locals.pop() ?? []) {
        if (variable === undefined) shell.vars.delete(name);
        else shell.vars.set(name, variable);
      }
      shell.positional = positional;
      this.#depth--;
    }
  }

  /** Runs a builtin or program with these arguments, past functions. */
  async runArgs(args: string[]): Promise<number> {
    if (args.length === 0) return 0;
    if (BUILTINS.has(args[0])) return await this.#builtin(args);
    const none = { type: "SimpleCommand", name: null, args: [], assignments: [], redirections: [] };
    return await this.#external(none as SimpleCommandNode, args);
  }

  async #external(node: SimpleCommandNode, args: string[]): Promise<number> {
    const shell = this.#shell;
    return await this.#assigned(node.assignments, async () => {
      let fds;
      try {
        fds = await redirected(shell, node.redirections);
      } catch (error) {
        return await redirectionFailed(this.#shell, error);
      }
      const found = findProgram(shell, args[0]);
      const { cwd } = shell.process;
      const process = new Process(shell.os, { args, env: shell.environment(), fds, cwd });
      if ("program" in found) {
        // A shell that has waited for a program has found that there are no more.
        process.lastError = shell.hasWaited ? "ECHILD" : undefined;
        if (this.replace) return await runProgram(process, found.program);
        shell.hasWaited = true;
        // The shell has redirected itself too.
        const stderr = fds.get(2)?.get();
        return await waitForeground(startProgram(process, found.program), stderr)
          .finally(() => stderr?.put());
      }
      const outer = shell.process;
      shell.process = process;
      try {
        await shell.message(`${args[0]}: ${found.missing}`);
      } finally {
        shell.process = outer;
        await process.closeAll();
      }
      return found.status ?? STATUS_NOT_FOUND;
    });
  }
}

/** A word as it would have to be written, where it holds what the shell takes for itself. */
function quoted(text: string): string {
  return /^[-+,.\/0-9:@A-Z\]^_a-z]*$/.test(text) ? text : `'${text.replaceAll("'", `'"'"'`)}'`;
}

/** Writes what a builtin printed; false when that does not work. */
async function flushed(shell: Shell): Promise<boolean> {
  try {
    await shell.process.flush();
    return true;
  } catch (error) {
    if ((error as Error).name !== "KernelError") throw error;
    return false;
  }
}

function hasCommand(word: AssignmentNode["value"]): boolean {
  return word !== null && JSON.stringify(word).includes('"CommandSubstitution"');
}
