/**
 * Runs the tree of a script.
 *
 * POSIX.1-2017, 2.9
 *
 * @module
 */
import { matchPattern } from "../kernel/vfs/glob.ts";
import { makePipe } from "../kernel/vfs/pipe.ts";
import type {
  AssignmentNode,
  CommandNode,
  CommandOf,
  PipelineNode,
  ScriptNode,
  SimpleCommandNode,
  StatementNode,
} from "./ast.ts";
import { BUILTINS, SPECIAL_BUILTINS } from "./builtins.ts";
import { BreakLoop, ContinueLoop, ReturnFrom, UsageError } from "./control.ts";
import { ExitStatus, SIGNAL_TEXTS } from "./errors.ts";
import { ExpansionError } from "./expand.ts";
import { type Job, Process, runProgram, startProgram, waitJob } from "./process.ts";
import { findProgram } from "./programs.ts";
import { redirected, RedirectionError } from "./redirect.ts";
import { ReadonlyError, type Shell, type Variable } from "./shell.ts";

/** Status of a command with wrong syntax, and of a failed builtin. */
const STATUS_USAGE = 2;
const STATUS_NOT_FOUND = 127;
/** Functions may call each other this deep. */
const DEPTH_MAX = 500;

/** Runs commands for one shell. */
export class Executor {
  readonly #shell: Shell;
  /** Depth of places where a failure is an answer: conditions, `!`, left of `&&` and `||`. */
  #tested = 0;
  #loops = 0;
  #depth = 0;
  /** This process has nothing to do but the next program: it becomes that program. */
  #replace = false;

  constructor(shell: Shell) {
    this.#shell = shell;
  }

  /** A loop is running, which `break` would leave. */
  get inLoop(): boolean {
    return this.#loops > 0;
  }

  /** Parses and runs a script. Gives its status. */
  async run(script: string): Promise<number> {
    let tree: ScriptNode;
    try {
      tree = this.#shell.library.parse(script);
    } catch (error) {
      await this.#shell.message(syntaxMessage(error as Error));
      throw new ExitStatus(STATUS_USAGE);
    }
    return await this.statements(tree.statements);
  }

  /** Runs statements one after the other. */
  async statements(statements: readonly StatementNode[]): Promise<number> {
    const shell = this.#shell;
    let status = 0;
    for (const statement of statements) {
      if (statement.deferredError !== undefined) {
        await shell.message(`syntax error: unexpected "${statement.deferredError.token}"`);
        throw new ExitStatus(STATUS_USAGE);
      }
      status = shell.status = statement.background
        ? await this.#background(statement)
        : await this.#andOr(statement);
    }
    return status;
  }

