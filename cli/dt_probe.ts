/**
 * What became of a device in a kernel that was booted with its tree.
 *
 * @module
 */
import { BUSES } from "../kernel/base/bus.ts";
import { DEFERRED } from "../kernel/base/dd.ts";
import {
  type BindingAttempt,
  type DeviceExplanation,
  explainBinding,
  renderAttempts,
} from "../kernel/explain/mod.ts";
import type { Machine } from "../hypervisor/platform.ts";
import { boot } from "../vm/boot.ts";

/** A device after all probes. */
export interface ProbeOutcome {
  /** The driver that it is bound to, `undefined` if to none. */
  readonly driver: string | undefined;
  /** Why its probe is to be tried again; `undefined` if it is not. */
  readonly deferred: string | undefined;
  /** Each attempt to bind it. */
  readonly attempts: readonly BindingAttempt[];
  /** Lines of the kernel log with its name. */
  readonly log: readonly string[];
}

/** Boots a machine and tells of devices that it should have; `undefined` for those that it does not have. */
export async function probeOutcomes(
  machine: Machine,
  devices: readonly DeviceExplanation["device"][],
): Promise<(ProbeOutcome | undefined)[]> {
  await using vm = await boot(machine);
  const buses = vm.kernel.get(BUSES);
  const waiting = vm.kernel.get(DEFERRED).show().split("\n").map((line) => line.split("\t"));
  const lines = vm.dmesg().split("\n");
  return devices.map((expected) => {
    const { bus = "", name = "" } = expected ?? {};
    const device = buses.get(bus)?.findDevice(name);
    return device && {
      driver: device.driver?.name,
      deferred: waiting.find(([waits]) => waits === name)?.[1],
      attempts: explainBinding(vm.kernel, name).attempts,
      log: lines.filter((line) => line.includes(`${name}:`)),
    };
  });
}

/** One outcome as text. */
export function renderOutcome(outcome: ProbeOutcome | undefined): string {
  if (outcome === undefined) return "  after a boot: there is no such device\n";
  const { driver, deferred, attempts, log } = outcome;
  const state = driver !== undefined
    ? `bound to ${driver}`
    : deferred !== undefined
    ? `its probe waits: ${deferred === "" ? "no reason given" : deferred}`
    : "bound to no driver";
  const tried = renderAttempts(attempts).map((line) => `  ${line}`);
  return [`  after a boot: ${state}`, ...tried, ...log.map((line) => `    ${line}`), ""].join("\n");
}
