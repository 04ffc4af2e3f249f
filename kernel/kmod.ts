/**
 * Which modules are loaded, in which order and with which options, when one is asked for: what user space
 * with kmod does with `modprobe.d` and with what modules say of themselves.
 *
 * kmod: libkmod-config.c, libkmod-module.c; modprobe.d(5)
 *
 * @module
 */
import { KernelError } from "./errors.ts";
import type { Kernel } from "./kernel.ts";
import { type ModuleImage, MODULES } from "./module.ts";
import { canonicalParamName, type Param } from "./params.ts";
import { matchPattern } from "./vfs/glob.ts";

/** Modules that should be loaded before and after another one if there are any. */
interface Softdep {
  readonly name: string;
  readonly pre: readonly string[];
  readonly post: readonly string[];
}

/** What the lines of `modprobe.d` say, in their order; names are patterns. */
export interface ModprobeConfig {
  readonly aliases: readonly (readonly [pattern: string, name: string])[];
  readonly blacklist: readonly string[];
  readonly installs: readonly (readonly [name: string, command: string])[];
  readonly options: readonly (readonly [name: string, text: string])[];
  readonly softdeps: readonly Softdep[];
}

/** One module that is loaded, or what is done instead. */
export interface ProbeStep {
  readonly image: ModuleImage;
  /** Its options, as `insmod` would get them. */
  readonly options: string;
  /** A command that stands for loading it. */
  readonly command: string | undefined;
  /** What was asked for needs it; a softdep that fails keeps nothing from being loaded. */
  readonly required: boolean;
}

/** `pre: a b post: c`; what comes before the first of the two words is nothing. kmod: softdep_to_char() */
function parseSoftdep(name: string, words: readonly string[]): Softdep {
  const lists: Record<string, string[]> = { "pre:": [], "post:": [] };
  let list: string[] | undefined;
  for (const word of words) {
    if (Object.hasOwn(lists, word)) list = lists[word];
    else list?.push(word);
  }
  return { name, pre: lists["pre:"], post: lists["post:"] };
}

/**
 * Reads lines of `modprobe.d`. Lines that begin with another word are passed over, as a newer program may know
 * them.
 *
 * kmod: kmod_config_parse()
 */
export function parseModprobeConfig(lines: readonly string[]): ModprobeConfig {
  const rows = lines.map((line) => line.trim().split(/\s+/));
  const of = (word: string, count: number) =>
    rows.filter((row) => row[0] === word && row.length >= count);
  const named = (word: string) =>
    of(word, 3).map(([, name, ...rest]) => [canonicalParamName(name), rest.join(" ")] as const);
  return {
    aliases: named("alias"),
    blacklist: of("blacklist", 2).map(([, name]) => canonicalParamName(name)),
    installs: named("install"),
    options: named("options"),
    softdeps: of("softdep", 3).map(([, name, ...words]) =>
      parseSoftdep(canonicalParamName(name), words)
    ),
  };
}

/** A module under the name by which it was found: under another name it is another one to kmod. */
interface Found {
  readonly as: string;
  readonly image: ModuleImage;
}

/** The modules that a name means: by an alias here, itself, or by what modules say. kmod: kmod_module_new_from_lookup() */
function lookup(kernel: Kernel, config: ModprobeConfig, wanted: string): Found[] {
  const { images } = kernel.get(MODULES);
  const name = canonicalParamName(wanted);
  const found = (image: ModuleImage): Found => ({ as: `${name}/${image.name}`, image });
  const aliased = config.aliases.filter(([pattern]) => matchPattern(pattern, name))
    .flatMap(([, target]) => images.get(canonicalParamName(target)) ?? []);
  if (aliased.length > 0) return aliased.map(found);
  const image = images.get(name);
  if (image !== undefined) return [{ as: name, image }];
  return [...images.values()].filter(({ aliases = [] }) =>
    aliases.some((alias) => matchPattern(alias, wanted))
  ).map(found);
}

/** Walks from a module to all that are to be loaded with it. kmod: kmod_module_get_probe_list() */
class ProbeList {
  readonly steps: ProbeStep[] = [];
  readonly #visited = new Set<string>();
  readonly #required = new Set<ModuleImage>();

  constructor(readonly kernel: Kernel, readonly config: ModprobeConfig) {}

