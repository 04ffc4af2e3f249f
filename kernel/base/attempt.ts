/**
 * What became of each probe, and what it saw, for those who ask later.
 *
 * @module
 */
import type { KernelError } from "../errors.ts";
import type { Finding } from "../finding.ts";
import type { Kernel } from "../kernel.ts";
import { type MightSleep, then } from "../might_sleep.ts";
import { Slot } from "../slot.ts";
import type { Device } from "./device.ts";
import type { DeviceDriver } from "./driver.ts";

/** What happened in one attempt to bind a device. */
export interface ProbeAttempt {
  readonly device: string;
  readonly driver: string;
  /** 0, or the errno by which the attempt ended, negative when the driver was not even called. */
  readonly result: number;
  readonly atNs: number;
  /** What made the driver look: an initcall, what happened before it was tried again, or the task that did. */
  readonly trigger: string;
  /** What it saw, oldest first. */
  readonly findings: readonly Finding[];
}

/** All attempts so far, by their ends. */
export const PROBE_ATTEMPTS: Slot<ProbeAttempt[]> = new Slot("probe attempts", () => []);

/** What makes the running task probe. */
export function causeOf({ sched: { current } }: Kernel): string {
  return current?.cause ?? current?.name ?? "";
}

/**
 * Keeps what happens in an attempt. A probe within a probe sees for itself.
 *
 * @param body Probes; gives 0 or an errno.
 */
export function noteAttempt(
  { name: driver }: DeviceDriver,
  { kernel, name: device }: Device,
  body: () => MightSleep<number>,
): MightSleep<number> {
  const { clock: { nowNs: atNs }, sched: { current } } = kernel;
  const findings: Finding[] = [];
  const outer = current?.findings;
  if (current !== undefined) current.findings = findings;
  return then(body(), (result) => {
    if (current !== undefined) current.findings = outer;
    const trigger = causeOf(kernel);
    kernel.get(PROBE_ATTEMPTS).push({ device, driver, result, atNs, trigger, findings });
    return result;
  });
}

/** Keeps that a driver could not even say whether it fits. */
export function noteUndecided(
  { name: driver }: DeviceDriver,
  { kernel, name: device }: Device,
  { errno, message }: KernelError,
): undefined {
  kernel.get(PROBE_ATTEMPTS).push({
    ...{ device, driver, result: -errno, atNs: kernel.clock.nowNs, trigger: causeOf(kernel) },
    findings: [{ object: "error", key: "", value: message }],
  });
}

/** The running task does something because of `cause`, and then for its own reasons again. */
export async function becauseOf<T>(
  { sched: { current } }: Kernel,
  cause: string,
  body: () => MightSleep<T>,
): Promise<T> {
  const outer = current?.cause;
  if (current !== undefined) current.cause = cause;
  const result = await body();
  if (current !== undefined) current.cause = outer;
  return result;
}
