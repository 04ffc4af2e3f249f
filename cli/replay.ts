/**
 * The verb `replay`.
 *
 * @module
 */
import { parseArgs } from "@std/cli/parse-args";
import { ReplayIdError } from "../lab/explore/replay_id.ts";
import { replay } from "../lab/order.ts";
import { explainGuestError, MACHINE_HELP, warnUnmodelled } from "./guest_options.ts";
import { ORDER_HELP, ORDER_STRINGS, scenarioOf } from "./order_options.ts";
import { printHelp, UsageError, type Verb, writeAll } from "./verb.ts";

const HELP = `paraguest replay: boot once more in an order that paraguest order found

usage: paraguest replay ID [OPTION...] [-- QEMU_OPTION...]

Prints the kernel log. ID and options are those that paraguest order printed; the same
ID gives the same log, byte for byte, on every machine.

options:
  --steps               print the order of the steps instead of the log
${ORDER_HELP}  --help                say this

${MACHINE_HELP}`;

const OPTIONS = {
  string: [...ORDER_STRINGS],
  boolean: ["steps", "help"],
  collect: ["vary"],
  alias: { h: "help" },
  "--": true,
  unknown: (arg: string) => {
    if (!arg.startsWith("-")) return true;
    throw new UsageError(`replay: unknown option '${arg}'; see paraguest replay --help`);
  },
} as const;

async function run(words: readonly string[]): Promise<number> {
  const args = parseArgs([...words], OPTIONS);
  if (args.help) return printHelp(HELP);
  const [id, ...more] = args._.map(String);
  if (id === undefined || more.length > 0) {
    throw new UsageError("replay: one replay id is wanted; paraguest order prints them");
  }
  warnUnmodelled(args);
  const { log, steps } = await replay(await scenarioOf("replay", args), id);
  const text = args.steps ? steps.map((step) => `${step}\n`).join("") : log ?? "";
  writeAll(Deno.stdout, new TextEncoder().encode(text));
  return 0;
}

function explain(error: unknown): string | undefined {
  return error instanceof ReplayIdError ? error.message : explainGuestError(error);
}

/** `paraguest replay` */
export const VERB: Verb = { run, explain };
