/**
 * The verb `bootchart`.
 *
 * @module
 */
import { parseArgs } from "@std/cli/parse-args";
import { bootChart } from "../lab/boot_chart.ts";
import { type BootLog, readBootLog } from "../lab/boot_log.ts";
import { diffBootLogs } from "../lab/boot_log_diff.ts";
import { diffLines, slowestSpans } from "../lab/boot_text.ts";
import { chromeTrace } from "../lab/chrome_trace.ts";
import { BOOT_OPTIONS, checkBootArgs, dmesgOf, VERB as BOOT } from "./boot.ts";
import { printHelp, UsageError, type Verb, writeAll } from "./verb.ts";

const HELP = `paraguest bootchart: how a kernel started, as a picture, a trace or a table

usage: paraguest bootchart --log FILE [OPTION...]
       paraguest bootchart [OPTION...] [BOOT_OPTION...] [-- QEMU_OPTION...]

With --log, FILE is the kernel log of any Linux machine that was booted with
initcall_debug on its command line: the text of dmesg, of a serial console or of a
journal ('-': standard input). Without it, a guest is booted, with initcall_debug
added; BOOT_OPTIONs are those of paraguest boot, -c and --script included.

options:
  --log FILE            read this log instead of booting
  --diff FILE           compare with this log: which initcalls are missing, new or
                        moved, and which results changed; exit code 1 if any
  --format svg          a picture: a lane for each task (default)
  --format trace        for chrome://tracing and Perfetto
  --format text         the slowest initcalls and probes, a line each
  -o FILE               write there; an ending .svg, .json or .txt gives the format
  --title TEXT          text above the picture
  --help                say this

examples:
  paraguest bootchart -o boot.svg -- -device virtio-keyboard-device
  dmesg | paraguest bootchart --log - --format text
  paraguest bootchart --log good.txt --diff bad.txt
`;

const FORMATS: Readonly<Record<string, (log: BootLog, title: string | undefined) => string>> = {
  svg: (log, title) => bootChart(log, { title }),
  trace: (log) => JSON.stringify(chromeTrace(log)),
  text: (log) => slowestSpans(log).map((line) => `${line}\n`).join(""),
};

const ENDINGS: Readonly<Record<string, string>> = { svg: "svg", json: "trace", txt: "text" };

const OPTIONS = {
  ...BOOT_OPTIONS,
  string: [...BOOT_OPTIONS.string, "log", "diff", "format", "o", "title"],
  unknown: (arg: string) => {
    const see = "see paraguest bootchart --help";
    throw new UsageError(`bootchart: unknown option or argument '${arg}'; ${see}`);
  },
};

type Args = ReturnType<typeof parseArgs>;

function formatOf(args: Args): string {
  const ending = ENDINGS[/\.(\w+)$/.exec(args.o ?? "")?.[1] ?? ""];
  const format = args.format ?? ending ?? "svg";
  if (Object.hasOwn(FORMATS, format)) return format;
  const known = Object.keys(FORMATS).join(", ");
  throw new UsageError(`bootchart: unknown format '${format}'; known: ${known}`);
}

async function readLog(file: string): Promise<BootLog> {
  const text = file === "-"
    ? await new Response(Deno.stdin.readable).text()
    : await Deno.readTextFile(file);
  return checked(readBootLog(text), file);
}

/** A log without a single initcall is a mistake. */
function checked(log: BootLog, file: string): BootLog {
  if (log.spans.length > 0) return log;
  const hint = "boot that machine with initcall_debug and keep its whole log";
  throw new UsageError(`bootchart: no initcalls in ${file}; ${hint}`);
}

async function run(words: readonly string[]): Promise<number> {
  const args = parseArgs([...words], OPTIONS);
  if (args.help) return printHelp(HELP);
  const format = formatOf(args);
  checkBootArgs(args);
  const log = args.log === undefined
    ? checked(readBootLog(await dmesgOf(args)), "the guest's log")
    : await readLog(args.log);
  if (args.diff !== undefined) return printDiff(log, await readLog(args.diff));
  const text = FORMATS[format](log, args.title);
  if (args.o === undefined) writeAll(Deno.stdout, new TextEncoder().encode(text));
  else await Deno.writeTextFile(args.o, text);
  return 0;
}

function printDiff(first: BootLog, second: BootLog): number {
  const lines = diffLines(diffBootLogs(first, second));
  for (const line of lines) console.log(line);
  return lines.length === 0 ? 0 : 1;
}

/** `paraguest bootchart` */
export const VERB: Verb = { run, explain: BOOT.explain };
