/**
 * The options of `paraguest dtc`: dtc's own, and some more.
 *
 * @module
 */
import type { DtcVersion, PhandleFormat } from "../kernel/of/checks/check.ts";
import { CheckLevels } from "../kernel/of/checks/levels.ts";
import { CHECKS } from "../kernel/of/checks/table.ts";
import { FDT_DEFAULT_VERSION, type WriteFdtOptions } from "../kernel/of/fdt_write.ts";
import { optionHelp, type OptionRow, OptionSyntaxError, parseOptions, strtol } from "./getopt.ts";

const TABLE: readonly OptionRow[] = [
  { letter: "q", long: "quiet", help: "say less: -q no warnings, -qq no errors, -qqq nothing" },
  {
    letter: "I",
    long: "in-format",
    value: "FORMAT",
    help: "dts (source), dtb (blob), fs (folder)",
  },
  { letter: "o", long: "out", value: "FILE", help: "where to write; default: -, standard output" },
  {
    letter: "O",
    long: "out-format",
    value: "FORMAT",
    help: "dts, dtb, asm (assembler source), yaml, null (nothing)",
  },
  {
    letter: "V",
    long: "out-version",
    value: "NUMBER",
    help: "version of the blob: 1, 2, 3, 16, 17; default: 17",
  },
  { letter: "d", long: "out-dependency", value: "FILE", help: "write there what make has to know" },
  { letter: "R", long: "reserve", value: "NUMBER", help: "empty entries in the reserve map" },
  { letter: "S", long: "space", value: "BYTES", help: "make the blob so long at least" },
  { letter: "p", long: "pad", value: "BYTES", help: "add so many bytes to the blob" },
  { letter: "a", long: "align", value: "BYTES", help: "make the blob's size a multiple of it" },
  { letter: "b", long: "boot-cpu", value: "NUMBER", help: "physical id of the booting CPU" },
  { letter: "f", long: "force", help: "write the tree although it has errors" },
  { letter: "i", long: "include", value: "FOLDER", help: "also look there for included files" },
  { letter: "s", long: "sort", help: "order nodes, properties and reservations" },
  {
    letter: "H",
    long: "phandle",
    value: "FORMAT",
    help: 'where phandles go: legacy ("linux,phandle"),\nepapr ("phandle"), both; default: epapr',
  },
  { letter: "W", long: "warning", value: "[no-]CHECK", help: "report a check as warnings, or not" },
  { letter: "E", long: "error", value: "[no-]CHECK", help: "report a check as errors, or not" },
  { letter: "@", long: "symbols", help: "make labels properties of /__symbols__, for overlays" },
  { letter: "L", long: "local-fixups", help: "note references as overlays do (--compat 1.8)" },
  { letter: "A", long: "auto-alias", help: "make labels properties of /aliases" },
  {
    letter: "T",
    long: "annotate",
    help: "say in comments where everything comes from;\n-T -T with columns (-I dts -O dts)",
  },
  { letter: "h", long: "help", help: "say this" },
  { letter: "v", long: "version", help: "say whose behaviour this is" },
  {
    letter: "",
    long: "compat",
    value: "1.6|1.8",
    help: "be dtc 1.6.1 or dtc 1.7 to 1.8; default: 1.6",
  },
  {
    letter: "",
    long: "format",
    value: "FORMAT",
    help:
      "how to say what is wrong: frames (with the source),\nline, json; default: frames on a terminal, else line",
  },
  {
    letter: "",
    long: "restore",
    help: "with -O dts: labels, references and lists of strings\nas far as the tree knows them",
  },
];

/** What `paraguest dtc --help` says. */
export const DTC_HELP =
  `paraguest dtc: compile device trees, with dtc's options, bytes and exit codes

usage: paraguest dtc [OPTION...] [FILE]

FILE is the input; - or nothing is standard input. Without -I, a folder is fs, a file
that starts as a blob is dtb, others go by their name: .dts, .dtb, .dtbo. Without -O, the
output goes by its name, else source becomes dtb and anything else dts.

options:
${optionHelp(TABLE)}

A comment /* dts-allow: CHECK... */ in front of a node, or of a property, allows what
those checks would find there.

exit codes: 0 fine; 1 the command line, a file or the syntax is wrong; 2 the tree has
errors and -f was not given.

examples:
  paraguest dtc -o board.dtb board.dts
  paraguest dtc -@ -Wno-unit_address_vs_reg -o board.dtb board.dts
  paraguest dtc -I dtb --restore board.dtb
`;

const MESSAGE_FORMATS = ["frames", "line", "json"] as const;

/** Formats of {@linkcode DtcOptions.format}. */
export type MessageFormat = typeof MESSAGE_FORMATS[number];

