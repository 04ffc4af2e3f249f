/**
 * Slots named on the kernel command line: `virtio_mmio.device=0x200@0xa003e00:47`.
 *
 * Linux: the part of drivers/virtio/virtio_mmio.c under CONFIG_VIRTIO_MMIO_CMDLINE_DEVICES
 *
 * @module
 */
import { deviceAdd, deviceDel } from "../kernel/base/core.ts";
import { devErr, Device } from "../kernel/base/device.ts";
import { PlatformDevice, platformDeviceAdd } from "../kernel/base/platform.ts";
import { KernelError } from "../kernel/errors.ts";
import { hex8, type Region } from "../kernel/io.ts";
import type { Kernel } from "../kernel/kernel.ts";
import type { ModuleParam } from "../kernel/module_param.ts";
import { Slot } from "../kernel/slot.ts";

/** Slots made from the command line of one kernel. */
class CmdlineSlots {
  parent: Device | undefined;
  readonly devices: PlatformDevice[] = [];
  readonly regions: Region[] = [];
  nextId = 0;
}

const CMDLINE_SLOTS: Slot<CmdlineSlots> = new Slot("virtio-mmio-cmdline", () => new CmdlineSlots());

/** What the parameter says. Sizes may end in K, M, G. */
interface CmdlineSlot {
  readonly size: number;
  readonly base: number;
  readonly irq: number;
  readonly id: number | undefined;
}

const SYNTAX = /^(0x[0-9a-f]+|\d+)([kmg]?)@(0x[0-9a-f]+|\d+):(\d+)(?::(\d+))?$/i;

function parse(value: string): CmdlineSlot {
  const match = SYNTAX.exec(value);
  const irq = Number(match?.[4] ?? 0);
  if (match === null || irq === 0) {
    throw new KernelError("EINVAL", `'${value}' is not SIZE@BASE:IRQ[:ID] with an IRQ above 0`);
  }
  const shift = " kmg".indexOf(match[2].toLowerCase() || " ");
  return {
    size: Number(match[1]) * 1024 ** shift,
    base: Number(match[3]),
    irq,
    id: match[5] === undefined ? undefined : Number(match[5]),
  };
}

/** Linux: vm_cmdline_set() */
async function vmCmdlineSet(kernel: Kernel, value: string): Promise<undefined> {
  const slots = kernel.get(CMDLINE_SLOTS);
  const { size, base, irq, id } = parse(value);
  if (slots.parent === undefined) {
    slots.parent = new Device(kernel, "virtio-mmio-cmdline");
    await deviceAdd(slots.parent);
  }
  const number = slots.nextId = id ?? slots.nextId;
  const hex = (address: number) => `0x${address.toString(16)}`;
  const dev = new PlatformDevice(kernel, `virtio-mmio.${number}`);
  const end = base + size - 1;
  kernel.info(
    `virtio-mmio: Registering device ${dev.name} at ${hex(base)}-${hex(end)}, IRQ ${irq}.`,
  );
  dev.resources = [
    { name: dev.name, start: base, end, type: "mem" },
    { name: dev.name, start: irq, end: irq, type: "irq" },
  ];
  const region = claim(dev, base, end);
  try {
    await platformDeviceAdd(dev, slots.parent);
  } catch (error) {
    kernel.io.releaseRegion(region);
    throw error;
  }
  slots.devices.push(dev);
  slots.regions.push(region);
  slots.nextId = number + 1;
}

/** Puts a slot's registers into `/proc/iomem`. Linux: platform_device_add() */
function claim(dev: PlatformDevice, base: number, end: number): Region {
  try {
    return dev.kernel.io.insertResource(dev.name, base, end);
  } catch (error) {
    devErr(dev, `failed to claim resource 0: [mem 0x${hex8(base)}-0x${hex8(end)}]`);
    throw error;
  }
}

/** Linux: vm_cmdline_get() */
function vmCmdlineGet(kernel: Kernel): string {
  return kernel.get(CMDLINE_SLOTS).devices.map((dev) => {
    const [{ start, end }, irq] = dev.resources;
    const id = dev.name.split(".")[1];
    return `0x${(end - start + 1).toString(16)}@0x${start.toString(16)}:${irq.start}:${id}\n`;
  }).join("");
}

/** Takes the slots away again. Linux: vm_unregister_cmdline_devices() */
export async function vmUnregisterCmdlineDevices(kernel: Kernel): Promise<undefined> {
  const slots = kernel.get(CMDLINE_SLOTS);
  for (const dev of slots.devices.splice(0)) await deviceDel(dev);
  for (const region of slots.regions.splice(0)) kernel.io.releaseRegion(region);
  if (slots.parent !== undefined) await deviceDel(slots.parent);
  slots.parent = undefined;
}

/** The parameter `virtio_mmio.device`; may be given several times. */
export const VIRTIO_MMIO_DEVICE_PARAM: ModuleParam = {
  name: "device",
  mode: 0o400,
  default: "",
  builtinOnly: true,
  level: "device",
  set: vmCmdlineSet,
  get: vmCmdlineGet,
};
