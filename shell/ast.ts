/**
 * The parser of `just-bash`, loaded when somebody uses a shell, and its tree's types.
 *
 * @module
 */
import type * as justBash from "just-bash";

/** A whole script. */
export type ScriptNode = justBash.ScriptNode;
/** Pipelines with `&&`, `||` between them. */
export type StatementNode = justBash.StatementNode;
/** Commands with `|` between them. */
export type PipelineNode = justBash.PipelineNode;
/** Any command. */
export type CommandNode = justBash.CommandNode;
/** A command with words and redirections. */
export type SimpleCommandNode = justBash.SimpleCommandNode;
/** One word before expansion. */
export type WordNode = justBash.WordNode;
/** A part of a word. */
export type WordPart = WordNode["parts"][number];
/** An assignment before or without a command. */
export type AssignmentNode = SimpleCommandNode["assignments"][number];
/** `> file` and the like. */
export type RedirectionNode = SimpleCommandNode["redirections"][number];
/** A loop, condition, group or function. */
export type CompoundNode = Exclude<CommandNode, SimpleCommandNode>;
/** One kind of command by its type. */
export type CommandOf<T extends CommandNode["type"]> = Extract<CommandNode, { type: T }>;
/** One kind of word part by its type. */
export type PartOf<T extends WordPart["type"]> = Extract<WordPart, { type: T }>;
/** What `${ }` does with a parameter. */
export type Operation = NonNullable<PartOf<"ParameterExpansion">["operation"]>;
/** One kind of such an operation by its type. */
export type OperationOf<T extends Operation["type"]> = Extract<Operation, { type: T }>;
/** An expression of `$(( ))`. */
export type ArithmeticNode = PartOf<"ArithmeticExpansion">["expression"];
/** An expression of `[[ ]]`. */
export type ConditionNode = CommandOf<"ConditionalCommand">["expression"];

/** What is used of the library. */
export interface ShellLibrary {
  parse(script: string): ScriptNode;
  readonly Bash: typeof justBash.Bash;
}

/** Loads the library. */
export async function loadLibrary(): Promise<ShellLibrary> {
  return await import("just-bash");
}

/** A word that would be an assignment before a command, up to its equals sign. */
const ASSIGNMENT = /[A-Za-z_]\w*(?:\[[^\]]*\])?\+?(?==)/y;

/** The script with the equals sign at this place made an ordinary character; `undefined` where none is meant. */
function escapeAssignment(script: string, line: number, column: number): string | undefined {
  const start = script.split("\n").slice(0, line - 1).join("\n").length + (line > 1 ? 1 : 0);
  ASSIGNMENT.lastIndex = start + column - 1;
  if (!ASSIGNMENT.test(script)) return undefined;
  const at = ASSIGNMENT.lastIndex;
  return `${script.slice(0, at)}\\${script.slice(at)}`;
}

/**
 * Parses a script. The library takes `NAME=VALUE` for an assignment also where only a word can be, as in
 * `for x in a=1` and `case a=1 in`; there it gets to see an ordinary word.
 *
 * @throws {Error} When the syntax is wrong; it has `line` and `column`.
 */
export function parseScript(library: ShellLibrary, script: string): ScriptNode {
  let text = script;
  for (;;) {
    try {
      return library.parse(text);
    } catch (error) {
      const { line = 0, column = 0 } = error as Error & { line?: number; column?: number };
      const escaped = escapeAssignment(text, line, column);
      if (escaped === undefined) throw error;
      text = escaped;
    }
  }
}
