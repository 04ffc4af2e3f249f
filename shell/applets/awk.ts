/**
 * `awk`.
 *
 * @module
 */
import { AwkError } from "../awk/errors.ts";
import { Interpreter } from "../awk/interpreter.ts";
import { AwkSyntaxError, unescapeText } from "../awk/lexer.ts";
import { Parser } from "../awk/parser.ts";
import { ExitStatus, strerror } from "../errors.ts";
import type { Process } from "../process.ts";
import { parseOptions, showUsage } from "./options.ts";

async function programFile(process: Process, path: string): Promise<string> {
  try {
    return await process.readFile(path);
  } catch (error) {
    await process.complain(`can't open '${path}': ${strerror(error)}`);
    throw new ExitStatus(1);
  }
}

/** `awk [-F SEPARATOR] [-v NAME=VALUE]… [-f FILE]… [PROGRAM] [FILE]…` */
export async function awk(process: Process): Promise<number> {
  const options = await parseOptions(process, { letters: "F:v:f:e:", leading: true });
  const texts = [...options.all("e")];
  for (const path of options.all("f")) texts.push(await programFile(process, path));
  const operands = [...options.rest];
  if (texts.length === 0) {
    const program = operands.shift();
    if (program === undefined) {
      const usage = "[-F SEPARATOR] [-v NAME=VALUE]... [-f FILE]... PROGRAM [FILE]...";
      return await showUsage(process, usage);
    }
    texts.push(program);
  }
  try {
    const program = new Parser(texts.join("\n")).program();
    const interpreter = new Interpreter(program, process, operands);
    const separator = options.get("F");
    if (separator !== undefined) interpreter.assign("FS", unescapeText(separator));
    for (const assignment of options.all("v")) {
      const [name, value = ""] = assignment.split(/=(.*)/s);
      interpreter.assign(name, unescapeText(value));
    }
    return await interpreter.run();
  } catch (error) {
    if (!(error instanceof AwkSyntaxError || error instanceof AwkError)) throw error;
    await process.flush();
    await process.err(`awk: cmd. line:1: ${error.message}\n`);
    return 1;
  }
}
