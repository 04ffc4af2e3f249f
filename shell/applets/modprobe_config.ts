/**
 * What busybox's modprobe reads beside its command line: `modprobe.conf`, `modprobe.d`, the kernel's command
 * line. It knows no softdeps and no install commands.
 *
 * @module
 */
import { canonicalParamName } from "../../kernel/params.ts";
import type { Process } from "../process.ts";

/** What the lines say. */
export class ModprobeConfig {
  /** Names that stand for modules, newest first. */
  readonly aliases: (readonly [pattern: string, name: string])[] = [];
  /** Modules that are loaded under their own names only. */
  readonly blacklist = new Set<string>();
  readonly #options = new Map<string, string[]>();

  /** A line with at least two words, and what is behind them. */
  add([keyword, name, ...rest]: readonly string[]): undefined {
    const module = canonicalParamName(name);
    if (keyword === "blacklist") this.blacklist.add(module);
    else if (keyword === "alias" && rest.length > 0) {
      this.aliases.unshift([name, canonicalParamName(rest[0])]);
    } else if (keyword === "options" && rest.length > 0) this.addOptions(module, rest.join(" "));
  }

  addOptions(module: string, text: string): undefined {
    this.#options.set(module, [...this.#options.get(module) ?? [], text]);
  }

  /** Options of a module, the first ones first. */
  optionsOf(module: string): string {
    return this.#options.get(module)?.join(" ") ?? "";
  }
}

/** Lines with the number of their last part: a backslash at the end goes on, `#` starts a comment. */
function linesOf(text: string): [number: number, words: string[]][] {
  const lines: [number, string[]][] = [];
  let held = "";
  text.split("\n").forEach((part, at) => {
    if (part.endsWith("\\")) {
      held += part.slice(0, -1);
      return;
    }
    const words = `${held}${part}`.replace(/#.*/, "").trim().split(/\s+/).filter(Boolean);
    if (words.length > 0) lines.push([at + 1, words]);
    held = "";
  });
  return lines;
}

async function addFile(
  process: Process,
  config: ModprobeConfig,
  path: string,
): Promise<undefined> {
  if (process.tryStat(path)?.kind !== "file") return;
  for (const [number, words] of linesOf(await process.readFile(path))) {
    if (words.length > 1) config.add(words);
    else await process.complain(`bad line ${number}: 1 tokens found, 2 needed`);
  }
}

/** Names with a `-` do not count there, nor do words without a value. */
async function addCmdline(process: Process, config: ModprobeConfig): Promise<undefined> {
  for (const word of (await process.readFile("/proc/cmdline")).split(/\s+/)) {
    const [, module, option] = /^([^.=]+)\.(.+=.*)$/.exec(word) ?? [];
    if (module !== undefined) config.addOptions(module, option);
  }
}

/** Reads everything. Lines that cannot be read are complained about. */
export async function readModprobeConfig(process: Process): Promise<ModprobeConfig> {
  const config = new ModprobeConfig();
  await addFile(process, config, "/etc/modprobe.conf");
  const folder = "/etc/modprobe.d";
  if (process.tryStat(folder)?.kind === "dir") {
    const names = process.vfs.readdir(folder, process.cwd);
    for (const name of names.filter((each) => each.endsWith(".conf"))) {
      await addFile(process, config, `${folder}/${name}`);
    }
  }
  if (process.tryStat("/proc/cmdline") !== undefined) await addCmdline(process, config);
  return config;
}
