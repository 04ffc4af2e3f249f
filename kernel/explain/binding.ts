/**
 * Why a device of a running kernel has its driver, or none.
 *
 * @module
 */
import { BUSES } from "../base/bus.ts";
import { PROBE_ATTEMPTS, type ProbeAttempt } from "../base/attempt.ts";
import { DEFERRED } from "../base/dd.ts";
import { type Device, DEVICES } from "../base/device.ts";
import { matchDevice } from "../base/match.ts";
import { ERRNO } from "../errno.ts";
import type { Finding } from "../finding.ts";
import type { Kernel } from "../kernel.ts";
import { MODULES } from "../module.ts";
import { nearest } from "../of/dts/suggest.ts";
import { matchPattern } from "../vfs/glob.ts";

/** A driver, and whether it fits. */
export interface DriverFit {
  /** Its name. */
  readonly name: string;
  /** It matches the device. */
  readonly fits: boolean;
  /** By which word: `"virtio,mmio"`; or the word that is nearly the device's. */
  readonly key: string | undefined;
}

/** One attempt to bind the device. */
export interface BindingAttempt {
  /** The driver that looked at it. */
  readonly driver: string;
  /** What made it look: an initcall, what happened before it was tried again, a task. */
  readonly trigger: string;
  /** Virtual time in nanoseconds. */
  readonly atNs: number;
  /** `"bound"`, or the errno: `"EPROBE_DEFER"`. */
  readonly result: string;
  /** What it saw, oldest first: suppliers, registers, features, configuration, numbers that it was given. */
  readonly found: readonly BindingFinding[];
}

/** Something that an attempt looked at, and what it saw there. */
export interface BindingFinding {
  /** The kind of thing: `"supplier"`, `"features"`, `"config"`, `"number"`, `"error"`. */
  readonly object: string;
  /** Which one of them: `"capacity"`; empty where there is only one. */
  readonly key: string;
  /** What it saw. */
  readonly value: string;
}

/** Why a device has its driver, or none. */
export interface BindingExplanation {
  /** Its name. */
  readonly device: string;
  /** Its bus; `undefined` for a device that no driver could have. */
  readonly bus: string | undefined;
  /** The driver that it is bound to. */
  readonly driver: string | undefined;
  /** Who made it. */
  readonly createdBy: string;
  /** Drivers of its bus that fit, or nearly. */
  readonly drivers: readonly DriverFit[];
  /** Modules that are not loaded and say that they fit. */
  readonly modules: readonly string[];
  /** All attempts to bind it, oldest first. */
  readonly attempts: readonly BindingAttempt[];
  /** What keeps it from being bound; `undefined` when it is. */
  readonly blockedBy: string | undefined;
  /** What would have to happen; `undefined` when it is bound, or nothing would help. */
  readonly unblockedBy: string | undefined;
}

/** There is no such device. The message says which there are. */
export class NoDeviceError extends Error {
  /** The name of the class. */
  override name = "NoDeviceError";
}

/**
 * Explains why a device has its driver, or none.
 *
 * @param name Its name: `"virtio0"`, `"a003e00.virtio_mmio"`.
 * @throws {NoDeviceError} When no device has this name.
 */
export function explainBinding(kernel: Kernel, name: string): BindingExplanation {
  const dev = findDevice(kernel, name);
  const drivers = driversFor(dev);
  const modules = modulesFor(dev);
  const attempts = kernel.get(PROBE_ATTEMPTS).filter(({ device }) => device === name);
  const found = {
    device: name,
    bus: dev.bus?.name,
    driver: dev.bound ? dev.driver?.name : undefined,
    createdBy: creatorOf(dev),
    drivers,
    modules,
    attempts: attempts.map(({ driver, trigger, atNs, result, findings }) => ({
      ...{ driver, trigger, atNs },
      result: errnoName(result),
      found: findings.map(({ object, key, value }) => ({ object, key, value: valueText(value) })),
    })),
  };
  const block = dev.bound ? undefined : blockOf(dev, drivers, modules, attempts.at(-1));
  return { ...found, blockedBy: block?.by, unblockedBy: block?.unless };
}

