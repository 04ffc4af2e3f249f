/**
 * What is seen of a kernel in the end, by the eyes of different people. Texts name devices by the slot they
 * are in, so that they are the same whatever numbers were given out.
 *
 * @module
 */
import { PROBE_ATTEMPTS } from "../kernel/base/attempt.ts";
import { DEFERRED } from "../kernel/base/dd.ts";
import { type Device, DEVICES } from "../kernel/base/device.ts";
import { UEVENTS } from "../kernel/base/uevent.ts";
import { ERRNO } from "../kernel/errno.ts";
import type { Kernel } from "../kernel/kernel.ts";

/** What a boot noted while it ran, for the views. */
export interface BootNotes {
  /** What initcalls returned, where it was not 0. */
  readonly failed: readonly { readonly name: string; readonly result: number }[];
  /** Consoles that went live, each with the step in which it did. */
  readonly consoles: readonly { readonly name: string; readonly step: string }[];
}

/** A way of looking at a booted kernel. */
export interface View {
  /** What it shows. */
  readonly summary: string;
  /** What is seen. */
  readonly look: (kernel: Kernel, notes: BootNotes) => string;
  /** It shows what happened, not how things stand: a kernel that died has it too. Default: false. */
  readonly afterDeath?: boolean;
  /** Things whose order only this view shows: they count as shared between steps when it is wanted. */
  readonly shows?: readonly string[];
}

/** Each device under the name of the one it hangs on: the nearest that has its name from the machine. */
function slotOf(dev: Device): string {
  for (let at: Device | undefined = dev; at !== undefined; at = at.parentDevice) {
    if (at.bus !== undefined && (at.bus.name === "platform" || at.bus.name === "amba")) {
      return at.name;
    }
  }
  return "";
}

function devicesOf(kernel: Kernel): Device[] {
  return [...kernel.get(DEVICES)];
}

function sortedLines(lines: readonly string[]): string {
  return lines.toSorted().join("\n");
}

function errnoName(errno: number): string {
  const name = Object.entries(ERRNO).find(([, value]) => value === Math.abs(errno))?.[0];
  return name ?? `${errno}`;
}

/** What the view `bindings` calls a device: its slot, and its bus where it only hangs on that. */
export function bindingName(dev: Device): string {
  const slot = slotOf(dev);
  return dev.name === slot ? slot : `${slot} ${dev.bus?.name}`;
}

/** Devices of buses with their drivers. */
function lookAtBindings(kernel: Kernel): string {
  const lines = devicesOf(kernel).filter(({ bus }) => bus !== undefined).map((dev) =>
    `${bindingName(dev)}: ${dev.driver?.name ?? "no driver"}`
  );
  return sortedLines(lines);
}

/** Names that were given out, by the slot that they lead to. */
function lookAtNames(kernel: Kernel): string {
  const names = new Map<string, string[]>();
  for (const dev of devicesOf(kernel)) {
    const slot = slotOf(dev);
    if (slot === "" || slot === dev.name) continue;
    names.set(slot, [...names.get(slot) ?? [], dev.name]);
  }
  return sortedLines([...names].map(([slot, list]) => `${slot}: ${list.toSorted().join(" ")}`));
}

/** What failed: initcalls, probes, and devices that still wait. A device that is not there is no failure. */
function lookAtErrors(kernel: Kernel, { failed }: BootNotes): string {
  const deferred = kernel.get(DEFERRED);
  const silent = [0, ERRNO.ENODEV, ERRNO.ENXIO, ERRNO.EPROBE_DEFER];
  const probes = kernel.get(PROBE_ATTEMPTS).filter(({ result }) =>
    !silent.includes(Math.abs(result))
  );
  return sortedLines([
    ...failed.map(({ name, result }) => `${name} failed with ${errnoName(result)}`),
    ...probes.map(({ driver, result }) => `a probe by ${driver} failed with ${errnoName(result)}`),
    ...[...deferred.pending].map((dev) => `${slotOf(dev)} waits: ${dev.deferReason.trim()}`),
  ]);
}

/** Lists whose order is the order in which something else is done that views show. */
const LISTS: readonly string[] = ["input handler order"];

/** The views of a boot. */
export const VIEWS: Readonly<Record<string, View>> = {
  bindings: { summary: "which driver has which device", look: lookAtBindings },
  names: { summary: "which slot leads to which names: virtio0, vda, eth0", look: lookAtNames },
  errors: { summary: "initcalls and probes that failed, devices that wait", look: lookAtErrors },
  console: {
    summary: "which consoles went live, and in which step",
    look: (_, { consoles }) => consoles.map(({ name, step }) => `${name} in ${step}`).join("\n"),
    afterDeath: true,
  },
  shutdown: {
    summary: "in which order devices are shut down",
    look: (kernel) => {
      const devices = devicesOf(kernel).filter(({ bus }) => bus !== undefined);
      return devices.reverse().map((dev) => `${slotOf(dev)} ${dev.bus?.name}`).join("\n");
    },
    shows: ["device order", ...LISTS],
  },
  uevents: {
    summary: "what user space hears, in its order",
    look: (kernel) =>
      kernel.get(UEVENTS).sent.map(({ action, devpath }) => `${action} ${devpath}`).join("\n"),
    afterDeath: true,
    shows: ["uevents", ...LISTS],
  },
  log: {
    summary: "what the log says, in its order, without times",
    look: (kernel) => kernel.log.records.map(({ text }) => text).join("\n"),
    afterDeath: true,
    shows: ["log", ...LISTS],
  },
};
