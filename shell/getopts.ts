/**
 * `getopts`.
 *
 * POSIX.1-2017, getopts
 *
 * @module
 */
import { UsageError } from "./control.ts";
import type { Shell } from "./shell.ts";

/** What became of one letter. */
interface Found {
  /** What the variable becomes: the letter, `?` or `:`. */
  readonly letter: string;
  /** What belongs to it: nothing else, the rest of its word, or the next word too. */
  readonly taken: "letter" | "word" | "next";
  readonly value?: string;
  readonly complaint?: string;
}

/** Looks at the first letter of `rest`; a value may follow it, or be the next word. */
function look(letters: string, rest: string, next: string | undefined): Found {
  const silent = letters.startsWith(":");
  const letter = rest[0];
  const wrong = (code: string, complaint: string, taken: Found["taken"]): Found =>
    silent ? { letter: code, value: letter, taken } : { letter: "?", complaint, taken };
  const at = letter === ":" ? -1 : letters.indexOf(letter, silent ? 1 : 0);
  if (at < 0) return wrong("?", `Illegal option -${letter}`, "letter");
  if (letters[at + 1] !== ":") return { letter, taken: "letter" };
  if (rest.length > 1) return { letter, value: rest.slice(1), taken: "word" };
  if (next !== undefined) return { letter, value: next, taken: "next" };
  return wrong(":", `No arg for -${letter} option`, "word");
}

/** `getopts LETTERS NAME [WORD…]`: the next option of the words, by default of the positional parameters. */
export async function getopts(shell: Shell, args: string[]): Promise<number> {
  const [, letters, name, ...given] = args;
  if (name === undefined) throw new UsageError("usage: getopts optstring var [arg]");
  const words = given.length > 0 ? given : shell.positional;
  let index = Number(shell.get("OPTIND")) || 1;
  // A script that sets OPTIND starts anew.
  let { rest } = shell.option.index === index ? shell.option : { rest: "" };
  const keep = (): undefined => {
    shell.option = { index, rest };
    shell.set("OPTIND", `${index}`);
  };
  if (rest === "") {
    const word = words[index - 1] ?? "";
    if (word === "--") index++;
    if (word[0] !== "-" || word === "-" || word === "--") {
      keep();
      shell.set(name, "?");
      return 1;
    }
    index++;
    rest = word.slice(1);
  }
  const { letter, value, complaint, taken } = look(letters, rest, words[index - 1]);
  if (taken === "next") index++;
  rest = taken === "letter" ? rest.slice(1) : "";
  keep();
  if (complaint !== undefined) await shell.process.err(`${complaint}\n`);
  if (value === undefined) shell.vars.delete("OPTARG");
  else shell.set("OPTARG", value);
  shell.set(name, letter);
  return 0;
}
