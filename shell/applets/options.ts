import { ExitStatus } from "../errors.ts";
import type { Process } from "../process.ts";

/** Options of a program by letter: the value, or an empty string. A repeated option keeps all values. */
export interface Options {
  has(letter: string): boolean;
  /** The last value. */
  get(letter: string): string | undefined;
  all(letter: string): readonly string[];
  /** What is not an option. */
  readonly rest: string[];
}

/** How options are written. */
export interface OptionSpec {
  /** Letters; one with `:` behind it takes a value. */
  readonly letters: string;
  /** Long names with the letters that they mean. */
  readonly long?: Readonly<Record<string, string>>;
  /** Options end at the first other argument. */
  readonly leading?: boolean;
}

class Parsed implements Options {
  readonly values = new Map<string, string[]>();
  readonly rest: string[] = [];

  add(letter: string, value: string): undefined {
    const known = this.values.get(letter);
    if (known === undefined) this.values.set(letter, [value]);
    else known.push(value);
  }

  has(letter: string): boolean {
    return this.values.has(letter);
  }

  get(letter: string): string | undefined {
    return this.values.get(letter)?.at(-1);
  }

  all(letter: string): readonly string[] {
    return this.values.get(letter) ?? [];
  }
}

async function refuse(process: Process, text: string): Promise<never> {
  await process.complain(text);
  throw new ExitStatus(1);
}

/** What busybox says before how a program is used. */
const BANNER = "BusyBox v1.35.0 (Debian 1:1.35.0-4+deb12u1+b1) multi-call binary.\n\n";

/** Says how a program is used, and ends it. */
export async function showUsage(process: Process, usage: string, status = 1): Promise<never> {
  await process.err(`${BANNER}Usage: ${process.name} ${usage}\n`);
  throw new ExitStatus(status);
}

/** Reads a program's options as `getopt()` does; a wrong one ends the program. */
export async function parseOptions(process: Process, spec: OptionSpec): Promise<Options> {
  const parsed = new Parsed();
  const args = process.args.slice(1);
  while (args.length > 0) {
    const arg = args.shift() as string;
    if (arg === "--") {
      parsed.rest.push(...args.splice(0));
    } else if (arg.startsWith("--") && spec.long !== undefined) {
      const [name, value] = arg.slice(2).split(/=(.*)/s);
      const letter = spec.long[name];
      if (letter === undefined) await refuse(process, `unrecognized option '${arg}'`);
      const takes = spec.letters.includes(`${letter}:`);
      parsed.add(letter, takes ? value ?? args.shift() ?? "" : "");
    } else if (arg.startsWith("-") && arg !== "-") {
      await letters(process, spec, arg.slice(1), args, parsed);
    } else {
      parsed.rest.push(arg);
      if (spec.leading) parsed.rest.push(...args.splice(0));
    }
  }
  return parsed;
}

async function letters(
  process: Process,
  spec: OptionSpec,
  cluster: string,
  args: string[],
  parsed: Parsed,
): Promise<undefined> {
  for (let at = 0; at < cluster.length; at++) {
    const letter = cluster[at];
    const known = spec.letters.indexOf(letter);
    if (known < 0 || letter === ":") await refuse(process, `invalid option -- '${letter}'`);
    if (spec.letters[known + 1] !== ":") {
      parsed.add(letter, "");
      continue;
    }
    const attached = cluster.slice(at + 1);
    const value = attached === "" ? args.shift() : attached;
    if (value === undefined) {
      await refuse(process, `option requires an argument -- '${letter}'`);
    }
    parsed.add(letter, value as string);
    return;
  }
}

const SUFFIXES: Readonly<Record<string, number>> = {
  c: 1,
  w: 2,
  b: 512,
  k: 1024,
  kB: 1000,
  K: 1024,
  m: 1 << 20,
  M: 1 << 20,
  MB: 1e6,
  G: 1 << 30,
  GB: 1e9,
};

/** A number with a unit such as `4k`; a wrong one ends the program. */
export async function parseSize(process: Process, text: string): Promise<number> {
  const match = /^(0x[0-9a-fA-F]+|\d+)([a-zA-Z]*)$/.exec(text);
  const factor = match === null || match[2] === "" ? 1 : SUFFIXES[match[2]];
  if (match === null || factor === undefined) {
    return await refuse(process, `invalid number '${text}'`);
  }
  return Number(match[1]) * factor;
}
