/**
 * `ls`.
 *
 * @module
 */
import { KernelError } from "../../kernel/errors.ts";
import { compareBytes } from "../../kernel/vfs/order.ts";
import type { Stat } from "../../kernel/vfs/vfs.ts";
import { decodeText, encodeText } from "../bytes.ts";
import type { Process } from "../process.ts";
import { type Options, parseOptions } from "./options.ts";

/** Columns of a terminal that does not say its width, less the one that is left free. */
const TERMINAL_WIDTH = 79;
/** Blanks between columns. */
const GAP = 2;

/** A file with the name that is shown. */
interface Entry {
  readonly name: string;
  readonly path: string;
  readonly stat: Stat;
}

const TYPE_LETTERS = { dir: "d", file: "-", link: "l", char: "c", block: "b" } as const;

/** `drwxr-xr-x` */
export function modeText({ kind, mode }: Stat): string {
  const bits = [0o400, 0o200, 0o100, 0o40, 0o20, 0o10, 4, 2, 1];
  return TYPE_LETTERS[kind] + bits.map((bit, at) => mode & bit ? "rwx"[at % 3] : "-").join("");
}

class Listing {
  readonly #process: Process;
  readonly #options: Options;
  #first = true;
  status = 0;

  constructor(process: Process, options: Options) {
    this.#process = process;
    this.#options = options;
  }

  async #stat(name: string, path: string, follow: boolean): Promise<Entry | undefined> {
    try {
      return { name, path, stat: this.#process.stat(path, follow) };
    } catch (error) {
      await this.#process.perror(path, error);
      this.status = 1;
      return undefined;
    }
  }

  async arguments(paths: readonly string[]): Promise<undefined> {
    const options = this.#options;
    const follow = !(options.has("l") || options.has("i") || options.has("s") ||
      options.has("F")) || options.has("L") || options.has("H");
    const entries: Entry[] = [];
    for (const path of paths) {
      const entry = await this.#stat(path, path, follow && !options.has("d"));
      if (entry !== undefined) entries.push(entry);
    }
    this.#sort(entries);
    const isListed = ({ stat }: Entry) => stat.kind === "dir" && !options.has("d");
    const files = entries.filter((entry) => !isListed(entry));
    if (files.length > 0) {
      await this.#show(files);
      this.#first = false;
    }
    for (const entry of entries.filter(isListed)) {
      await this.#directory(entry, paths.length > 1 || options.has("R"));
    }
  }

  #sort(entries: Entry[]): undefined {
    entries.sort((a, b) => compareBytes(a.name, b.name));
    if (this.#options.has("S")) entries.sort((a, b) => b.stat.size - a.stat.size);
    if (this.#options.has("r")) entries.reverse();
  }

  async #directory({ path }: Entry, header: boolean): Promise<undefined> {
    const process = this.#process;
    const options = this.#options;
    let names: string[];
    try {
      names = process.vfs.readdir(decodeText(path), process.cwd).map(encodeText);
    } catch (error) {
      if (!(error instanceof KernelError)) throw error;
      await process.perror(path, error);
      this.status = 1;
      return;
    }
    if (header) {
      await process.out(`${this.#first ? "" : "\n"}${path}:\n`);
      this.#first = false;
    }
    if (options.has("a")) names.push(".", "..");
    else if (!options.has("A")) names = names.filter((name) => !name.startsWith("."));
    const entries: Entry[] = [];
    for (const name of names) {
      const entry = await this.#stat(name, `${path}/${name}`.replace("//", "/"), options.has("L"));
      if (entry !== undefined) entries.push(entry);
    }
    this.#sort(entries);
    if (options.has("l")) await process.out("total 0\n");
    await this.#show(entries);
    if (!options.has("R")) return;
    for (const entry of entries) {
      if (entry.stat.kind === "dir" && entry.name !== "." && entry.name !== "..") {
        await this.#directory(entry, true);
      }
    }
  }

  #suffix({ kind, mode }: Stat): string {
    const options = this.#options;
    if (!options.has("F") && !options.has("p")) return "";
    if (kind === "dir") return "/";
    if (!options.has("F")) return "";
    if (kind === "link") return "@";
    return kind === "file" && (mode & 0o111) !== 0 ? "*" : "";
  }

  async #show(entries: readonly Entry[]): Promise<undefined> {
    const process = this.#process;
    if (this.#options.has("l")) {
      for (const entry of entries) await process.out(this.#long(entry));
      return;
    }
    const cells = entries.map(({ name, stat }) => name + this.#suffix(stat));
    const columns = this.#columns(entries);
    const rows = Math.ceil(cells.length / columns);
    for (let row = 0; row < rows; row++) {
      let line = "";
      for (let column = 0; column < columns; column++) {
        const at = this.#options.has("x") ? row * columns + column : column * rows + row;
        if (at >= cells.length) continue;
        line = line.padEnd(column * this.#width(entries)) + cells[at];
      }
      await process.out(`${line}\n`);
    }
  }

  #width(entries: readonly Entry[]): number {
    return GAP + entries.reduce((width, { name }) => Math.max(width, name.length), 0);
  }

  /** Columns on a terminal, or with `-C`; otherwise one. */
  #columns(entries: readonly Entry[]): number {
    const options = this.#options;
    const terminal = this.#process.fds.get(1)?.tty ?? false;
    if (options.has("1") || !(terminal || options.has("C") || options.has("x"))) return 1;
    return Math.max(1, Math.floor(TERMINAL_WIDTH / this.#width(entries)));
  }

  #long({ name, path, stat }: Entry): string {
    const size = stat.kind === "char" || stat.kind === "block"
      ? `${`${stat.major}`.padStart(4)}, ${`${stat.minor}`.padStart(3)}`
      : `${stat.size}`.padStart(9);
    const target = stat.kind === "link"
      ? ` -> ${encodeText(this.#process.vfs.readlink(decodeText(path), this.#process.cwd))}`
      : "";
    const owner = `${"0".padEnd(8)} ${"0".padEnd(8)}`;
    return `${modeText(stat)} ${`${stat.nlink}`.padStart(4)} ${owner} ${size} ` +
      `Jan  1 00:00 ${name}${this.#suffix(stat)}${target}\n`;
  }
}

/** `ls [-1CdFlpRrASaxLH] [PATH]…` */
export async function ls(process: Process): Promise<number> {
  const options = await parseOptions(process, {
    letters: "1CdFlpRrASaxLHisntuchXvw:N:",
    // Colours are for terminals that are not here.
    long: { color: "N" },
  });
  const listing = new Listing(process, options);
  await listing.arguments(options.rest.length === 0 ? ["."] : options.rest);
  return listing.status;
}
