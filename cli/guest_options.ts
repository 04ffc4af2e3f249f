/**
 * What the verbs that boot a guest have in common: the options that say what is booted.
 *
 * @module
 */
import type { parseArgs } from "@std/cli/parse-args";
import { OptionError } from "../hypervisor/embedded/option_list.ts";
import { QemuExitError, QemuUnavailableError, QtestError } from "../hypervisor/qemu/errors.ts";
import { KernelError } from "../kernel/errors.ts";
import { DtsError, parseDts } from "../kernel/of/mod.ts";
import { flattenDeviceTree } from "../kernel/of/fdt_write.ts";
import { FdtError } from "../kernel/of/fdt.ts";
import {
  type Ordering,
  OrderingError,
  parseOrdering,
  unmodelledOrder,
} from "../kernel/ordering.ts";
import { Params } from "../kernel/params.ts";
import type { Kconfig } from "../kernel/profile.ts";
import { DeadlockError } from "../kernel/task.ts";
import { UsageError } from "./verb.ts";

/** What the verbs say of these options. */
export const GUEST_HELP = `  --dtb FILE            hand this flattened device tree to the kernel
  --dts FILE            compile this device tree source and hand it over
  --append CMDLINE      the kernel command line; default: "console=ttyAMA0 quiet "
  --modules NAME,...    drivers left to modprobe, or "all"; default: all are built in
  --order FILE          what is done in another order than Linux's, as JSON: "initcalls"
                        (by name: "level", "before", "after"), "slots", "modules",
                        "modprobe" (lines of modprobe.d), "async", "probeDelayMs",
                        "deferredProbeTimeoutS"
  --profile KERNEL      the kernel whose order it is: 3.2, 4.19, 5.10, 5.15, 6.1 (default),
                        6.6, 6.12
  --kconfig NAME=y,...  options of the kernel's configuration, each =y or =n: MODULES,
                        DEBUG_TEST_DRIVER_REMOVE
`;

/** And of what follows them. */
export const MACHINE_HELP = `QEMU_OPTION: the machine's devices in QEMU's syntax, such as
  -drive if=none,id=d0,file=disk.img,format=raw -device virtio-blk-device,drive=d0
Files are looked up in the current folder. There are 512 MiB of RAM; -m SIZE gives
another size. The transport is virtio-mmio version 2;
-global virtio-mmio.force-legacy=true gives version 1.
`;

/** The options, for `parseArgs()`; each has a value. */
export const GUEST_STRINGS = [
  ...["dtb", "dts", "append", "modules", "order", "profile", "kconfig"] as const,
];

/** The kernel command line of the recordings' machine, when nobody says another. */
export const DEFAULT_APPEND = "console=ttyAMA0 quiet ";
/** Its RAM. */
const DEFAULT_ARGS = ["-m", "512"];

/** A command line that was read. */
export type Args = ReturnType<typeof parseArgs>;

/**
 * Refuses options that make no sense.
 *
 * @param strings All options of the verb that have a value.
 * @throws {UsageError}
 */
export function checkGuestArgs(verb: string, args: Args, strings: readonly string[]): undefined {
  if (args.dtb !== undefined && args.dts !== undefined) {
    throw new UsageError(`${verb}: --dtb and --dts exclude each other`);
  }
  for (const name of strings) {
    if ([args[name]].flat().includes("")) {
      throw new UsageError(`${verb}: option '${name}' needs a value`);
    }
  }
}

/** QEMU's options, those of the reference machine included. */
export function machineArgs(args: Args): string[] {
  const words: string[] = args["--"];
  return words.includes("-m") ? words : [...DEFAULT_ARGS, ...words];
}

/** The blob to hand over, if there is one other than the machine's. */
export async function readTree(args: Args): Promise<Uint8Array | undefined> {
  if (args.dtb !== undefined) return await Deno.readFile(args.dtb);
  if (args.dts === undefined) return undefined;
  const source = await Deno.readTextFile(args.dts);
  const tree = parseDts(source, { file: args.dts, read: (path) => Deno.readFileSync(path) });
  return flattenDeviceTree(tree);
}

/** What kernel is booted, and how. */
export interface GuestKernel {
  readonly append: string;
  readonly modules?: readonly string[] | "all";
  readonly ordering?: Ordering;
  readonly profile?: string;
  readonly kconfig: Kconfig;
}

/**
 * The kernel that the options say.
 *
 * @throws {UsageError | OrderingError} When one of them cannot be followed.
 */
export async function kernelOf(verb: string, args: Args): Promise<GuestKernel> {
  const { append = DEFAULT_APPEND, modules, order, profile, kconfig } = args;
  return {
    append,
    kconfig: kconfigOf(verb, kconfig?.split(",") ?? []),
    ...modules === undefined ? {} : { modules: modules === "all" ? "all" : modules.split(",") },
    ...order === undefined ? {} : { ordering: parseOrdering(await Deno.readTextFile(order)) },
    ...profile === undefined ? {} : { profile },
  };
}

/** Says what of the kernel's command line is passed over although Linux does things in another order with it. */
export function warnUnmodelled({ append = DEFAULT_APPEND }: Args): undefined {
  for (const line of unmodelledOrder(new Params(append))) console.error(`paraguest: ${line}`);
}

const KCONFIG = ["MODULES", "DEBUG_TEST_DRIVER_REMOVE"];

/** `NAME=y`, `NAME=n` and the same with `CONFIG_` before it. */
function kconfigOf(verb: string, words: readonly string[]): Kconfig {
  return Object.fromEntries(words.map((word) => {
    const [, name, value] = /^(?:CONFIG_)?(\w+)=([yn])$/.exec(word) ?? [];
    if (KCONFIG.includes(name)) return [name, value === "y"];
    throw new UsageError(
      `${verb}: option 'kconfig' does not know '${word}'; it takes NAME=y or NAME=n of ${
        KCONFIG.join(", ")
      }`,
    );
  }));
}

const ERRORS = [
  ...[OptionError, OrderingError, KernelError, FdtError, DeadlockError],
  ...[QemuExitError, QemuUnavailableError, QtestError],
];

/** What went wrong, for {@linkcode Verb}. */
export function explainGuestError(error: unknown): string | undefined {
  if (error instanceof DtsError) {
    return error.render({ color: Deno.stderr.isTerminal() && !Deno.noColor });
  }
  return ERRORS.some((kind) => error instanceof kind) ? (error as Error).message : undefined;
}
