/**
 * The verb `fdtoverlay`.
 *
 * @module
 */
import { FdtError, readFdt, stringsBlock } from "../kernel/of/fdt.ts";
import { applyFdtOverlay, FdtOverlayError } from "../kernel/of/fdt_overlay.ts";
import { writeFdt } from "../kernel/of/fdt_write.ts";
import { StringTable } from "../kernel/of/string_table.ts";
import { type DtcHost, HostError, PROCESS, readInput, writeOutput } from "./dtc_input.ts";
import { optionHelp, type OptionRow, OptionSyntaxError, parseOptions } from "./getopt.ts";
import type { Verb } from "./verb.ts";

const TABLE: readonly OptionRow[] = [
  { letter: "i", long: "input", value: "FILE", help: "the blob that overlays are merged into" },
  { letter: "o", long: "output", value: "FILE", help: "where to write; - is standard output" },
  { letter: "v", long: "verbose", help: "say what is done" },
  { letter: "h", long: "help", help: "say this" },
];

const HELP = `paraguest fdtoverlay: merge overlays into a device tree blob

usage: paraguest fdtoverlay -i BASE -o OUT [OPTION...] OVERLAY...

Overlays are merged in their order. The base is compiled with -@, so that it keeps its
labels: paraguest dtc -@ -o base.dtb base.dts. The result has the bytes that libfdt gives,
but zeros where libfdt leaves what happened to be behind a value.

options:
${optionHelp(TABLE)}

example:
  paraguest fdtoverlay -i base.dtb -o out.dtb uart.dtbo spi.dtbo
`;

function merge(words: readonly string[], host: DtcHost): number {
  const { options, operands } = parseOptions(words, TABLE);
  const given = new Map(options);
  if (given.has("help")) {
    host.stdout(new TextEncoder().encode(HELP));
    return 0;
  }
  const [input, output] = ["input", "output"].map((name) => given.get(name));
  if (input === undefined) throw new OptionSyntaxError("-i BASE is missing");
  if (output === undefined) throw new OptionSyntaxError("-o OUT is missing");
  if (operands.length === 0) throw new OptionSyntaxError("there is no overlay to merge");
  const blob = readInput(host, input);
  const base = named(
    input,
    () => ({ tree: read(blob), strings: new StringTable(stringsBlock(blob)) }),
  );
  for (const name of operands) {
    if (given.has("verbose")) host.stderr(`paraguest fdtoverlay: merging ${name} into ${input}`);
    named(name, () => applyFdtOverlay(base, read(readInput(host, name))));
  }
  writeOutput(host, output, writeFdt(base.tree, { strings: base.strings }));
  return 0;
}

function read(blob: Uint8Array) {
  return readFdt(blob, {
    maxDepth: Infinity,
    irregular: (offset, problem) => {
      throw new FdtError(offset, problem);
    },
  });
}

/** Puts the name of a file in front of what is wrong with it. */
function named<T>(name: string, use: () => T): T {
  try {
    return use();
  } catch (error) {
    if (!(error instanceof FdtError) && !(error instanceof FdtOverlayError)) throw error;
    throw new HostError(`${name}: ${error.message}`);
  }
}

/** Runs one command line with files and streams of `host`; gives the exit code. */
export function runFdtoverlay(words: readonly string[], host: DtcHost): number {
  try {
    return merge(words, host);
  } catch (error) {
    if (!(error instanceof OptionSyntaxError) && !(error instanceof HostError)) throw error;
    host.stderr(`paraguest fdtoverlay: ${error.message}`);
    return 1;
  }
}

/** `paraguest fdtoverlay` */
export const VERB: Verb = {
  run: async (words) => runFdtoverlay(words, PROCESS),
  explain: () => undefined,
};
