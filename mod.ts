/**
 * A scriptable guest kernel: Linux's virtio side, from initcalls and device tree to disks, consoles,
 * keyboards and network cards, in a script.
 *
 * @example Boot a machine with a disk, write to it, look around in its shell
 * ```ts
 * import { boot, embedded } from "./mod.ts";
 *
 * await using vm = await boot(embedded([
 *   "-drive", "if=none,id=d0,file=disk.img,format=raw",
 *   "-device", "virtio-blk-device,drive=d0,serial=ALPHA",
 * ], { images: { "disk.img": new Uint8Array(1 << 20) } }));
 *
 * await vm.block("vda").write(7, new Uint8Array(512).fill(0xa5));
 * console.assert((await vm.block("vda").read(7))[0] === 0xa5);
 * console.assert(await vm.sh("cat /sys/block/vda/serial") === "ALPHA");
 * ```
 *
 * @module
 */
export { boot, type BootOptions } from "./vm/boot.ts";
export { embedded, qemu } from "./vm/machines.ts";
export { BlockHandle, ConsoleHandle, InputHandle, NetHandle } from "./vm/handles.ts";
export { type RegisterAccess, RegisterTrace } from "./vm/trace.ts";
export { ShellError, Vm } from "./vm/vm.ts";

export type {
  AccessWidth,
  CharEnd,
  Guest,
  Machine,
  Platform,
  Violation,
} from "./hypervisor/platform.ts";
export { EmbeddedMachine, type EmbeddedOptions } from "./hypervisor/embedded/machine.ts";
export { Hubs } from "./hypervisor/embedded/netdev.ts";
export { OptionError } from "./hypervisor/embedded/option_list.ts";
export { QemuExitError, QemuUnavailableError, QtestError } from "./hypervisor/qemu/errors.ts";
export { QemuMachine, type QemuOptions } from "./hypervisor/qemu/machine.ts";
export { qemuInstalled } from "./hypervisor/qemu/program.ts";

export { INITCALLS, MODULE_IMAGES } from "./drivers/mod.ts";
export type { Choice, ChoiceKind, Chooser } from "./kernel/choice.ts";
export type { Costs } from "./kernel/clock.ts";
export { ERRNO, type Errno } from "./kernel/errno.ts";
export { KernelBug, KernelError } from "./kernel/errors.ts";
export type { Initcall, InitcallLevel } from "./kernel/initcall.ts";
export type { InputEvent } from "./kernel/input/evdev.ts";
export { Kernel, type KernelOptions } from "./kernel/kernel.ts";
export type { ModuleImage, ModuleParam } from "./kernel/module.ts";
export { flattenDeviceTree } from "./kernel/of/fdt_write.ts";
export { FdtError, unflattenDeviceTree } from "./kernel/of/fdt.ts";
export { DtsError, parseDts } from "./kernel/of/mod.ts";
export { DeadlockError } from "./kernel/sched.ts";
export type { GuestFs } from "./kernel/vfs/api.ts";
export type { GuestShell, RunResult } from "./shell/mod.ts";
