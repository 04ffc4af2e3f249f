/**
 * What kernels of different years do differently where this one is about order: named switches, and which of
 * them each kernel has. Everything else is the reference kernel's, 6.1, whatever the profile.
 *
 * @module
 */
import { OrderingError } from "./ordering.ts";

/** The switches of one kernel. */
export interface Profile {
  /**
   * A new driver joins its bus's list before devices are offered to it. Where it joined after that, a device
   * that came meanwhile was missed. Linux: commit 190888ac01d0
   */
  readonly listBeforeAttach: boolean;
  /**
   * A device whose bus is not there is added without one. Before, the kernel read through a null pointer. Linux:
   * bus_to_subsys() in bus_add_device()
   */
  readonly addsWithoutBus: boolean;
  /** What is probed beside other work: nothing, all that is offered to a new driver as one, each device. */
  readonly asyncProbe: "none" | "driver" | "device";
  /** `probe of DEV returned` says the errno of a driver that failed; before, 1 for success and 0 for a failure. */
  readonly probeReturnsErrno: boolean;
  /** A probe that is put off is tried again at once when another one succeeded meanwhile. Linux: deferred_trigger_count */
  readonly triggerCounter: boolean;
  /** Seconds after the initcalls until suppliers are waited for no more, with modules; not above 0 is never. */
  readonly deferredProbeTimeoutS: number;
  /** Each new driver restarts that time. Linux: deferred_probe_extend_timeout() */
  readonly extendTimeout: boolean;
  /** What is said of a device that still waits when the time is over: nothing but that, or why, as a warning. */
  readonly pendingReason: boolean;
  /** How a probe that failed is announced: `DRIVER: probe of DEV failed`, or by the device. */
  readonly probeFailure: "driver" | "device";
  /** What `fw_devlink=` is when nobody says it. */
  readonly fwDevlink: "off" | "permissive" | "on" | "rpm";
  /** The device of the console is probed also without suppliers that no driver has. Linux: FWNODE_FLAG_BEST_EFFORT */
  readonly bestEffortConsole: boolean;
  /** `fw_devlink.sync_state=` exists: what becomes of suppliers whose consumers never came. */
  readonly syncStateTimeout: boolean;
  /** The name of virtio_console's init function. */
  readonly virtioConsoleInit: string;
}

const V6_1: Profile = {
  listBeforeAttach: true,
  addsWithoutBus: false,
  asyncProbe: "device",
  probeReturnsErrno: true,
  triggerCounter: true,
  deferredProbeTimeoutS: 10,
  extendTimeout: true,
  pendingReason: false,
  probeFailure: "driver",
  fwDevlink: "on",
  bestEffortConsole: true,
  syncStateTimeout: false,
  virtioConsoleInit: "virtio_console_init",
};
const V6_6: Profile = { ...V6_1, addsWithoutBus: true, syncStateTimeout: true };
const V6_12: Profile = {
  ...V6_6,
  fwDevlink: "rpm",
  pendingReason: true,
  probeFailure: "device",
};
const V5_15: Profile = {
  ...V6_1,
  deferredProbeTimeoutS: 0,
  extendTimeout: false,
  bestEffortConsole: false,
  virtioConsoleInit: "init",
};
const V5_10: Profile = { ...V5_15, probeReturnsErrno: false, fwDevlink: "permissive" };
const V4_19: Profile = { ...V5_10, asyncProbe: "driver", fwDevlink: "off" };
const V3_2: Profile = {
  ...V4_19,
  listBeforeAttach: false,
  asyncProbe: "none",
  triggerCounter: false,
};

/** The kernels that are known, oldest first. */
export const PROFILES: Readonly<Record<string, Profile>> = {
  "3.2": V3_2,
  "4.19": V4_19,
  "5.10": V5_10,
  "5.15": V5_15,
  "6.1": V6_1,
  "6.6": V6_6,
  "6.12": V6_12,
};

/** The kernel that is modelled where nothing is said. */
export const DEFAULT_PROFILE = "6.1";

/**
 * The switches of the kernel called `name`.
 *
 * @throws {OrderingError} When it is not known.
 */
export function profileOf(name: string = DEFAULT_PROFILE): Profile {
  if (Object.hasOwn(PROFILES, name)) return PROFILES[name];
  const known = Object.keys(PROFILES).join(", ");
  throw new OrderingError(`profile: unknown kernel '${name}'; known: ${known}`);
}

/** Options of a kernel's configuration that change orders. */
export interface Kconfig {
  /** Code can be loaded: suppliers may still come when all initcalls have run. Default: true. */
  readonly MODULES?: boolean;
  /** Each device is probed, removed and probed again, to find drivers that leave something behind. Default: false. */
  readonly DEBUG_TEST_DRIVER_REMOVE?: boolean;
}
