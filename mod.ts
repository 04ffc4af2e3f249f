/**
 * A scriptable guest kernel: Linux's virtio side, from initcalls and device tree to disks, consoles,
 * keyboards and network cards, in a script.
 *
 * @example Boot a machine with a disk, write to it, look around in its shell
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { boot, embedded } from "./mod.ts";
 *
 * await using vm = await boot(embedded([
 *   "-drive", "if=none,id=d0,file=disk.img,format=raw",
 *   "-device", "virtio-blk-device,drive=d0,serial=ALPHA",
 * ], { images: { "disk.img": new Uint8Array(1 << 20) } }));
 *
 * await vm.block("vda").write(7, new Uint8Array(512).fill(0xa5));
 * assertEquals((await vm.block("vda").read(7))[0], 0xa5);
 * assertEquals(await vm.sh("cat /sys/block/vda/serial"), "ALPHA");
 * ```
 *
 * @module
 */

// Scripts
export { boot, type BootOptions } from "./vm/boot.ts";
export { type Embedded, embedded, embeddedModel, type Model, qemu } from "./vm/machines.ts";
export { BlockHandle } from "./vm/block_handle.ts";
export { ConsoleHandle } from "./vm/console_handle.ts";
export { InputHandle } from "./vm/input_handle.ts";
export { NetHandle } from "./vm/net_handle.ts";
export { Overlays } from "./vm/overlays.ts";
export { type RegisterAccess, RegisterTrace } from "./vm/trace.ts";
export { ShellError, Vm } from "./vm/vm.ts";

// Machines
export type {
  AccessWidth,
  CharEnd,
  DeviceView,
  Guest,
  Machine,
  Platform,
  QueueView,
  Violation,
} from "./hypervisor/platform.ts";
export type {
  Host,
  HostDatagram,
  HostFile,
  HostStream,
  OpenMode,
  SocketAddress,
} from "./hypervisor/host.ts";
export type { DeviceCosts } from "./hypervisor/embedded/costs.ts";
export type { EmbeddedOptions } from "./hypervisor/embedded/machine.ts";
export type { DeviceKind } from "./hypervisor/embedded/own_device.ts";
export type { TraceSink } from "./hypervisor/embedded/mmio_trace.ts";
export { Hubs } from "./hypervisor/embedded/netdev.ts";
export { OptionError } from "./hypervisor/embedded/option_list.ts";
export { NO_QUIRKS, QEMU_7_2, type Quirks } from "./hypervisor/embedded/quirks.ts";
export type { ConnectionOptions } from "./hypervisor/qemu/connection.ts";
export { QemuExitError, QemuUnavailableError, QtestError } from "./hypervisor/qemu/errors.ts";
export type { QemuOptions } from "./hypervisor/qemu/machine.ts";
export { qemuInstalled } from "./hypervisor/qemu/program.ts";

// The kernel
export { INITCALLS, MODULE_IMAGES } from "./drivers/mod.ts";
export {
  type AccessKind,
  type AccessListener,
  type Choice,
  type ChoiceKind,
  type ChoicePoint,
  type Choices,
  type Chooser,
  type Freedom,
  type Option,
  STOP,
  type Vary,
} from "./kernel/choice.ts";
export type { Clock, Costs } from "./kernel/clock.ts";
export { ERRNO, type Errno } from "./kernel/errno.ts";
export { KernelBug, KernelError } from "./kernel/errors.ts";
export {
  type Initcall,
  INITCALL_LEVELS,
  type InitcallLevel,
  type LinkOrder,
} from "./kernel/initcall.ts";
export type { InputEvent } from "./kernel/input/evdev.ts";
export type { InputValue } from "./kernel/input/input.ts";
export type { AccessHook, Io, IoMem, Region, Resource } from "./kernel/io.ts";
export type { IrqAction, IrqDesc, IrqHandler, IrqReturn, Irqs, Trigger } from "./kernel/irq.ts";
export { Kernel, type KernelOptions } from "./kernel/kernel.ts";
export type { Allocation, Mem, Memory, UseAfterFree } from "./kernel/mem.ts";
export type { Module, ModuleImage, NamedInit } from "./kernel/module.ts";
export type { ModuleParam } from "./kernel/module_param.ts";
export {
  type InitcallPlace,
  type Ordering,
  OrderingError,
  parseOrdering,
} from "./kernel/ordering.ts";
export type { Param, Params } from "./kernel/params.ts";
export { DEFAULT_PROFILE, type Kconfig, type Profile, PROFILES } from "./kernel/profile.ts";
export type { LogRecord, Printk } from "./kernel/printk.ts";
export type { Scheduler } from "./kernel/sched.ts";
export { Slot } from "./kernel/slot.ts";
export { DeadlockError, type Fork, type Task } from "./kernel/task.ts";
export type { Timer } from "./kernel/timers.ts";

// Device trees
export { flattenDeviceTree } from "./kernel/of/fdt_write.ts";
export { FdtError, unflattenDeviceTree, type UnflattenOptions } from "./kernel/of/fdt.ts";
export { FdtReader } from "./kernel/of/fdt_reader.ts";
export {
  addDts,
  type Compat,
  type Diagnostic,
  type DiagnosticDetails,
  type DiagnosticLabel,
  DtsError,
  type Expansion,
  type FileSource,
  type Origin,
  type OriginMap,
  type ParseAstOptions,
  parseDts,
  type ParseDtsOptions,
  type Place,
  type ReadFile,
  renderDiagnostics,
  type RenderOptions,
  type SourceFile,
  type SourceMap,
  type Span,
} from "./kernel/of/mod.ts";
export type { AliasProp, DeviceTree, MemReserve, NodeAndOptions } from "./kernel/of/tree.ts";
export type { DeviceNode, Marker, OfPrintk, Property } from "./kernel/of/node.ts";

export * from "./kernel/explain/mod.ts";
export type { AddressHop } from "./kernel/of/address.ts";
export type { OfDeviceId } from "./kernel/of/base.ts";
export type { Cells, OfBus } from "./kernel/of/bus.ts";
export type { OfReconfigAction } from "./kernel/of/dynamic.ts";
export type { PopulateVerdict } from "./kernel/of/platform.ts";

// The ordering lab
export * from "./lab/mod.ts";
export {
  ExploreWorkerError,
  ExploreWorkers,
  exploreWorkers,
  type ExploreWorkersOptions,
} from "./vm/explore_workers.ts";

// User space
export type { GuestFs } from "./kernel/vfs/api.ts";
export type { Stat } from "./kernel/vfs/vfs.ts";
export type { GuestShell, ReplStreams, RunOptions, RunResult } from "./shell/mod.ts";
