/**
 * The verb `boot`.
 *
 * @module
 */
import { parseArgs } from "@std/cli/parse-args";
import { OptionError } from "../hypervisor/embedded/option_list.ts";
import { KernelError } from "../kernel/errors.ts";
import { DtsError, parseDts } from "../kernel/of/mod.ts";
import { flattenDeviceTree } from "../kernel/of/fdt_write.ts";
import { FdtError } from "../kernel/of/fdt.ts";
import { OrderingError, parseOrdering } from "../kernel/ordering.ts";
import type { Kconfig } from "../kernel/profile.ts";
import { DeadlockError } from "../kernel/task.ts";
import type { Machine } from "../hypervisor/platform.ts";
import { QemuExitError, QemuUnavailableError, QtestError } from "../hypervisor/qemu/errors.ts";
import { boot } from "../vm/boot.ts";
import { embedded, qemu } from "../vm/machines.ts";
import type { Vm } from "../vm/vm.ts";
import { printHelp, UsageError, type Verb, writeAll } from "./verb.ts";

const HELP = `paraguest boot: boot a machine and run a script or a shell in its guest

usage: paraguest boot [OPTION...] [-- QEMU_OPTION...]

options:
  --machine embedded    the machine in this program (default)
  --machine qemu        a QEMU that is started for it
  --qemu PROGRAM        the QEMU to start; default: $QEMU, or qemu-system-aarch64
  --dtb FILE            hand this flattened device tree to the kernel
  --dts FILE            compile this device tree source and hand it over
  --append CMDLINE      the kernel command line; default: "console=ttyAMA0 quiet "
  --modules NAME,...    drivers left to modprobe, or "all"; default: all are built in
  --order FILE          what is done in another order than Linux's, as JSON: "initcalls"
                        (by name: "level", "before", "after"), "slots", "modules", "async",
                        "probeDelayMs", "deferredProbeTimeoutS"
  --profile KERNEL      the kernel whose order it is: 3.2, 4.19, 5.10, 5.15, 6.1 (default), 6.6, 6.12
  --kconfig NAME=y,...  options of the kernel's configuration, each =y or =n: MODULES,
                        DEBUG_TEST_DRIVER_REMOVE
  -c CMD                run CMD in the guest's shell and exit with its code
  --script FILE         run a script in the guest's shell and exit with its code
  --dmesg               print the kernel log before anything else
  --trace FILE          write the register trace there, in QEMU's words
  --help                say this

QEMU_OPTION: the machine's devices in QEMU's syntax, such as
  -drive if=none,id=d0,file=disk.img,format=raw -device virtio-blk-device,drive=d0
Files are looked up in the current folder. There are 512 MiB of RAM; -m SIZE gives
another size. The transport is virtio-mmio version 2;
-global virtio-mmio.force-legacy=true gives version 1.

Without -c and --script, the shell is interactive on a terminal, and reads its
script from standard input elsewhere.

examples:
  paraguest boot --dmesg -c 'ls /sys/bus/virtio/devices' -- -device virtio-keyboard-device
  paraguest boot --modules all -c 'modprobe virtio_mmio; lsmod'
`;

/** The reference machine of the recordings: what counts where the command line says nothing. */
const DEFAULT_APPEND = "console=ttyAMA0 quiet ";
const DEFAULT_ARGS = ["-m", "512"];

/** What `parseArgs()` is to know of the options. */
export const BOOT_OPTIONS = {
  string: ["machine", "qemu", "dtb", "dts", "append", "modules", "c", "script", "trace"]
    .concat(["order", "profile", "kconfig"]),
  boolean: ["dmesg", "help"],
  alias: { h: "help" },
  "--": true,
  unknown: (arg: string) => {
    throw new UsageError(`boot: unknown option or argument '${arg}'; see paraguest boot --help`);
  },
} as const;

const MACHINES = ["embedded", "qemu"];

type BootArgs = ReturnType<typeof parseArgs>;

/** Refuses options that make no sense. */
export function checkBootArgs(args: BootArgs): undefined {
  if (args.machine !== undefined && !MACHINES.includes(args.machine)) {
    throw new UsageError(
      `boot: unknown machine '${args.machine}'; known: ${MACHINES.join(", ")}`,
    );
  }
  if (args.dtb !== undefined && args.dts !== undefined) {
    throw new UsageError("boot: --dtb and --dts exclude each other");
  }
  if (args.c !== undefined && args.script !== undefined) {
    throw new UsageError("boot: -c and --script exclude each other");
  }
  for (const name of BOOT_OPTIONS.string) {
    if (args[name] === "") throw new UsageError(`boot: option '${name}' needs a value`);
  }
}

