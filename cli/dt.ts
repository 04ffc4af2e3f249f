/**
 * The verb `dt`.
 *
 * @module
 */
import { parseArgs } from "@std/cli/parse-args";
import { OptionError } from "../hypervisor/embedded/option_list.ts";
import { BUSES } from "../kernel/base/bus.ts";
import type { PlatformDriver } from "../kernel/base/platform.ts";
import { KernelError } from "../kernel/errors.ts";
import {
  type DeviceExplanation,
  devicesOf,
  type DriverTable,
  explainDevice,
  explainOverlay,
  renderDevice,
  renderOverlay,
} from "../kernel/explain/mod.ts";
import { latin1 } from "../kernel/of/bytes.ts";
import { nearest } from "../kernel/of/dts/suggest.ts";
import { diffTrees, parseValueType, valueText } from "../kernel/of/show.ts";
import {
  type DeviceNode,
  type DeviceTree,
  DtsError,
  FdtError,
  flattenDeviceTree,
  parseDts,
  unflattenDeviceTree,
} from "../kernel/of/mod.ts";
import { boot } from "../vm/boot.ts";
import { embedded } from "../vm/machines.ts";
import { type ProbeOutcome, probeOutcomes, renderOutcome } from "./dt_probe.ts";
import { printHelp, UsageError, type Verb } from "./verb.ts";

const HELP = `paraguest dt: look into device trees as Linux does

usage: paraguest dt explain PATH|LABEL... [TREE]     why it is (not) a device, who drives it,
                                                     where its addresses and interrupts lead
                                                     with --boot: and what its probe read and did
       paraguest dt explain --overlay FILE [TREE]    what an overlay changes, or why it cannot
       paraguest dt tree [PATH] [TREE]               nodes with the names of their devices
       paraguest dt get PATH PROPERTY [TREE]         a property, as fdtget prints it
       paraguest dt diff A B                         how two trees differ, phandles aside

TREE:
  --dtb FILE            a flattened device tree
  --dts FILE            device tree source
  -- QEMU_OPTION...     the tree of a machine with these options (default)

options:
  --json                explain: the same as data
  --boot                explain: boot a machine that has the tree
  -t TYPE               get: s, i, u or x for strings, numbers, hexadecimal
  --help                say this

A file is source if its name ends in .dts or .dtso.
`;

const OPTIONS = {
  string: ["dtb", "dts", "overlay", "t"],
  boolean: ["boot", "json", "help"],
  alias: { h: "help" },
  "--": true,
  unknown: (arg: string) => {
    if (!arg.startsWith("-")) return;
    throw new UsageError(`dt: unknown option '${arg}'; see paraguest dt --help`);
  },
} as const;

type Args = ReturnType<typeof parseArgs>;

function readFile(path: string, source = /\.dtso?$/.test(path)): Uint8Array {
  const bytes = Deno.readFileSync(path);
  if (!source) return bytes;
  const options = { file: path, read: (name: string) => Deno.readFileSync(name) };
  return flattenDeviceTree(parseDts(new TextDecoder().decode(bytes), options));
}

async function readTree(args: Args): Promise<DeviceTree> {
  if (args.dtb !== undefined && args.dts !== undefined) {
    throw new UsageError("dt: --dtb and --dts exclude each other");
  }
  if (args.dts !== undefined) return unflattenDeviceTree(readFile(args.dts, true));
  if (args.dtb !== undefined) return unflattenDeviceTree(readFile(args.dtb, false));
  await using machine = embedded(args["--"]);
  return unflattenDeviceTree(machine.dtb);
}

/** The platform drivers of a kernel with everything built in. */
async function allDrivers(): Promise<DriverTable[]> {
  await using vm = await boot(embedded(), { log: false });
  const drivers = vm.kernel.get(BUSES).get("platform")?.drivers ?? [];
  return [...drivers].map(({ ops }) => ops as PlatformDriver);
}

/** By path, alias or label. */
function findNode(tree: DeviceTree, name: string): DeviceNode {
  const value = tree.find("/__symbols__").node?.get(name.replace(/^&/, ""));
  const path = value === undefined ? name : latin1(value, 0, value.indexOf(0));
  const node = tree.find(path).node ??
    [...tree.nodes()].find(({ fullName }) => fullName === name);
  if (node !== undefined) return node;
  const near = nearest(name, [...tree.nodes()].flatMap((each) => [each.path, each.fullName]));
  const hint = near === undefined ? "'paraguest dt tree' lists them" : `is it ${near}?`;
  throw new UsageError(`dt: the tree has no node '${name}'; ${hint}`);
}

