/**
 * Names of the reference kernel's other parts: Debian's 6.1 for arm64 on QEMU's `virt`. They are read off that
 * kernel, and nothing behind them is modelled.
 *
 * @module
 */
import type { Surroundings } from "../../kernel/surroundings.ts";
import { BUS_DRIVERS } from "./buses.ts";
import { CLASSES, DEVICES, SLEEPERS } from "./devices.ts";
import { DEBUG_NAMES, NODE_ORDER, PROC_FILES, SYS_FILES } from "./files.ts";
import { ALL_INITCALLS, BEFORE_INIT, MESSAGES } from "./initcalls.ts";
import { loadableImages } from "./loadable_images.ts";
import { BUILTIN_MODULES, BUILTIN_PARAMETERS } from "./modules.ts";

/** What user space sees beside what is modelled. */
export const SURROUNDINGS: Surroundings = {
  busDrivers: BUS_DRIVERS,
  classes: CLASSES,
  devices: DEVICES,
  builtinModules: BUILTIN_MODULES,
  builtinParameters: BUILTIN_PARAMETERS,
  sleepers: SLEEPERS,
  sysFiles: SYS_FILES,
  procFiles: PROC_FILES,
  debugNames: DEBUG_NAMES,
  nodeOrder: NODE_ORDER,
  uevents: { base: 765, perCpu: 2 },
  loadable: loadableImages(),
  initcalls: ALL_INITCALLS,
  messages: MESSAGES,
  beforeInit: BEFORE_INIT,
};