function findDevice(kernel: Kernel, name: string): Device {
  const all = [...kernel.get(DEVICES)];
  const named = all.filter((dev) => dev.name === name);
  const found = named.find(({ bus }) => bus !== undefined) ?? named[0];
  if (found !== undefined) return found;
  const onBuses = all.filter(({ bus }) => bus !== undefined).map((dev) => dev.name);
  const near = onBuses.filter((other) =>
    other.includes(name) || nearest(name, [other], WRONG_LETTERS) !== undefined
  );
  const hint = near.length > 0 ? `; is it ${near.join(", ")}?` : "";
  throw new NoDeviceError(`nobody made a device '${name}'${hint}`);
}

function creatorOf(dev: Device): string {
  const parent = dev.parentDevice;
  if (dev.ofNode !== undefined && parent?.driver === undefined) {
    return `the device tree's node ${dev.ofNode.path}`;
  }
  if (parent?.driver !== undefined) return `driver ${parent.driver.name} of ${parent.name}`;
  return parent === undefined ? "the kernel itself" : `the kernel itself, below ${parent.name}`;
}

/** Those that fit, and those of which a word is nearly one of the device's. */
function driversFor(dev: Device): DriverFit[] {
  const { bus } = dev;
  if (bus === undefined) return [];
  const own = bus.type.deviceKeys?.(dev) ?? [];
  return [...bus.drivers].flatMap((driver): DriverFit[] => {
    const keys = bus.type.driverKeys?.(driver) ?? [];
    if (matchDevice(driver, dev) === true) {
      return [{ name: driver.name, fits: true, key: keys.find((key) => own.includes(key)) }];
    }
    const near = nearKey(own, keys);
    return near === undefined ? [] : [{ name: driver.name, fits: false, key: near }];
  });
}

/** Words with more wrong letters are other words. */
const WRONG_LETTERS = 2;
/** Words shorter than this are near to too many. */
const NEAR_LENGTH_MIN = 5;

function nearKey(own: readonly string[], keys: readonly string[]): string | undefined {
  return keys.find((key) =>
    key.length >= NEAR_LENGTH_MIN && nearest(key, own, WRONG_LETTERS) !== undefined
  );
}

function modulesFor(dev: Device): string[] {
  const words = dev.bus?.type.uevent?.(dev) ?? [];
  const modalias = words.find((word) => word.startsWith("MODALIAS="))?.slice("MODALIAS=".length);
  if (modalias === undefined) return [];
  const { images, present } = dev.kernel.get(MODULES);
  return [...images.values()].filter(({ name, aliases = [] }) =>
    !present.has(name) && aliases.some((alias) => matchPattern(alias, modalias))
  ).map(({ name }) => name);
}

function errnoName(result: number): string {
  if (result === 0) return "bound";
  const name = Object.entries(ERRNO).find(([, errno]) => errno === Math.abs(result))?.[0];
  return name ?? `${result}`;
}

/** Flags in hexadecimal, bytes too, numbers as they are. */
function valueText(value: Finding["value"]): string {
  if (typeof value === "bigint") return `0x${value.toString(16)}`;
  if (!(value instanceof Uint8Array)) return String(value);
  return [...value].map((byte) => byte.toString(16).padStart(2, "0")).join(":");
}

/** What keeps a device from being bound, and what would have to happen. */
interface Block {
  readonly by: string;
  readonly unless: string | undefined;
}

function blockOf(
  dev: Device,
  drivers: readonly DriverFit[],
  modules: readonly string[],
  last: ProbeAttempt | undefined,
): Block {
  const { bus, kernel } = dev;
  if (bus === undefined) {
    return { by: "it is on no bus: no driver could have it", unless: undefined };
  }
  if (!kernel.get(BUSES).has(bus.name)) {
    return { by: `its bus ${bus.name} is not registered`, unless: "nothing any more" };
  }
  if (!drivers.some(({ fits }) => fits)) return noDriver(dev, drivers, modules);
  if (kernel.get(DEFERRED).pending.has(dev)) return deferredBy(dev);
  if (last === undefined) {
    return { by: `nobody has offered it to a driver`, unless: bindByHand(dev, drivers) };
  }
  if (dev.driver !== undefined) {
    return { by: `${dev.driver.name} looks at it now`, unless: undefined };
  }
  return refused(last, drivers, dev);
}

