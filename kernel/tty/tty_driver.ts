/**
 * Terminal drivers and ports: what a driver gives to the tty core, and the numbers it registers.
 *
 * Linux: include/linux/tty_driver.h, include/linux/tty_port.h, drivers/tty/tty_io.c
 *
 * @module
 */
import { deviceAdd, deviceUnregister } from "../base/core.ts";
import { Device, type Devt } from "../base/device.ts";
import { type ChrdevRegion, registerChrdev, unregisterChrdev } from "../chrdev.ts";
import { KernelError } from "../errors.ts";
import type { Kernel } from "../kernel.ts";
import type { AttributeGroup } from "../kobject.ts";
import { Slot } from "../slot.ts";
import type { SpecialFile } from "../vfs/node.ts";
import { TTY_CLASS } from "./tty_class.ts";
import type { Termios, Winsize } from "./termios.ts";
import { ttyOpen } from "./tty_file.ts";
import type { TtyStruct } from "./tty_struct.ts";

/** What a terminal driver does. All but `open` and `close` run in atomic context. Linux: struct tty_operations */
export interface TtyOperations {
  /** Finds what is behind the terminal. Throws `ENODEV` when nothing is. */
  install(tty: TtyStruct): undefined;
  open(tty: TtyStruct): Promise<undefined>;
  close(tty: TtyStruct): Promise<undefined>;
  /** Takes bytes and says how many, possibly none; a negative errno for an error. */
  write(tty: TtyStruct, data: Uint8Array): number;
  /** How many bytes `write` would take now. */
  writeRoom(tty: TtyStruct): number;
  /** How many bytes wait to be sent. */
  charsInBuffer?(tty: TtyStruct): number;
  flushChars?(tty: TtyStruct): undefined;
  /** Forgets what waits to be sent. */
  flushBuffer?(tty: TtyStruct): undefined;
  throttle?(tty: TtyStruct): undefined;
  unthrottle?(tty: TtyStruct): undefined;
  stop?(tty: TtyStruct): undefined;
  start?(tty: TtyStruct): undefined;
  hangup?(tty: TtyStruct): undefined;
  setTermios?(tty: TtyStruct, old: Termios): undefined;
  /** The window has a new size; by default it is only noted. */
  resize?(tty: TtyStruct, size: Winsize): undefined;
}

/** What kind of terminal `/proc/tty/drivers` says it is. */
export type TtyDriverType =
  | "system"
  | "system:/dev/tty"
  | "system:console"
  | "system:vtmaster"
  | "console"
  | "serial"
  | "pty:master"
  | "pty:slave";

/** What a driver is made with. */
export interface TtyDriverOptions {
  /** Shown in `/proc/tty/drivers`. */
  readonly driverName: string;
  /** Nodes are called so, with the number behind: `hvc`. */
  readonly name: string;
  readonly major: number;
  readonly minorStart: number;
  /** How many terminals it can have. */
  readonly num: number;
  readonly type: TtyDriverType;
  readonly initTermios: Termios;
  readonly ops: TtyOperations;
  /** Each first open starts from `initTermios` again (TTY_DRIVER_RESET_TERMIOS). */
  readonly resetTermios?: boolean;
  /** Nodes appear only for ports that do (TTY_DRIVER_DYNAMIC_DEV). */
  readonly dynamicDev?: boolean;
}

/** A driver of terminals. Linux: struct tty_driver */
export class TtyDriver {
  /** Open terminals by index. */
  readonly ttys: (TtyStruct | undefined)[] = [];
  /** Settings that outlast the last close. */
  readonly termios: (Termios | undefined)[] = [];
  readonly devices: (Device | undefined)[] = [];
  region: ChrdevRegion | undefined;
  /** The driver's own data. */
  driverState: unknown;

  constructor(readonly kernel: Kernel, readonly options: TtyDriverOptions) {}

  get ops(): TtyOperations {
    return this.options.ops;
  }

  /** Name of a terminal: `hvc0`. Linux: tty_line_name() */
  lineName(index: number): string {
    return `${this.options.name}${index}`;
  }
}

