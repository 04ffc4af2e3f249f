/**
 * Runs the tree of a script.
 *
 * POSIX.1-2017, 2.9
 *
 * @module
 */
import { matchPattern } from "../kernel/vfs/glob.ts";
import { makePipe } from "../kernel/vfs/pipe.ts";
import {
  type CommandNode,
  type CommandOf,
  type ConditionNode,
  parseScript,
  type PipelineNode,
  type ScriptNode,
  type SimpleCommandNode,
  type StatementNode,
  type WordNode,
} from "./ast.ts";
import { BreakLoop, ContinueLoop } from "./control.ts";
import { ExitStatus, ScriptAborted } from "./errors.ts";
import { runTraps } from "./jobs.ts";
import { type Job, startProgram } from "./process.ts";
import type { CommandRunner, Shell } from "./shell.ts";
import { SimpleCommands } from "./simple_command.ts";
import { expanded, STATUS_USAGE, waitForeground, withRedirections } from "./steps.ts";

/** Runs commands for one shell. */
export class Executor implements CommandRunner {
  readonly #shell: Shell;
  /** Depth of places where a failure is an answer: conditions, `!`, left of `&&` and `||`. */
  #tested = 0;
  #loops = 0;

  readonly #commands: SimpleCommands;

  constructor(shell: Shell) {
    this.#shell = shell;
    this.#commands = new SimpleCommands(shell);
  }

  /** A loop is running, which `break` would leave. */
  get inLoop(): boolean {
    return this.#loops > 0;
  }

  /** Runs the body of a function, in which no loop of the caller can be left. */
  async functionBody(body: CommandNode): Promise<number> {
    const loops = this.#loops;
    this.#loops = 0;
    try {
      return await this.command(body);
    } finally {
      this.#loops = loops;
    }
  }

  /** Runs a builtin or program with these arguments, past functions. */
  runArgs(args: string[]): Promise<number> {
    return this.#commands.runArgs(args);
  }

  /** Parses and runs a script. Gives its status. */
  async run(script: string): Promise<number> {
    let tree: ScriptNode;
    try {
      tree = parseScript(this.#shell.tools.library, script);
    } catch (error) {
      await this.#shell.message(syntaxMessage(error as Error));
      throw new ScriptAborted(STATUS_USAGE);
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
        throw new ScriptAborted(STATUS_USAGE);
      }
      status = shell.status = statement.background
        ? await this.#background(statement)
        : await this.#andOr(statement);
      if (shell.caught.length > 0) await runTraps(shell);
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

  /** `time`: how long a pipeline takes, in the guest's time. */
  async #timed(pipeline: PipelineNode): Promise<number> {
    const { clock } = this.#shell.os.kernel;
    const start = clock.nowNs;
    const status = await this.#pipeline({ ...pipeline, timed: false });
    const seconds = (clock.nowNs - start) / 1e9;
    const show = (s: number) => `${Math.floor(s / 60)}m ${(s % 60).toFixed(2)}s`;
    await this.#shell.process.err(`real\t${show(seconds)}\nuser\t${show(0)}\nsys\t${show(0)}\n`);
    return status;
  }

  async #pipeline(pipeline: PipelineNode): Promise<number> {
    if (pipeline.timed) return await this.#timed(pipeline);
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
    for (const job of jobs) {
      const ended = await waitForeground(job, this.#shell.process.fds.get(2));
      if (ended !== 0 || !this.#shell.options.has("pipefail")) status = ended;
    }
    return status;
  }

  /** Runs the only command of a process: a program takes the shell's place. */
  async only(node: CommandNode): Promise<number> {
    if (node.type === "SimpleCommand") this.#commands.replace = true;
    return await this.command(node);
  }

  /** Runs one command of any kind. */
  async command(node: CommandNode): Promise<number> {
    const signal = this.#shell.os.kernel.sched.current?.signal;
    if (signal !== undefined) throw signal;
    if (node.type === "SimpleCommand") return await this.#commands.run(node);
    if (node.type === "FunctionDef") {
      this.#shell.functions.set(node.name, node.body);
      return 0;
    }
    if (node.redirections.length === 0) return await this.#compound(node);
    return await withRedirections(this.#shell, node.redirections, () => this.#compound(node));
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
      case "ConditionalCommand": {
        const words = await expanded(
          this.#shell,
          () => conditionArgs(node.expression, this.#shell),
        );
        return await this.#commands.runArgs(["[[", ...words, "]]"]);
      }
      case "ArithmeticCommand":
        // Two parentheses are two subshells here.
        return await this.#nested(node.expression.originalText ?? "");
      default:
        await this.#shell.message("syntax error: bad for loop variable");
        throw new ScriptAborted(STATUS_USAGE);
    }
  }

  async #nested(script: string): Promise<number> {
    const child = this.#shell.fork();
    return await child.subshell(() => child.executor.run(script));
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
      : await expanded(shell, () => shell.expander.fields(words));
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
    const text = await expanded(shell, () => shell.expander.text(word));
    for (const { patterns, body } of items) {
      for (const pattern of patterns) {
        const glob = await expanded(shell, () => shell.expander.pattern(pattern));
        if (matchPattern(glob, text)) return await this.statements(body);
      }
    }
    return 0;
  }
}

const words = (shell: Shell, word: WordNode) => shell.expander.fields([word]);

/** The words of `[[ ]]` as `test` takes them. */
async function conditionArgs(node: ConditionNode, shell: Shell): Promise<string[]> {
  switch (node.type) {
    case "CondBinary":
      return [...await words(shell, node.left), node.operator, ...await words(shell, node.right)];
    case "CondUnary":
      return [node.operator, ...await words(shell, node.operand)];
    case "CondWord":
      return await words(shell, node.word);
    case "CondNot":
      return ["!", ...await conditionArgs(node.operand, shell)];
    case "CondGroup":
      return ["(", ...await conditionArgs(node.expression, shell), ")"];
    case "CondAnd":
    case "CondOr": {
      const operator = node.type === "CondAnd" ? "-a" : "-o";
      const left = await conditionArgs(node.left, shell);
      return [...left, operator, ...await conditionArgs(node.right, shell)];
    }
  }
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
