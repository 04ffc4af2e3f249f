/**
 * Our compiler with dtc's words, without a process.
 *
 * @module
 */
import { runDtc } from "../cli/dtc.ts";
import { checksIn, type CompileOutcome } from "./dts_corpus.ts";

/** Runs `paraguest dtc` in a folder whose path ends in a slash, with `input` at its standard input. */
export function compile(
  words: readonly string[],
  folder: string,
  input: Uint8Array,
): CompileOutcome {
  const written: Uint8Array[] = [];
  const messages: string[] = [];
  const code = runDtc(words, {
    folder,
    isTerminal: false,
    stdin: () => input,
    stdout: (bytes) => {
      written.push(bytes.slice());
    },
    stderr: (line) => {
      messages.push(line);
    },
  });
  const output = new Uint8Array(written.reduce((length, bytes) => length + bytes.length, 0));
  let at = 0;
  for (const bytes of written) {
    output.set(bytes, at);
    at += bytes.length;
  }
  return { code, output, checks: checksIn(messages.join("\n")) };
}
