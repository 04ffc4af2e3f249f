/**
 * Platform and AMBA devices made of the device tree.
 *
 * Linux: drivers/of/platform.c
 *
 * @module
 */
import { AmbaDevice, ambaDeviceAdd } from "./amba/bus.ts";
import type { Device } from "./base/device.ts";
import { PlatformDevice, platformDeviceAdd } from "./base/platform.ts";
import { errnoOf } from "./errors.ts";
import type { Resource } from "./io.ts";
import type { Kernel } from "./kernel.ts";
import { attempt, type MightSleep, then } from "./might_sleep.ts";
import { tryAddressToResource } from "./of/address.ts";
import type { DeviceNode } from "./of/node.ts";
import { ofPlatformPopulateOrder, type PopulateStep } from "./of/platform.ts";
import type { DeviceTree } from "./of/tree.ts";
import { namedFirst } from "./ordering.ts";

function memoryOf(np: DeviceNode): Resource[] {
  const resources: Resource[] = [];
  for (;;) {
    const found = tryAddressToResource(np, resources.length);
    if (found === undefined) return resources;
    resources.push({ name: found.name, start: found.start, end: found.end, type: "mem" });
  }
}

/**
 * Makes the devices that a step names.
 *
 * Linux: of_platform_device_create_pdata(), of_amba_device_create()
 */
function createDevice(
  kernel: Kernel,
  { np, bus, name }: PopulateStep,
  parent: Device | undefined,
): MightSleep<Device | undefined> {
  if (bus === "amba") return createAmbaDevice(kernel, np, name, parent);
  const dev = new PlatformDevice(kernel, name);
  dev.ofNode = np;
  dev.resources = memoryOf(np);
  return then(platformDeviceAdd(dev, parent), () => dev);
}

/** A device that does not answer is logged and left out. Linux: of_amba_device_create() */
function createAmbaDevice(
  kernel: Kernel,
  np: DeviceNode,
  name: string,
  parent: Device | undefined,
): MightSleep<Device | undefined> {
  const dev = new AmbaDevice(kernel, name);
  dev.ofNode = np;
  dev.resource = memoryOf(np)[0];
  return attempt(() => ambaDeviceAdd(dev, parent), () => dev, (error) => {
    kernel.err(`amba_device_add() failed (-${errnoOf(error)}) for ${np.pOF}`);
    return undefined;
  });
}

/** Linux: of_platform_default_populate_init(), at arch_initcall_sync */
export async function ofPlatformDefaultPopulateInit(kernel: Kernel): Promise<number> {
  const steps = ofPlatformPopulateOrder(kernel.tree as DeviceTree);
  const waiting = namedFirst(steps, kernel.ordering.slots);
  const made = new Map<DeviceNode, Device>();
  while (waiting.length > 0) {
    const step = takeStep(kernel, waiting);
    const parent = step.parent === undefined ? undefined : made.get(step.parent);
    const creating = createDevice(kernel, step, parent);
    const dev = creating instanceof Promise ? await creating : creating;
    if (dev !== undefined) made.set(step.np, dev);
  }
  return 0;
}

/** The next device to make: any whose parent is made, the first one by default. */
function takeStep({ choices, ordering }: Kernel, waiting: PopulateStep[]): PopulateStep {
  if (!choices.active && ordering.slots === undefined) return waiting.shift() as PopulateStep;
  const free = waiting.filter((step) => !waiting.some((other) => other.np === step.parent));
  const step = free[choices.choose("slot", free.length, (i) => free[i].name)];
  waiting.splice(waiting.indexOf(step), 1);
  return step;
}