async function readTree(args: BootArgs): Promise<Uint8Array | undefined> {
  if (args.dtb !== undefined) return await Deno.readFile(args.dtb);
  if (args.dts === undefined) return undefined;
  const source = await Deno.readTextFile(args.dts);
  const tree = parseDts(source, { file: args.dts, read: (path) => Deno.readFileSync(path) });
  return flattenDeviceTree(tree);
}

async function makeMachine(args: BootArgs): Promise<Machine> {
  const words: string[] = args["--"];
  const options = words.includes("-m") ? words : [...DEFAULT_ARGS, ...words];
  const dtb = await readTree(args);
  if (args.machine !== "qemu") return embedded(options, { dtb });
  return qemu(options, { dtb, program: args.qemu });
}

async function start(args: BootArgs): Promise<Vm> {
  const modules = args.modules === "all" ? "all" : args.modules?.split(",");
  const options = {
    append: args.append ?? DEFAULT_APPEND,
    modules,
    ordering: args.order === undefined
      ? undefined
      : parseOrdering(await Deno.readTextFile(args.order)),
    profile: args.profile,
    kconfig: kconfigOf(args.kconfig?.split(",") ?? []),
    trace: args.trace !== undefined,
  };
  return await boot(await makeMachine(args), options);
}

const KCONFIG = ["MODULES", "DEBUG_TEST_DRIVER_REMOVE"];

/** `NAME=y`, `NAME=n` and the same with `CONFIG_` before it. */
function kconfigOf(words: readonly string[]): Kconfig {
  return Object.fromEntries(words.map((word) => {
    const [, name, value] = /^(?:CONFIG_)?(\w+)=([yn])$/.exec(word) ?? [];
    if (KCONFIG.includes(name)) return [name, value === "y"];
    throw new UsageError(
      `boot: option 'kconfig' does not know '${word}'; it takes NAME=y or NAME=n of ${
        KCONFIG.join(", ")
      }`,
    );
  }));
}

/** Runs what was asked for in the guest's shell; resolves to its exit code. */
async function runShell(vm: Vm, args: BootArgs): Promise<number> {
  const shell = await vm.shell();
  const options = {
    onOutput: (bytes: Uint8Array, stream: "stdout" | "stderr") => writeAll(Deno[stream], bytes),
  };
  if (args.c !== undefined) return (await shell.run(args.c, options)).code;
  if (args.script !== undefined) {
    const script = await Deno.readTextFile(args.script);
    return (await shell.run(script, { ...options, name: "/guest.sh" })).code;
  }
  if (Deno.stdin.isTerminal()) return await interact(vm);
  const script = await new Response(Deno.stdin.readable).text();
  return (await shell.run(script, options)).code;
}

/** The guest's shell on this terminal. */
async function interact(vm: Vm): Promise<number> {
  const { createInterface } = await import("node:readline/promises");
  const { stdin: input, stdout: output } = await import("node:process");
  const lines = createInterface({ input, output });
  const closed = new Promise<undefined>((resolve) => lines.once("close", () => resolve(undefined)));
  try {
    return await (await vm.shell()).repl({
      readLine: (prompt) => Promise.race([lines.question(prompt), closed]),
      write: (bytes) => writeAll(Deno.stdout, bytes),
    });
  } finally {
    lines.close();
  }
}

/** Boots with `initcall_debug`, runs what was asked for, and resolves to the kernel log. */
export async function dmesgOf(args: BootArgs): Promise<string> {
  const append = `${args.append ?? DEFAULT_APPEND} initcall_debug`;
  await using vm = await start({ ...args, append });
  if (args.c !== undefined || args.script !== undefined) await runShell(vm, args);
  return vm.dmesg();
}

async function run(words: readonly string[]): Promise<number> {
  const args = parseArgs([...words], BOOT_OPTIONS);
  if (args.help) return printHelp(HELP);
  checkBootArgs(args);
  await using vm = await start(args);
  if (args.dmesg) writeAll(Deno.stdout, new TextEncoder().encode(vm.dmesg()));
  try {
    return await runShell(vm, args);
  } finally {
    if (args.trace !== undefined) await Deno.writeTextFile(args.trace, String(vm.trace));
  }
}

const ERRORS = [
  ...[OptionError, OrderingError, KernelError, FdtError, DeadlockError],
  ...[QemuExitError, QemuUnavailableError, QtestError],
];

function explain(error: unknown): string | undefined {
  if (error instanceof DtsError) {
    return error.render({ color: Deno.stderr.isTerminal() && !Deno.noColor });
  }
  return ERRORS.some((kind) => error instanceof kind) ? (error as Error).message : undefined;
}

/** `paraguest boot` */
export const VERB: Verb = { run, explain };