  async #andOr({ pipelines, operators }: StatementNode): Promise<number> {
    const shell = this.#shell;
    let status = 0;
    for (const [index, pipeline] of pipelines.entries()) {
      const operator = operators[index - 1];
      if (operator === "&&" && status !== 0) continue;
      if (operator === "||" && status === 0) continue;
      const last = index === pipelines.length - 1;
      const tested = !last || pipeline.negated;
      if (tested) this.#tested++;
      try {
        status = shell.status = await this.#pipeline(pipeline);
      } finally {
        if (tested) this.#tested--;
      }
      if (!tested && status !== 0 && this.#tested === 0 && shell.options.has("e")) {
        throw new ExitStatus(status);
      }
    }
    return status;
  }

  async #background(statement: StatementNode): Promise<number> {
    const shell = this.#shell;
    const child = shell.fork();
    const { pipelines } = statement;
    const single = pipelines.length === 1 && pipelines[0].commands.length === 1 &&
      !pipelines[0].negated;
    const body = single
      ? () => child.executor.only(pipelines[0].commands[0])
      : () => child.executor.statements([{ ...statement, background: false }]);
    const job = startProgram(child.process, () => child.ending(body));
    let number = 1;
    while (shell.jobs.has(number)) number++;
    shell.jobs.set(number, { jobs: [job], pid: job.task.pid });
    shell.lastBackground = job.task.pid;
    // The child runs until it waits for something, as it may on a machine with a free processor.
    await shell.os.kernel.sched.yield();
    return 0;
  }

  async #pipeline(pipeline: PipelineNode): Promise<number> {
    const { commands, negated } = pipeline;
    const status = commands.length === 1
      ? await this.command(commands[0])
      : await this.#pipe(pipeline);
    return negated ? Number(status === 0) : status;
  }

  async #pipe({ commands, pipeStderr }: PipelineNode): Promise<number> {
    const jobs: Job[] = [];
    let input: ReturnType<typeof makePipe>[0] | undefined;
    for (const [index, command] of commands.entries()) {
      const child = this.#shell.fork();
      const { fds } = child.process;
      if (input !== undefined) {
        await fds.get(0)?.put();
        fds.set(0, input);
        input = undefined;
      }
      if (index < commands.length - 1) {
        const [reader, writer] = makePipe(this.#shell.os.kernel.sched);
        await fds.get(1)?.put();
        fds.set(1, writer);
        if (pipeStderr?.[index]) {
          await fds.get(2)?.put();
          fds.set(2, writer.get());
        }
        input = reader;
      }
      jobs.push(
        startProgram(child.process, () => child.ending(() => child.executor.only(command))),
      );
    }
    let status = 0;
    for (const job of jobs) status = await this.#waitForeground(job);
    return status;
  }

  async #waitForeground(job: Job): Promise<number> {
    const status = await waitJob(job);
    const text = SIGNAL_TEXTS[job.signal ?? 0];
    if (text !== undefined) await this.#shell.process.err(`${text}\n`);
    return status;
  }

  /** Runs the only command of a process: a program takes the shell's place. */
  async only(node: CommandNode): Promise<number> {
    this.#replace = node.type === "SimpleCommand";
    return await this.command(node);
  }

  /** Runs one command of any kind. */
  async command(node: CommandNode): Promise<number> {
    const signal = this.#shell.os.kernel.sched.current?.signal;
    if (signal !== undefined) throw signal;
    if (node.type === "SimpleCommand") return await this.#simple(node);
    if (node.type === "FunctionDef") {
      this.#shell.functions.set(node.name, node.body);
      return 0;
    }
    if (node.redirections.length === 0) return await this.#compound(node);
    return await this.#withRedirections(node.redirections, () => this.#compound(node));
  }

  async #withRedirections(
    redirections: SimpleCommandNode["redirections"],
    body: () => Promise<number>,
  ): Promise<number> {
    const shell = this.#shell;
    let fds;
    try {
      fds = await redirected(shell, redirections);
    } catch (error) {
      return await this.#redirectionFailed(error);
    }
    const { process } = shell;
    const saved = new Map(process.fds);
    process.fds.clear();
    for (const [number, file] of fds) process.fds.set(number, file);
    try {
      return await body();
    } finally {
      await process.flush().finally(async () => {
        for (const file of process.fds.values()) await file.put();
        process.fds.clear();
        for (const [number, file] of saved) process.fds.set(number, file);
      });
    }
  }

  async #redirectionFailed(error: unknown): Promise<number> {
    if (!(error instanceof RedirectionError)) throw error;
    await this.#shell.message(error.message);
    return 1;
  }

  async #compound(node: Exclude<CommandNode, SimpleCommandNode | CommandOf<"FunctionDef">>) {
    switch (node.type) {
      case "If":
        return await this.#if(node);
      case "For":
        return await this.#for(node);
      case "While":
        return await this.#while(node, true);
      case "Until":
        return await this.#while(node, false);
      case "Case":
        return await this.#case(node);
      case "Group":
        return await this.statements(node.body);
      case "Subshell": {
        const child = this.#shell.fork();
        return await child.subshell(() => child.executor.statements(node.body));
      }
      default:
        await this.#shell.message(`syntax error: ${node.type} is not known here`);
        throw new ExitStatus(STATUS_USAGE);
    }
  }

  async #condition(statements: readonly StatementNode[]): Promise<boolean> {
    this.#tested++;
    try {
      return await this.statements(statements) === 0;
    } finally {
      this.#tested--;
    }
  }

  async #if({ clauses, elseBody }: CommandOf<"If">): Promise<number> {
    for (const { condition, body } of clauses) {
      if (await this.#condition(condition)) return await this.statements(body);
    }
    return elseBody === null ? 0 : await this.statements(elseBody);
  }

  async #for({ variable, words, body }: CommandOf<"For">): Promise<number> {
    const shell = this.#shell;
    const values = words === null
      ? shell.positional
      : await this.#expanded(() => shell.expander.fields(words));
    let status = 0;
    for (const value of values) {
      shell.set(variable, value);
      const next = await this.#iteration(() => this.statements(body));
      if (next.status !== undefined) status = next.status;
      if (next.stop) break;
    }
    return status;
  }

  async #while({ condition, body }: CommandOf<"While"> | CommandOf<"Until">, wanted: boolean) {
    let status = 0;
    for (;;) {
      const next = await this.#iteration(async () => {
        if (await this.#condition(condition) !== wanted) return undefined;
        return await this.statements(body);
      });
      if (next.stop) break;
      if (next.status !== undefined) status = next.status;
      else if (!next.continued) break;
    }
    return status;
  }

  /** Runs a loop's body once and takes `break` and `continue` that mean this loop. */
  async #iteration(body: () => Promise<number | undefined>) {
    this.#loops++;
    try {
      return { status: await body(), stop: false, continued: false };
    } catch (error) {
      if (!(error instanceof BreakLoop || error instanceof ContinueLoop)) throw error;
      if (error.levels > 1 && this.#loops > 1) {
        error.levels--;
        throw error;
      }
      return { status: 0, stop: error instanceof BreakLoop, continued: true };
    } finally {
      this.#loops--;
    }
  }

  async #case({ word, items }: CommandOf<"Case">): Promise<number> {
    const shell = this.#shell;
    const text = await this.#expanded(() => shell.expander.text(word));
    for (const { patterns, body } of items) {
      for (const pattern of patterns) {
        const expanded = await this.#expanded(() => shell.expander.pattern(pattern));
        if (matchPattern(expanded, text)) return await this.statements(body);
      }
    }
    return 0;
  }

  /** An expansion that fails ends the script. */
  async #expanded<T>(body: () => Promise<T>): Promise<T> {
    try {
      return await body();
    } catch (error) {
      if (!(error instanceof ExpansionError || error instanceof ReadonlyError)) throw error;
      await this.#shell.message(error.message);
      throw new ExitStatus(STATUS_USAGE);
    }
  }

  async #simple(node: SimpleCommandNode): Promise<number> {
    const shell = this.#shell;
    if (node.line !== undefined && node.line > 0) {
      shell.line = shell.init.file ? node.line : node.line - 1;
    }
    const words = node.name === null ? node.args : [node.name, ...node.args];
    const args = await this.#expanded(() => shell.expander.fields(words));
    if (args.length === 0) return await this.#assignOnly(node, words.some(hasCommand));
    if (shell.options.has("x")) await shell.process.err(`+ ${args.join(" ")}\n`);
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
    return node.redirections.length === 0 ? body() : this.#withRedirections(
      node.redirections,
      body,
    );
  }

  async #assignOnly(node: SimpleCommandNode, substituted: boolean): Promise<number> {
    for (const assignment of node.assignments) await this.#assign(assignment);
    const commands = substituted || node.assignments.some(({ value }) => hasCommand(value));
    const status = commands ? this.#shell.status : 0;
    if (node.redirections.length === 0) return status;
    return await this.#withRedirections(node.redirections, async () => status);
  }

  async #assign({ name, value, append }: AssignmentNode): Promise<undefined> {
    const shell = this.#shell;
    await this.#expanded(async () => {
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
    const status = await this.#withRedirections(node.redirections, () => {
      worked = true;
      return this.#builtin(args);
    });
    if (!worked) throw new ExitStatus(status);
    shell.status = status;
    return status;
  }

  async #exec(node: SimpleCommandNode, args: string[]): Promise<number> {
    const { process } = this.#shell;
    let fds;
    try {
      fds = await redirected(this.#shell, node.redirections);
    } catch (error) {
      throw new ExitStatus(await this.#redirectionFailed(error));
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
    this.#replace = false;
    try {
      const status = await (BUILTINS.get(args[0]) as NonNullable<ReturnType<typeof BUILTINS.get>>)(
        shell,
        args,
      );
      return await flushed(shell) ? status : 1;
    } catch (error) {
      if (!(error instanceof UsageError || error instanceof ReadonlyError)) throw error;
      await shell.message(error.message);
      if (SPECIAL_BUILTINS.has(args[0])) throw new ExitStatus(STATUS_USAGE);
      return STATUS_USAGE;
    } finally {
      shell.commandName = outer;
    }
  }

  async #call(body: CommandNode, args: string[]): Promise<number> {
    const shell = this.#shell;
    if (++this.#depth > DEPTH_MAX) {
      await shell.message("maximum recursion depth exceeded");
      throw new ExitStatus(STATUS_USAGE);
    }
    const positional = shell.positional;
    const loops = this.#loops;
    this.#replace = false;
    this.#loops = 0;
    shell.positional = args.slice(1);
    shell.locals.push(new Map());
    try {
      return await this.command(body);
    } catch (error) {
      if (error instanceof ReturnFrom) return error.status;
      throw error;
    } finally {
      for (const [name, variable] of shell.locals.pop() ?? []) {
        if (variable === undefined) shell.vars.delete(name);
        else shell.vars.set(name, variable);
      }
      shell.positional = positional;
      this.#loops = loops;
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
        return await this.#redirectionFailed(error);
      }
      const found = findProgram(shell, args[0]);
      const { cwd } = shell.process;
      const process = new Process(shell.os, { args, env: shell.environment(), fds, cwd });
      if ("program" in found) {
        if (this.#replace) return await runProgram(process, found.program);
        return await this.#waitForeground(startProgram(process, found.program));
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

/** What this shell says about a script that cannot be parsed. */
function syntaxMessage(error: Error): string {
  if (/unexpected EOF|unterminated/i.test(error.message)) {
    const quote = /matching `(.)'/.exec(error.message)?.[1];
    return quote === undefined
      ? "syntax error: unexpected end of file"
      : "syntax error: unterminated quoted string";
  }
  const token = /near unexpected token `([^']*)'/.exec(error.message)?.[1];
  if (token === undefined || token === "EOF" || token === "newline") {
    return `syntax error: unexpected ${token === "newline" ? "newline" : "end of file"}`;
  }
  return `syntax error: unexpected "${token}"`;
}