function print(text: string): undefined {
  console.log(text.trimEnd());
}

function json(value: unknown): string {
  const show = (_key: string, part: unknown) =>
    typeof part === "bigint" ? `0x${part.toString(16)}` : part;
  return JSON.stringify(value, show, 2);
}

/** What became of the devices in a machine with the options behind `--`, if any, and this tree. */
async function probesIn(
  args: Args,
  tree: DeviceTree,
  found: readonly DeviceExplanation[],
): Promise<(ProbeOutcome | undefined)[]> {
  const own = args.dtb === undefined && args.dts === undefined;
  const machine = embedded(args["--"], own ? {} : { dtb: flattenDeviceTree(tree) });
  return await probeOutcomes(machine, found.map(({ device }) => device));
}

async function explain(args: Args, names: readonly string[]): Promise<number> {
  const tree = await readTree(args);
  if (args.overlay !== undefined) {
    const found = explainOverlay(tree, readFile(args.overlay));
    print(args.json ? json(found) : renderOverlay(found));
    return found.failure === undefined ? 0 : 1;
  }
  if (names.length === 0) throw new UsageError("dt explain: which node? PATH or LABEL is missing");
  const drivers = await allDrivers();
  const found = names.map((name) => explainDevice(tree, findNode(tree, name), drivers));
  const probes = args.boot ? await probesIn(args, tree, found) : [];
  const data = () =>
    found.map((each, at) => args.boot ? { ...each, probe: probes[at] ?? null } : each);
  const text = (each: DeviceExplanation, at: number) =>
    renderDevice(each) + (args.boot && each.device !== undefined ? renderOutcome(probes[at]) : "");
  print(args.json ? json(data()) : found.map(text).join("\n"));
  return 0;
}

async function listTree(args: Args, [path = "/"]: readonly string[]): Promise<number> {
  const tree = await readTree(args);
  const top = findNode(tree, path);
  const devices = devicesOf(tree);
  const show = (node: DeviceNode, indent: string): undefined => {
    const step = devices.get(node.path);
    const name = node.parent === undefined ? "/" : node.fullName;
    console.log(`${indent}${name}${step === undefined ? "" : ` -> ${step.bus} ${step.name}`}`);
    for (const child of node.children) show(child, `${indent}  `);
  };
  show(top, "");
  return 0;
}

async function getProperty(args: Args, [path, name]: readonly string[]): Promise<number> {
  if (name === undefined) throw new UsageError("dt get: PATH and PROPERTY are needed");
  const value = findNode(await readTree(args), path).get(name);
  if (value === undefined) throw new UsageError(`dt get: ${path} has no property '${name}'`);
  const type = parseValueType(args.t);
  if (type === null) throw new UsageError(`dt get: unknown type '${args.t}'; known: s, i, u, x`);
  print(valueText(value, type));
  return 0;
}

function diff([a, b]: readonly string[]): number {
  if (b === undefined) throw new UsageError("dt diff: two files are needed");
  const lines = diffTrees(unflattenDeviceTree(readFile(a)), unflattenDeviceTree(readFile(b)));
  if (lines.length > 0) print(lines.join("\n"));
  return lines.length === 0 ? 0 : 1;
}

async function run(words: readonly string[]): Promise<number> {
  const args = parseArgs([...words], OPTIONS);
  const [verb, ...rest] = args._.map(String);
  if (args.help) return printHelp(HELP);
  if (verb === "explain") return await explain(args, rest);
  if (verb === "tree") return await listTree(args, rest);
  if (verb === "get") return await getProperty(args, rest);
  if (verb === "diff") return diff(rest);
  const what = verb === undefined
    ? "explain, tree, get or diff is wanted"
    : `unknown verb '${verb}'`;
  throw new UsageError(`dt: ${what}; see paraguest dt --help`);
}

function explainError(error: unknown): string | undefined {
  if (error instanceof DtsError) return error.render();
  const known = [OptionError, KernelError, FdtError];
  return known.some((kind) => error instanceof kind) ? (error as Error).message : undefined;
}

/** `paraguest dt` */
export const VERB: Verb = { run, explain: explainError };
