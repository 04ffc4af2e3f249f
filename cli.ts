/**
 * The command `paraguest`.
 *
 * @module
 */
import { printHelp, UsageError, type Verb } from "./cli/verb.ts";

/**
 * The verbs: what `help` says of each, and where it is. Not as `import("./cli/boot.ts")`, of which Deno would
 * read all that it imports, 500 files, whatever the verb is: a quarter of the time that a small tree takes.
 */
const VERBS: Readonly<Record<string, { readonly summary: string; readonly file: string }>> = {
  boot: {
    summary: "boot a machine and run a script or a shell in its guest",
    file: "./cli/boot.ts",
  },
  bootchart: {
    summary: "draw how a kernel started, or compare two starts",
    file: "./cli/bootchart.ts",
  },
  dt: {
    summary: "look into device trees: why a node is not a device, what differs",
    file: "./cli/dt.ts",
  },
  dtc: {
    summary: "compile device trees, with dtc's options, bytes and exit codes",
    file: "./cli/dtc.ts",
  },
  fdtoverlay: {
    summary: "merge overlays into a device tree blob",
    file: "./cli/fdtoverlay.ts",
  },
  explain: {
    summary: "say why a device has its driver, or none",
    file: "./cli/explain.ts",
  },
  order: {
    summary: "boot in every order that could make a difference",
    file: "./cli/order.ts",
  },
  replay: {
    summary: "boot once more in an order that was found",
    file: "./cli/replay.ts",
  },
};

function help(): string {
  const lines = Object.entries(VERBS).map(([name, { summary }]) =>
    `  ${name.padEnd(10)} ${summary}`
  );
  return `paraguest: a guest kernel in a script

usage: paraguest VERB [OPTION...]

verbs:
${lines.join("\n")}
  help       say this

Each verb explains itself with --help.
`;
}

async function runVerb(name: string, words: readonly string[]): Promise<number> {
  if (!Object.hasOwn(VERBS, name)) {
    throw new UsageError(`unknown verb '${name}'; see paraguest help`);
  }
  const { file } = VERBS[name];
  const { VERB }: { VERB: Verb } = await import(file);
  try {
    return await VERB.run(words);
  } catch (error) {
    const why = VERB.explain(error);
    if (why === undefined) throw error;
    console.error(`paraguest: ${why}`);
    return 1;
  }
}

/** Files that are not there, full disks and the like. */
function isHostError(error: unknown): error is Error {
  return error instanceof Error && /\(os error \d+\)/.test(error.message);
}

/**
 * Runs one command line and resolves to its exit code: 0 fine, 2 for a command line that cannot be
 * followed, 1 for what failed later, or what the verb ended with.
 */
export async function main(words: readonly string[]): Promise<number> {
  const [verb, ...rest] = words;
  if (verb === undefined || verb === "help" || verb === "--help" || verb === "-h") {
    printHelp(help());
    return verb === undefined ? 2 : 0;
  }
  try {
    return await runVerb(verb, rest);
  } catch (error) {
    if (!(error instanceof UsageError) && !isHostError(error)) throw error;
    console.error(`paraguest: ${error.message}`);
    return error instanceof UsageError ? 2 : 1;
  }
}

if (import.meta.main) Deno.exit(await main(Deno.args));