/** A command line of `paraguest dtc`. */
export interface DtcOptions {
  /** Whether help or version were asked for, which end the run. */
  ask: "help" | "version" | undefined;
  /** How often `-q` was given. */
  quiet: number;
  /** Format of the input, `undefined` to guess. */
  inFormat: string | undefined;
  /** Format of the output, `undefined` to guess. */
  outFormat: string | undefined;
  /** The input. */
  file: string;
  /** The output. */
  out: string;
  /** Where to write what the output depends on. */
  dependencies: string | undefined;
  /** How blobs are laid out. */
  layout: WriteFdtOptions;
  /** The booting CPU, if it does not come from the tree. */
  bootCpu: number | undefined;
  /** Whether trees with errors are written. */
  force: boolean;
  /** Folders to look for included files in. */
  include: string[];
  /** Whether everything is put in order. */
  sort: boolean;
  /** Where phandles go. */
  phandleFormat: PhandleFormat;
  /** Which checks run. */
  levels: CheckLevels;
  /** Whether labels become `/__symbols__`. */
  symbols: boolean;
  /** Whether references are noted as overlays do. */
  fixups: boolean;
  /** Whether labels become `/aliases`. */
  aliases: boolean;
  /** How much to say in comments about where everything comes from. */
  annotate: number;
  /** Which dtc this is. */
  version: DtcVersion;
  /** How to say what is wrong, `undefined` to go by what standard error is. */
  format: MessageFormat | undefined;
  /** Whether source text gets labels and references back. */
  restore: boolean;
}

function defaults(file: string): DtcOptions {
  return {
    ask: undefined,
    quiet: 0,
    inFormat: undefined,
    outFormat: undefined,
    file,
    out: "-",
    dependencies: undefined,
    layout: { version: FDT_DEFAULT_VERSION },
    bootCpu: undefined,
    force: false,
    include: [],
    sort: false,
    phandleFormat: "epapr",
    levels: new CheckLevels(CHECKS, "1.6"),
    symbols: false,
    fixups: false,
    aliases: false,
    annotate: 0,
    version: "1.6",
    format: undefined,
    restore: false,
  };
}

/**
 * Reads a command line.
 *
 * @throws {OptionSyntaxError} If it cannot be followed.
 * @throws {UnknownCheckError} If it names a check that does not exist.
 */
export function parseDtcOptions(words: readonly string[]): DtcOptions {
  const { options, operands } = parseOptions(words, TABLE);
  if (operands.length > 1) {
    throw new OptionSyntaxError(`one input only, not ${operands.length}: ${operands.join(" ")}`);
  }
  const result = defaults(operands[0] ?? "-");
  // Which checks there are depends on it, wherever it stands.
  for (const [name, value] of options) if (name === "compat") setCompat(result, value);
  for (const [name, value] of options) SETTERS[name](result, value);
  if (result.fixups && result.version === "1.6") {
    throw new OptionSyntaxError("-L needs --compat 1.8");
  }
  const { minSize = 0, padding = 0 } = result.layout;
  if (minSize !== 0 && padding !== 0) {
    throw new OptionSyntaxError("-S and -p exclude each other");
  }
  return result;
}

function setCompat(options: DtcOptions, value: string): void {
  options.version = oneOf("--compat", ["1.6", "1.8"], value);
  options.levels = new CheckLevels(CHECKS, options.version);
}

const SETTERS: Readonly<Record<string, (options: DtcOptions, value: string) => void>> = {
  quiet: (options) => options.quiet++,
  "in-format": (options, value) => options.inFormat = value,
  "out-format": (options, value) => options.outFormat = value,
  out: (options, value) => options.out = value,
  "out-version": (options, value) => options.layout.version = strtol(value),
  "out-dependency": (options, value) => options.dependencies = value,
  reserve: (options, value) => options.layout.reserveSlots = strtol(value),
  space: (options, value) => options.layout.minSize = strtol(value),
  pad: (options, value) => options.layout.padding = strtol(value),
  align: (options, value) => options.layout.alignment = alignment(value),
  "boot-cpu": (options, value) => options.bootCpu = bootCpu(value),
  force: (options) => options.force = true,
  include: (options, value) => options.include.push(value),
  sort: (options) => options.sort = true,
  phandle: (options, value) =>
    options.phandleFormat = oneOf("-H", ["legacy", "epapr", "both"], value),
  warning: (options, value) => options.levels.set("warning", value),
  error: (options, value) => options.levels.set("error", value),
  symbols: (options) => options.symbols = true,
  "local-fixups": (options) => options.fixups = true,
  "auto-alias": (options) => options.aliases = true,
  annotate: (options) => options.annotate++,
  help: (options) => options.ask = "help",
  version: (options) => options.ask = "version",
  compat: () => undefined,
  format: (options, value) => options.format = oneOf("--format", MESSAGE_FORMATS, value),
  restore: (options) => options.restore = true,
};

function oneOf<T extends string>(option: string, known: readonly T[], value: string): T {
  const found = known.find((entry) => entry === value);
  if (found !== undefined) return found;
  throw new OptionSyntaxError(`${option} ${value} is none of ${known.join(", ")}`);
}

/** -1 stands for what the tree says. */
function bootCpu(value: string): number | undefined {
  const id = strtol(value);
  return id === -1 ? undefined : id >>> 0;
}

function alignment(value: string): number {
  const bytes = strtol(value);
  if (bytes > 0 && Number.isInteger(Math.log2(bytes))) return bytes;
  throw new OptionSyntaxError(`-a ${value} is no power of two`);
}
