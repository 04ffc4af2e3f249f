/**
 * What the verbs about orders have in common: the words that say what is explored.
 *
 * @module
 */
import { type BootScenario, bootScenario } from "../lab/boot_scenario.ts";
import { ViewError } from "../lab/explore/scenario.ts";
import { namedFreedom, VARY_WORDS, VaryError, varyOf } from "../lab/vary.ts";
import { VIEWS } from "../lab/views.ts";
import { embeddedModel } from "../vm/machines.ts";
import {
  type Args,
  checkGuestArgs,
  GUEST_HELP,
  GUEST_STRINGS,
  kernelOf,
  machineArgs,
  readTree,
} from "./guest_options.ts";
import { UsageError } from "./verb.ts";

function listed(things: Readonly<Record<string, { readonly summary: string }>>): string {
  return Object.entries(things).map(([name, { summary }]) =>
    `                          ${name.padEnd(11)} ${summary}\n`
  ).join("");
}

/** What the verbs say of these options. */
export const ORDER_HELP =
  `  --vary WHAT           what may go another way; several with commas, or given again
                        (default: initcalls):
${
    listed(VARY_WORDS)
  }                        WHAT=NAME,... lets only those go anywhere (slots: change
                        places); the others keep their order
  --only NAME,...       only the code with these initcalls is there, beside the core
${GUEST_HELP}`;

/** What `order` says of views. */
export const VIEW_HELP =
  `  --view VIEW,...       who looks at the end (default: bindings,names,errors):
${listed(VIEWS)}`;

/** The options, for `parseArgs()`; `vary` is one to collect. */
export const ORDER_STRINGS = [...GUEST_STRINGS, "vary", "only"] as const;

/** The devices of a machine, counted: `"2 virtio-blk-device, virtio-net-device"`. */
function machineName(words: readonly string[]): string {
  const counts = new Map<string, number>();
  words.forEach((word, i) => {
    if (words[i - 1] !== "-device") return;
    const [driver] = word.split(",");
    counts.set(driver, (counts.get(driver) ?? 0) + 1);
  });
  const texts = [...counts].map(([driver, count]) => count === 1 ? driver : `${count} ${driver}`);
  return texts.length === 0 ? "a machine without devices" : `a machine with ${texts.join(", ")}`;
}

/** `initcalls,slots` is two words, `slots=a,b` is one. */
function varyWords(args: Args): string[] {
  const words: string[] = args.vary.flatMap((word: string) =>
    word.includes("=") ? [word] : word.split(",")
  );
  return words.length === 0 ? ["initcalls"] : words;
}

/**
 * The scenario that the words describe.
 *
 * @throws {UsageError} When one of them cannot be followed.
 */
export async function scenarioOf(verb: string, args: Args): Promise<BootScenario> {
  checkGuestArgs(verb, args, ORDER_STRINGS);
  const dtb = await readTree(args);
  const model = embeddedModel(machineArgs(args), dtb === undefined ? {} : { dtb });
  const only = args.only?.split(",");
  try {
    return bootScenario(model, {
      name: machineName(args["--"]),
      ...await kernelOf(verb, args),
      vary: varyOf(varyWords(args)),
      ...only === undefined ? {} : { only },
      ...args.view === undefined ? {} : { views: args.view.split(",") },
    });
  } catch (error) {
    if (error instanceof ViewError || error instanceof VaryError) {
      throw new UsageError(`${verb}: ${error.message}`);
    }
    throw error;
  }
}

/** What varies, in words: the second line of what is told. */
export function varyText(args: Args): string {
  const texts = varyWords(args).map((word) => {
    const [what, names] = word.split("=");
    return names === undefined ? VARY_WORDS[what].summary : namedFreedom(what, names);
  });
  return texts.join("; ");
}

/** The words behind `order` that describe the scenario; views are no part of it. */
export function scenarioWords(args: Args): string[] {
  const words: string[] = args.vary.flatMap((vary: string) => ["--vary", vary]);
  for (const name of ORDER_STRINGS) {
    if (name !== "vary" && args[name] !== undefined) words.push(`--${name}`, args[name]);
  }
  return args["--"].length === 0 ? words : [...words, "--", ...args["--"]];
}

/** Words as a shell wants them. */
export function shellWords(words: readonly string[]): string {
  return words.map((word) =>
    /^[\w.,:=/@%+-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`
  ).join(" ");
}
