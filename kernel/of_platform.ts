/**
 * Platform and AMBA devices made of the device tree, and what becomes of them when the tree changes.
 *
 * Linux: drivers/of/platform.c
 *
 * @module
 */
import { AmbaDevice, ambaDeviceAdd } from "./amba/bus.ts";
import { deviceDel } from "./base/core.ts";
import { type Device, DEVICES } from "./base/device.ts";
import { BUSES } from "./base/bus.ts";
import { deviceSetNode } from "./base/fwnode.ts";
import { PlatformDevice, platformDeviceAdd } from "./base/platform.ts";
import { syncStatePause, syncStateResume } from "./base/sync_state.ts";
import type { Errno } from "./errno.ts";
import { KernelError } from "./errors.ts";
import type { Resource } from "./io.ts";
import type { Kernel } from "./kernel.ts";
import { attempt, type MightSleep, then } from "./might_sleep.ts";
import { tryAddressToResource } from "./of/address.ts";
import {
  LiveTree,
  type OfReconfigData,
  ofReconfigGetStateChange,
  ofReconfigNotifierRegister,
} from "./of/dynamic.ts";
import { type DeviceNode, OF_POPULATED, OF_POPULATED_BUS } from "./of/node.ts";
import { OverlayState } from "./of/overlay.ts";
import { ofPlatformDefaultPopulate, type PopulateStep, PopulateWalk } from "./of/platform.ts";
import { cellOf } from "./of/property.ts";
import type { DeviceTree } from "./of/tree.ts";
import { namedFirst } from "./ordering.ts";
import { Slot } from "./slot.ts";
import { Mutex } from "./wait.ts";

/** The tree that the kernel booted with, as it changes. Linux: of_platform_register_reconfig_notifier() */
export const LIVE_TREE: Slot<LiveTree> = new Slot("live device tree", (kernel) => {
  const live = new LiveTree(kernel.tree as DeviceTree, new Mutex(kernel.sched, "of_mutex"));
  ofReconfigNotifierRegister(live, (change) => ofPlatformNotify(kernel, change));
  return live;
});

/** The overlays that were laid over the tree. */
export const OVERLAYS: Slot<OverlayState> = new Slot(
  "overlays",
  (kernel) =>
    new OverlayState(kernel.get(LIVE_TREE), new Mutex(kernel.sched, "of_overlay_phandle_mutex")),
);

function memoryOf(np: DeviceNode): Resource[] {
  const resources: Resource[] = [];
  for (;;) {
    const found = tryAddressToResource(np, resources.length);
    if (found === undefined) return resources;
    const { name, start, end } = found;
    resources.push({ name, start: Number(start), end: Number(end), type: "mem" });
  }
}

/** Linux: of_platform_device_create_pdata(), of_device_alloc() */
function createPlatformDevice(
  kernel: Kernel,
  step: PopulateStep,
  parent: Device | undefined,
): MightSleep<Device> {
  const resources = memoryOf(step.np);
  const dev = new PlatformDevice(kernel, step.name);
  deviceSetNode(dev, step.np);
  dev.resources = resources;
  return then(platformDeviceAdd(dev, parent), () => dev);
}

/** Linux: of_amba_device_create() */
function createAmbaDevice(
  kernel: Kernel,
  { np, name }: PopulateStep,
  parent: Device | undefined,
): MightSleep<Device> {
  const dev = new AmbaDevice(kernel, name);
  deviceSetNode(dev, np);
  dev.periphid = cellOf(np, "arm,primecell-periphid") ?? 0;
  dev.resource = memoryOf(np)[0];
  if (dev.resource === undefined) {
    kernel.err(`OF: amba: of_address_to_resource() failed (-22) for ${np.pOF}`);
    throw new KernelError("EINVAL", `${np.path}: has no registers`);
  }
  return attempt(() => ambaDeviceAdd(dev, parent), () => dev, (error) => {
    if (error instanceof KernelError) {
      kernel.err(`OF: amba_device_add() failed (${-error.errno}) for ${np.pOF}`);
    }
    throw error;
  });
}

/** Makes a device, `undefined` if that fails. */
function createDevice(
  kernel: Kernel,
  step: PopulateStep,
  parent: Device | undefined,
): MightSleep<Device | undefined> {
  const create = step.bus === "amba" ? createAmbaDevice : createPlatformDevice;
  return attempt(() => create(kernel, step, parent), (dev) => dev, (error) => {
    if (!(error instanceof KernelError)) throw error;
    // Linux's words are followed by a stack, which is not modelled.
    if (error.code === "EEXIST") kernel.warn(error.message);
    return undefined;
  });
}

