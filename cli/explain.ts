/**
 * The verb `explain`.
 *
 * @module
 */
import { parseArgs } from "@std/cli/parse-args";
import { DEVICES } from "../kernel/base/device.ts";
import { explainBinding, NoDeviceError, renderBinding } from "../kernel/explain/mod.ts";
import type { Kernel } from "../kernel/kernel.ts";
import { bindsDevice } from "../lab/assert_order.ts";
import type { BootScenario } from "../lab/boot_scenario.ts";
import { deviceGraph } from "../lab/device_graph.ts";
import { explore } from "../lab/order.ts";
import { counted } from "../lab/order_text.ts";
import type { OrderOutcome } from "../lab/result.ts";
import { bindingName } from "../lab/views.ts";
import { boot } from "../vm/boot.ts";
import { embedded } from "../vm/machines.ts";
import { ShellError } from "../vm/vm.ts";
import {
  type Args,
  explainGuestError,
  kernelOf,
  MACHINE_HELP,
  machineArgs,
  readTree,
  warnUnmodelled,
} from "./guest_options.ts";
import { ORDER_HELP, ORDER_STRINGS, scenarioOf } from "./order_options.ts";
import { printHelp, UsageError, type Verb } from "./verb.ts";

const HELP = `paraguest explain: say why a device has its driver, or none

usage: paraguest explain DEVICE [OPTION...] [-- QEMU_OPTION...]
       paraguest explain --graph [OPTION...] [-- QEMU_OPTION...]

Boots, and tells of a device such as virtio0 or a003e00.virtio_mmio who made it, which
drivers fit or nearly do, each attempt to bind it with what made it and what it read,
what keeps it from being bound and what would change that. For nodes of the device tree there is paraguest dt explain.

options:
  --orders              say also in how many orders it is bound; --vary and --only are for this
  --sample N            with --orders: look at N orders at random instead of all
  --graph               instead of that, print which devices need which, for Graphviz:
                        paraguest explain --graph | dot -Tsvg > devices.svg
  -c CMD                run CMD in the guest's shell before
  --json                print the same as JSON
${ORDER_HELP}  --help                say this

${MACHINE_HELP}`;

const OPTIONS = {
  string: [...ORDER_STRINGS, "c", "sample"],
  boolean: ["orders", "graph", "json", "help"],
  collect: ["vary"],
  alias: { h: "help" },
  "--": true,
  unknown: (arg: string) => {
    if (!arg.startsWith("-")) return true;
    throw new UsageError(`explain: unknown option '${arg}'; see paraguest explain --help`);
  },
} as const;

/** In how many orders a device is bound. */
interface Orders {
  readonly coverage: string;
  readonly bound: string;
  readonly unbound: string;
}

function howMany(outcomes: readonly OrderOutcome[]): string {
  const classes = outcomes.reduce((sum, outcome) => sum + outcome.classes, 0);
  const orders = outcomes.reduce<bigint | undefined>(
    (sum, { orders }) => sum === undefined || orders === undefined ? undefined : sum + orders,
    0n,
  );
  const all = orders === undefined ? "" : `${counted(orders, "order")}, `;
  return `${all}${counted(classes, "class")}`;
}

/** What the view calls the device of that name. */
function nameInView(kernel: Kernel, device: string): string {
  const devices = [...kernel.get(DEVICES)].filter(({ bus }) => bus !== undefined);
  const found = devices.find(({ name }) => name === device);
  return found === undefined ? device : bindingName(found);
}

async function ordersOf(scenario: BootScenario, device: string, args: Args): Promise<Orders> {
  if (args.sample !== undefined && !/^\d+$/.test(args.sample)) {
    throw new UsageError(`explain: --sample wants a number, not '${args.sample}'`);
  }
  const sample = args.sample === undefined ? {} : { sample: { runs: Number(args.sample) } };
  const { coverage, outcomes } = await explore(scenario, { views: ["bindings"], ...sample });
  const [bound, unbound] = [true, false].map((wanted) =>
    outcomes.filter((outcome) => bindsDevice(outcome, device) === wanted)
  );
  return { coverage: coverage.text, bound: howMany(bound), unbound: howMany(unbound) };
}

async function run(words: readonly string[]): Promise<number> {
  const args = parseArgs([...words], OPTIONS);
  if (args.help) return printHelp(HELP);
  const [device, ...more] = args._.map(String);
  if ((device === undefined) !== args.graph || more.length > 0) {
    throw new UsageError("explain: one device is wanted, such as virtio0");
  }
  warnUnmodelled(args);
  const scenario = await scenarioOf("explain", args);
  const dtb = await readTree(args);
  const machine = embedded(machineArgs(args), dtb === undefined ? {} : { dtb });
  await using vm = await boot(machine, await kernelOf("explain", args));
  if (args.c !== undefined) await vm.sh(args.c);
  if (args.graph) {
    console.log(deviceGraph(vm.kernel).trimEnd());
    return 0;
  }
  const found = explainBinding(vm.kernel, device);
  const orders = args.orders
    ? await ordersOf(scenario, nameInView(vm.kernel, device), args)
    : undefined;
  if (args.json) console.log(JSON.stringify({ ...found, orders }, undefined, 2));
  else {
    const lines = orders === undefined
      ? ""
      : `  orders (${orders.coverage}): bound in ${orders.bound}; not in ${orders.unbound}\n`;
    console.log(`${renderBinding(found)}${lines}`.trimEnd());
  }
  return found.driver === undefined ? 1 : 0;
}

function explain(error: unknown): string | undefined {
  if (error instanceof ShellError) {
    const said = error.result.output.trim().split("\n").at(-1);
    return `explain: -c '${error.command}' ended with ${error.result.code}: ${said}`;
  }
  return error instanceof NoDeviceError ? error.message : explainGuestError(error);
}

/** `paraguest explain` */
export const VERB: Verb = { run, explain };
