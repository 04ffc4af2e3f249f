/**
 * The parameters of modules.
 *
 * Linux: include/linux/moduleparam.h, kernel/params.c
 *
 * @module
 */
import { KernelError } from "./errors.ts";
import type { InitcallLevel } from "./initcall.ts";
import type { Kernel } from "./kernel.ts";

/** A parameter of a module. Linux: module_param() */
export interface ModuleParam {
  /** The name after the dot: `NAME` in `module.NAME=value`. */
  readonly name: string;
  /** Permission bits in `/sys/module/NAME/parameters`; 0 hides it. */
  readonly mode: number;
  /** What is shown before anybody sets it: `"0"`, `"Y"`. */
  readonly default: string;
  /** Checks and turns what was given into what is shown. Throws `EINVAL`. Default: as it is. */
  readonly parse?: (value: string) => string;
  /**
   * The level before whose initcalls it is set when the module is built in. Default: before all others.
   *
   * Linux: core_param() … late_param_cb()
   */
  readonly level?: InitcallLevel;
  /** Acts when it is set (module_param_cb); default: nothing but keeping the value. */
  readonly set?: (kernel: Kernel, value: string) => Promise<undefined>;
  /** Exists only where the module is built in: the reference configuration's module lacks it. */
  readonly builtinOnly?: boolean;
  /** What `modinfo` says about it. Linux: MODULE_PARM_DESC() */
  readonly description?: string;
  /** What is shown now; default: the value that was set. */
  readonly get?: (kernel: Kernel) => string;
}

const UINT_MAX = 0xffffffff;

/**
 * The value of a whole number in C's notation, as Linux shows it.
 *
 * Linux: param_set_uint(), kstrtouint()
 *
 * @throws {KernelError} `EINVAL` for anything else, `ERANGE` when it does not fit into 32 bits.
 */
export function parseUint(value: string): string {
  const [, hex, octal, decimal] = /^\+?(?:0x([\da-f]+)|0([0-7]+)|(\d+))\n?$/i.exec(value) ?? [];
  const digits = hex ?? octal ?? decimal;
  if (digits === undefined || (octal === undefined && /^0\d/.test(digits) && hex === undefined)) {
    throw new KernelError("EINVAL", `'${value}' is not a number`);
  }
  const number = parseInt(digits, hex !== undefined ? 16 : octal !== undefined ? 8 : 10);
  if (number > UINT_MAX) throw new KernelError("ERANGE", `'${value}' is too large`);
  return String(number);
}

/** `Y` or `N`. Throws `EINVAL`. Linux: param_set_bool(), kstrtobool() */
export function parseBool(value: string): string {
  if (/^(y|t|1|on)/i.test(value)) return "Y";
  if (/^(n|f|0|of)/i.test(value)) return "N";
  throw new KernelError("EINVAL", `'${value}' is not a switch`);
}