/** A line of `/proc/tty/drivers`. */
export type TtyDriverRow = Pick<
  TtyDriverOptions,
  "driverName" | "name" | "major" | "minorStart" | "num" | "type"
>;

/** All drivers of a kernel, oldest first, with those that only have a line. Linux: tty_drivers */
export const TTY_DRIVERS: Slot<(TtyDriver | TtyDriverRow)[]> = new Slot("tty drivers", () => []);

/**
 * Makes a driver known; its terminals appear in `/dev` and `/sys/class/tty`.
 *
 * Linux: tty_register_driver()
 *
 * @throws {KernelError} `EBUSY` when its numbers are taken, `ENOMEM`; nothing is left behind then.
 */
export async function ttyRegisterDriver(driver: TtyDriver): Promise<undefined> {
  const { kernel, options } = driver;
  const { name, major, minorStart, num } = options;
  driver.region = registerChrdev(kernel, name, { major, firstMinor: minorStart, count: num });
  const drivers = kernel.get(TTY_DRIVERS);
  drivers.push(driver);
  try {
    if (options.dynamicDev !== true) {
      for (let index = 0; index < num; index++) await ttyRegisterDevice(driver, index);
    }
  } catch (error) {
    await ttyUnregisterDriver(driver);
    throw error;
  }
}

/** Takes a driver and its terminals away. Linux: tty_unregister_driver() */
export async function ttyUnregisterDriver(driver: TtyDriver): Promise<undefined> {
  for (let index = driver.devices.length - 1; index >= 0; index--) {
    await ttyUnregisterDevice(driver, index);
  }
  const drivers = driver.kernel.get(TTY_DRIVERS);
  const at = drivers.indexOf(driver);
  if (at >= 0) drivers.splice(at, 1);
  if (driver.region !== undefined) unregisterChrdev(driver.kernel, driver.region);
  driver.region = undefined;
}

/** Below what a terminal appears, and what it shows. */
export interface TtyDeviceOptions {
  readonly parent?: Device;
  readonly groups?: readonly AttributeGroup<never>[];
}

/**
 * Makes one terminal appear in `/dev` and `/sys/class/tty`.
 *
 * Linux: tty_register_device_attr()
 *
 * @throws {KernelError} `EINVAL` for an index past the driver's last, `EEXIST`, `ENOMEM`.
 */
export async function ttyRegisterDevice(
  driver: TtyDriver,
  index: number,
  options: TtyDeviceOptions = {},
): Promise<Device> {
  const { kernel } = driver;
  if (index >= driver.options.num) {
    kernel.err(
      `${driver.options.driverName}: Attempt to register invalid tty line number (${index})`,
    );
    throw new KernelError("EINVAL", `${driver.options.name}: no terminal ${index}`);
  }
  const dev = new Device(kernel, driver.lineName(index));
  dev.cls = TTY_CLASS;
  dev.parentDevice = options.parent;
  dev.groups = options.groups ?? [];
  dev.devt = ttyDevt(driver, index);
  await deviceAdd(dev);
  driver.devices[index] = dev;
  return dev;
}

/** Number and node of a terminal. */
export function ttyDevt(driver: TtyDriver, index: number): Devt {
  const { major, minorStart } = driver.options;
  const minor = minorStart + index;
  const node: SpecialFile = {
    kind: "char",
    mode: 0o600,
    major,
    minor,
    open: (flags) => ttyOpen(driver, index, flags),
  };
  return { major, minor, node };
}

/** Takes one terminal away again. Linux: tty_unregister_device() */
export async function ttyUnregisterDevice(driver: TtyDriver, index: number): Promise<undefined> {
  const dev = driver.devices[index];
  driver.devices[index] = undefined;
  if (dev === undefined) return;
  await deviceUnregister(dev);
  const file = "drivers/tty/tty_io.c";
  dev.kernel.dyndbg?.dev(file, "tty_device_create_release", dev, "releasing...");
}