function noDriver(dev: Device, drivers: readonly DriverFit[], modules: readonly string[]): Block {
  const words = dev.bus?.type.deviceKeys?.(dev).join(", ");
  const [module] = modules;
  if (module !== undefined) {
    return { by: `its driver is in module ${module}, not loaded`, unless: `modprobe ${module}` };
  }
  const by = `no driver of bus ${dev.bus?.name} fits${words === undefined ? "" : ` ${words}`}`;
  const [near] = drivers;
  if (near === undefined) return { by, unless: "a driver that knows it" };
  return { by, unless: `the word ${near.key} of driver ${near.name}, if that is what is meant` };
}

function deferredBy(dev: Device): Block {
  const reason = dev.deferReason.trim();
  const supplier = /wait for supplier (\S+)/.exec(reason)?.[1];
  return {
    by: `its probe was put off${reason === "" ? "" : `: ${reason}`}`,
    unless: supplier === undefined
      ? "any device that is bound: it is tried again then"
      : `a driver for ${supplier}`,
  };
}

function refused(last: ProbeAttempt, drivers: readonly DriverFit[], dev: Device): Block {
  const errno = errnoName(last.result);
  const silent = errno === "ENODEV" || errno === "ENXIO";
  const by = silent
    ? `${last.driver} found that it is not there (${errno})`
    : `${last.driver} failed with ${errno}; the kernel does not try again by itself`;
  return { by, unless: silent ? undefined : bindByHand(dev, drivers) };
}

function bindByHand({ name, bus }: Device, drivers: readonly DriverFit[]): string {
  const driver = drivers.find(({ fits }) => fits)?.name;
  return `echo ${name} > /sys/bus/${bus?.name}/drivers/${driver}/bind`;
}

/** So many findings of a kind are told in a text; the data has all. */
const FINDINGS_TOLD = 12;

/** What an attempt saw, a line for each kind of thing. */
function renderFound(found: readonly BindingFinding[]): string[] {
  const kinds = Map.groupBy(found, ({ object }) => object);
  return [...kinds].map(([object, findings]) => {
    const told = findings.slice(0, FINDINGS_TOLD).map(({ key, value }) =>
      key === "" ? value : `${key} = ${value}`
    );
    const more = findings.length - told.length;
    return `    ${object}: ${told.join(", ")}${more > 0 ? ` and ${more} more` : ""}`;
  });
}

/** Tells attempts: when, who and why, how it ended, and below it what was seen. */
export function renderAttempts(attempts: readonly BindingAttempt[]): string[] {
  return attempts.flatMap(({ driver, trigger, atNs, result, found }) => [
    `  ${(atNs / 1e9).toFixed(6)} ${driver}, ${trigger}: ${result}`,
    ...renderFound(found),
  ]);
}

/** Tells an explanation, a line each. */
export function renderBinding(found: BindingExplanation): string {
  const { device, bus, driver, createdBy, drivers, modules, attempts } = found;
  const where = bus === undefined ? "no bus" : `bus ${bus}`;
  const lines = [
    `${device} on ${where}: ${driver === undefined ? "no driver" : `bound to ${driver}`}`,
    `  made by ${createdBy}`,
    ...drivers.map(({ name, fits, key }) =>
      fits
        ? `  driver ${name} fits${key === undefined ? "" : ` by ${key}`}`
        : `  driver ${name} nearly fits: it knows ${key}`
    ),
    ...modules.map((name) => `  module ${name} would fit, but is not loaded`),
    ...renderAttempts(attempts),
  ];
  if (attempts.length === 0) lines.push("  no driver has tried it");
  if (found.blockedBy !== undefined) lines.push(`  blocked: ${found.blockedBy}`);
  if (found.unblockedBy !== undefined) lines.push(`  to unblock it: ${found.unblockedBy}`);
  return `${lines.join("\n")}\n`;
}