  visit({ as, image }: Found, required: boolean): undefined {
    if (this.#visited.has(as)) return;
    this.#visited.add(as);
    const needed = this.kernel.get(MODULES).dependencies(image);
    if (required) { for (const each of [image, ...needed]) this.#required.add(each); }
    for (const each of [...needed, image]) this.#withSoftdeps(each);
  }

  /** kmod: __kmod_module_fill_softdep() */
  #withSoftdeps(image: ModuleImage): undefined {
    const { pre, post } = this.#softdep(image);
    this.#visitAll(pre);
    this.#add(image, pre.length + post.length > 0);
    this.#visitAll(post);
  }

  /** A module that is not there is passed over. */
  #visitAll(names: readonly string[]): undefined {
    for (const name of names) {
      for (const found of lookup(this.kernel, this.config, name)) this.visit(found, false);
    }
  }

  /** The first line that fits counts, and what the module says only without one. kmod: kmod_module_get_softdeps() */
  #softdep({ name, softdep }: ModuleImage): Softdep {
    const line = this.config.softdeps.find((each) => matchPattern(each.name, name));
    return line ?? parseSoftdep(name, softdep?.split(/\s+/) ?? []);
  }

  /** An `install` command would load the softdeps once more. */
  #add(image: ModuleImage, ownSoftdeps: boolean): undefined {
    const { installs, options } = this.config;
    const command = installs.find(([name]) => matchPattern(name, image.name))?.[1];
    const texts = options.filter(([name]) => name === image.name).map(([, text]) => text);
    this.steps.push({
      image,
      options: [...texts, ...this.kernel.params.forModule(image.name).map(word)].join(" "),
      command: ownSoftdeps ? undefined : command,
      required: this.#required.has(image),
    });
  }
}

function word({ name, value }: Param): string {
  return value === undefined ? name : `${name}=${value}`;
}

/**
 * What `modprobe` does for a module, in its order: what it needs, and before and after all of these their soft
 * dependencies. A module that comes twice is there already the second time.
 */
export function modprobeSteps(
  kernel: Kernel,
  config: ModprobeConfig,
  image: ModuleImage,
): readonly ProbeStep[] {
  const list = new ProbeList(kernel, config);
  list.visit({ as: image.name, image }, true);
  return list.steps;
}

/** Commands of `install` lines that need no shell: loading works without a module, or fails. */
const COMMANDS: Readonly<Record<string, boolean>> = {
  "/bin/true": true,
  "/usr/bin/true": true,
  true: true,
  "/bin/false": false,
  "/usr/bin/false": false,
  false: false,
};

/**
 * Loads modules in an order, each with all that belongs to it, as udev and systemd do: what is there already or
 * is blacklisted is passed over. The lines of `modprobe.d` are those of the kernel's ordering.
 *
 * @throws {KernelError} `ENOENT` for one that there is not, or what kept one from being loaded.
 */
export async function insertInOrder(kernel: Kernel, names: readonly string[]): Promise<undefined> {
  const waiting = names.map((name) => imageOf(kernel, name));
  const { choices, sched, ordering } = kernel;
  const config = parseModprobeConfig(ordering.modprobe ?? []);
  const blacklist = [...config.blacklist, ...cmdlineBlacklist(kernel)];
  while (waiting.length > 0) {
    const free = choices.candidates("module", waiting, ({ name }) => name);
    const at = choices.active ? await sched.decide("module", free.map(({ name }) => name)) : 0;
    const [image] = waiting.splice(waiting.indexOf(free[at]), 1);
    if (blacklist.includes(image.name)) continue;
    for (const step of modprobeSteps(kernel, config, image)) await takeStep(kernel, step);
  }
  sched.barrier("module", "end of the modules");
}

/** kmod: kmod_config_parse_kcmdline() */
function cmdlineBlacklist({ params }: Kernel): string[] {
  return params.getAll("modprobe.blacklist").flatMap((names) => names.split(","))
    .map(canonicalParamName);
}

function imageOf(kernel: Kernel, name: string): ModuleImage {
  const image = kernel.get(MODULES).images.get(canonicalParamName(name));
  if (image === undefined) throw new KernelError("ENOENT", `${name}: there is no such module`);
  return image;
}

async function takeStep(
  kernel: Kernel,
  { image, options, command, required }: ProbeStep,
): Promise<undefined> {
  const modules = kernel.get(MODULES);
  kernel.access?.("module", image.name, "read");
  if (modules.present.has(image.name)) return;
  try {
    if (command === undefined) await modules.insert(image, options);
    else runCommand(image, command);
  } catch (error) {
    if (required || !(error instanceof KernelError)) throw error;
  }
}

/** @throws {KernelError} When the command fails, or when it is one that only a shell could run. */
function runCommand({ name }: ModuleImage, command: string): undefined {
  if (!Object.hasOwn(COMMANDS, command)) {
    const known = "only true and false can stand for a module here";
    throw new KernelError("ENOSYS", `${name}: install command '${command}' is not run: ${known}`);
  }
  if (!COMMANDS[command]) throw new KernelError("EINVAL", `${name}: its install command fails`);
}
