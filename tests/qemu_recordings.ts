/**
 * Recorded runs of Linux, done by our kernel on the QEMU that Linux ran on.
 *
 * @module
 */
import { boot } from "../vm/boot.ts";
import { qemu } from "../vm/machines.ts";
import { machineArgs, type Recording, type Run } from "./recordings.ts";

/** What the recorder's init wrote to `/proc/sys/kernel/printk` before the script. */
const CONSOLE_LOGLEVEL = 1;

/** Runs a recorded script on QEMU, from the first module to power-off. */
export async function runOnQemu(recording: Recording): Promise<Run> {
  const folder = await Deno.makeTempDir();
  const decoder = new TextDecoder();
  let output = "";
  try {
    const serial = ["-chardev", "script,id=terminal", "-serial", "chardev:terminal"];
    const args = [...serial, ...machineArgs(recording)];
    const machine = qemu(args, { images: recording.images, folder, dtb: recording.dtb });
    const append = `console=ttyAMA0 quiet ${recording.append}`;
    await using vm = await boot(machine, { append, modules: "all", trace: true });
    vm.kernel.log.consoleLoglevel = CONSOLE_LOGLEVEL;
    const terminal = vm.chardev("terminal");
    terminal.read();
    const print = (bytes: Uint8Array): undefined => {
      output += decoder.decode(bytes, { stream: true }).replaceAll("\r", "");
    };
    const shell = await vm.shell();
    await shell.run(recording.script, {
      name: "/guest.sh",
      onOutput: (bytes) => {
        // The guest's own writes to its terminal came before.
        print(terminal.read());
        print(bytes);
      },
    });
    print(terminal.read());
    const text = output;
    const log = vm.dmesg().replaceAll(/^\[[ 0-9.]*\] /gm, "");
    await vm.poweroff();
    const files: Record<string, string> = {};
    for (const name of Object.keys(recording.files)) {
      files[name] = await Deno.readTextFile(`${folder}/${name}`);
    }
    return { output: text, log, files, trace: String(vm.trace), faults: vm.check() };
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}
