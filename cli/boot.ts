/**
 * The verb `boot`.
 *
 * @module
 */
import { parseArgs } from "@std/cli/parse-args";
import type { Machine } from "../hypervisor/platform.ts";
import { boot } from "../vm/boot.ts";
import { embedded, qemu } from "../vm/machines.ts";
import type { Vm } from "../vm/vm.ts";
import {
  type Args,
  checkGuestArgs,
  DEFAULT_APPEND,
  explainGuestError,
  GUEST_HELP,
  GUEST_STRINGS,
  kernelOf,
  MACHINE_HELP,
  machineArgs,
  readTree,
  warnUnmodelled,
} from "./guest_options.ts";
import { printHelp, UsageError, type Verb, writeAll } from "./verb.ts";

const HELP = `paraguest boot: boot a machine and run a script or a shell in its guest

usage: paraguest boot [OPTION...] [-- QEMU_OPTION...]

options:
  --machine embedded    the machine in this program (default)
  --machine qemu        a QEMU that is started for it
  --qemu PROGRAM        the QEMU to start; default: $QEMU, or qemu-system-aarch64
${GUEST_HELP}  -c CMD                run CMD in the guest's shell and exit with its code
  --script FILE         run a script in the guest's shell and exit with its code
  --dmesg               print the kernel log before anything else
  --trace FILE          write the register trace there, in QEMU's words
  --help                say this

${MACHINE_HELP}
Without -c and --script, the shell is interactive on a terminal, and reads its
script from standard input elsewhere.

examples:
  paraguest boot --dmesg -c 'ls /sys/bus/virtio/devices' -- -device virtio-keyboard-device
  paraguest boot --modules all -c 'modprobe virtio_mmio; lsmod'
`;

/** What `parseArgs()` is to know of the options. */
export const BOOT_OPTIONS = {
  string: [...GUEST_STRINGS, "machine", "qemu", "c", "script", "trace"],
  boolean: ["dmesg", "help"],
  alias: { h: "help" },
  "--": true,
  unknown: (arg: string) => {
    throw new UsageError(`boot: unknown option or argument '${arg}'; see paraguest boot --help`);
  },
} as const;

const MACHINES = ["embedded", "qemu"];

/** Refuses options that make no sense. */
export function checkBootArgs(args: Args): undefined {
  if (args.machine !== undefined && !MACHINES.includes(args.machine)) {
    throw new UsageError(
      `boot: unknown machine '${args.machine}'; known: ${MACHINES.join(", ")}`,
    );
  }
  checkGuestArgs("boot", args, BOOT_OPTIONS.string);
  if (args.c !== undefined && args.script !== undefined) {
    throw new UsageError("boot: -c and --script exclude each other");
  }
}

async function makeMachine(args: Args): Promise<Machine> {
  const options = machineArgs(args);
  const dtb = await readTree(args);
  if (args.machine !== "qemu") return embedded(options, { dtb });
  return qemu(options, { dtb, program: args.qemu });
}

async function start(args: Args): Promise<Vm> {
  warnUnmodelled(args);
  const options = { ...await kernelOf("boot", args), trace: args.trace !== undefined };
  return await boot(await makeMachine(args), options);
}

/** Runs what was asked for in the guest's shell; resolves to its exit code. */
async function runShell(vm: Vm, args: Args): Promise<number> {
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
export async function dmesgOf(args: Args): Promise<string> {
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

/** `paraguest boot` */
export const VERB: Verb = { run, explain: explainGuestError };