/** Makes the devices of a walk; those on top hang below `above`. */
async function populate(kernel: Kernel, walk: PopulateWalk, above?: Device): Promise<undefined> {
  const made = new Map<DeviceNode, Device>();
  while (walk.waiting.length > 0) {
    const at = kernel.choices.active
      ? await chooseStep(kernel, walk.waiting)
      : firstStep(kernel, walk.waiting);
    const step = walk.take(at);
    if (step === undefined) continue;
    const parent = step.parent === undefined ? above : made.get(step.parent) ?? above;
    const creating = createDevice(kernel, step, parent);
    const dev = creating instanceof Promise ? await creating : creating;
    if (dev === undefined) walk.failed(step);
    else {
      made.set(step.np, dev);
      walk.made(step, at);
    }
  }
  kernel.sched.barrier(
    "slot",
    `end of the devices ${above === undefined ? "of the tree" : `below ${above.name}`}`,
  );
}

/** Where the device waits that is made next, unless somebody chooses. */
function firstStep({ ordering }: Kernel, waiting: readonly PopulateStep[]): number {
  return ordering.slots === undefined ? 0 : waiting.indexOf(namedFirst(waiting, ordering.slots)[0]);
}

/** Where the device waits that somebody chose. */
async function chooseStep(
  { choices, ordering, sched }: Kernel,
  waiting: readonly PopulateStep[],
): Promise<number> {
  const steps = choices.candidates("slot", namedFirst(waiting, ordering.slots), ({ name }) => name);
  const taken = await sched.decide("slot", steps.map(({ name }) => name));
  return waiting.indexOf(steps[taken]);
}

/** Linux: of_platform_default_populate_init(), at arch_initcall_sync */
export async function ofPlatformDefaultPopulateInit(kernel: Kernel): Promise<number> {
  syncStatePause(kernel);
  await populate(kernel, ofPlatformDefaultPopulate(kernel.tree as DeviceTree));
  return 0;
}

/**
 * Makes devices of the children of `np`, below the device of `parent` if given, and of what stands below
 * those that are buses. Nodes that are devices already are passed over. Linux: of_platform_default_populate()
 */
export async function ofPlatformPopulate(
  kernel: Kernel,
  np: DeviceNode,
  parent?: Device,
): Promise<undefined> {
  const walk = new PopulateWalk();
  walk.children(np, undefined);
  syncStatePause(kernel);
  await populate(kernel, walk, parent);
  await syncStateResume(kernel);
}

/** The platform device that was made of a node. Linux: of_find_device_by_node() */
export function ofFindDeviceByNode(kernel: Kernel, np: DeviceNode): PlatformDevice | undefined {
  for (const dev of kernel.get(BUSES).get("platform")?.devices ?? []) {
    if (dev.ofNode === np) return dev as PlatformDevice;
  }
  return undefined;
}

function childrenOf(parent: Device): Device[] {
  return [...parent.kernel.get(DEVICES)].filter(({ parentDevice }) => parentDevice === parent);
}

/** Takes a device that was made of a node away, and those below it. Linux: of_platform_device_destroy() */
export async function ofPlatformDeviceDestroy(dev: Device): Promise<undefined> {
  const { ofNode } = dev;
  if (ofNode === undefined || !ofNode.checkFlag(OF_POPULATED)) return;
  if (ofNode.checkFlag(OF_POPULATED_BUS)) {
    for (const child of childrenOf(dev)) await ofPlatformDeviceDestroy(child);
  }
  ofNode.clearFlag(OF_POPULATED);
  ofNode.clearFlag(OF_POPULATED_BUS);
  if (dev instanceof PlatformDevice || dev instanceof AmbaDevice) await deviceDel(dev);
}

/**
 * Takes the devices that were made of the tree below `parent` away, the newest first; others stay.
 * Linux: of_platform_depopulate()
 */
export async function ofPlatformDepopulate(parent: Device): Promise<undefined> {
  if (parent.ofNode?.checkFlag(OF_POPULATED_BUS) !== true) return;
  for (const child of childrenOf(parent).reverse()) await ofPlatformDeviceDestroy(child);
  parent.ofNode.clearFlag(OF_POPULATED_BUS);
}

/** A node that comes or becomes available below a bus gets a device, one that goes loses it. Linux: of_platform_notify() */
async function ofPlatformNotify(
  kernel: Kernel,
  change: OfReconfigData,
): Promise<Errno | undefined> {
  const { np } = change;
  const now = ofReconfigGetStateChange(change);
  if (now === "remove" && np.checkFlag(OF_POPULATED)) {
    const dev = ofFindDeviceByNode(kernel, np);
    if (dev !== undefined) await ofPlatformDeviceDestroy(dev);
  }
  if (now !== "add" || np.parent?.checkFlag(OF_POPULATED_BUS) !== true) return undefined;
  if (np.checkFlag(OF_POPULATED)) return undefined;
  const walk = new PopulateWalk();
  walk.device(np);
  await populate(kernel, walk, ofFindDeviceByNode(kernel, np.parent));
  if (np.checkFlag(OF_POPULATED)) return undefined;
  kernel.err(`OF: of_platform_notify: failed to create for '${np.pOF}'`);
  return "EINVAL";
}
