/**
 * The terminals that every kernel has: `/dev/console`, `/dev/tty`, the virtual ones; and what `/proc` and
 * `/sys/class/tty` say.
 *
 * Linux: drivers/tty/tty_io.c, fs/proc/proc_tty.c
 *
 * @module
 */
import { CLASSES, Device, DEVICES, SYSFS } from "../base/device.ts";
import { KernelError } from "../errors.ts";
import type { Initcall } from "../initcall.ts";
import { KBD_HANDLER } from "../input/handlers.ts";
import { inputRegisterHandler } from "../input/input.ts";
import type { Kernel } from "../kernel.ts";
import { Kobject } from "../kobject.ts";
import { procCreate } from "../procfs.ts";
import { Slot } from "../slot.ts";
import type { Inode, OpenFile, OpenFlags, SpecialFile } from "../vfs/node.ts";
import { consoleDevice, showActive, showConsoles } from "./console.ts";
import { TTY_CLASS } from "./tty_class.ts";
import { TTY_DRIVERS, TtyDriver, type TtyDriverRow } from "./tty_driver.ts";
import { ttyOpen } from "./tty_file.ts";
import { conInit, MAX_NR_CONSOLES, TTY_MAJOR, VT_DRIVER } from "./vt.ts";

const TTYAUX_MAJOR = 5;

/**
 * Drivers that Debian's arm64 kernel has beside ours: they have no hardware here, and a line each.
 * Those of the first list are older than ours, those of the second younger.
 */
const OLDER_ROWS: readonly TtyDriverRow[] = [
  row("mvebu_serial", "ttyMV", 253, 0, 2),
];
const YOUNGER_ROWS: readonly TtyDriverRow[] = [
  {
    driverName: "pty_master",
    name: "ptm",
    major: 128,
    minorStart: 0,
    num: 1048576,
    type: "pty:master",
  },
  {
    driverName: "pty_slave",
    name: "pts",
    major: 136,
    minorStart: 0,
    num: 1048576,
    type: "pty:slave",
  },
  row("serial", "ttyS", 4, 64, 4),
  row("IMX-uart", "ttymxc", 207, 16, 8),
  row("meson_uart", "ttyAML", 246, 0, 12),
  row("msm_serial", "ttyMSM", 245, 0, 3),
  row("qcom_geni_console", "ttyMSM", 244, 0, 1),
  row("qcom_geni_uart", "ttyHS", 243, 0, 3),
  row("tegra_hsuart", "ttyTHS", 242, 0, 8),
  row("fsl-lpuart", "ttyLP", 241, 0, 6),
];

function row(
  driverName: string,
  name: string,
  major: number,
  minorStart: number,
  num: number,
): TtyDriverRow {
  return { driverName, name, major, minorStart, num, type: "serial" };
}

/** What the file of a serial driver without ports shows, and the ports that 8250 keeps for later. */
const SERINFO = "serinfo:1.0 driver revision:\n";
const UNKNOWN_8250 = [0, 1, 2, 3].map((n) => `${n}: uart:unknown port:00000000 irq:0\n`).join("");

/** `/proc/tty/drivers`. Linux: show_tty_driver() */
function showTtyDrivers(kernel: Kernel): string {
  const line = (driver: string, name: string, major: number, minors: string, type: string) =>
    `${driver.padEnd(20)} /dev/${name.padEnd(8)} ${String(major).padStart(3)} ${minors} ${type}\n`;
  const rows = [...kernel.get(TTY_DRIVERS)].reverse().map((driver) => {
    const { driverName, name, major, minorStart, num, type } = driver instanceof TtyDriver
      ? driver.options
      : driver;
    const last = minorStart + num - 1;
    const minors = num > 1 ? `${minorStart}-${last}` : String(minorStart).padStart(7);
    return line(driverName, name, major, minors, type);
  });
  return line("/dev/tty", "tty", TTYAUX_MAJOR, String(0).padStart(7), "system:/dev/tty") +
    line("/dev/console", "console", TTYAUX_MAJOR, String(1).padStart(7), "system:console") +
    line("/dev/ptmx", "ptmx", TTYAUX_MAJOR, String(2).padStart(7), "system") +
    line("/dev/vc/0", "vc/0", TTY_MAJOR, String(0).padStart(7), "system:vtmaster") +
    rows.join("");
}

/** Node of a terminal whose driver is known only when it is opened. */
class IndirectNode implements SpecialFile {
  readonly kind = "char";

  constructor(
    readonly kernel: Kernel,
    readonly major: number,
    readonly minor: number,
    readonly mode: number,
  ) {}

  /** Linux: tty_lookup_driver() */
  async open(flags: OpenFlags): Promise<OpenFile> {
    const device = this.#device();
    if (device === undefined) throw this.#missing();
    return await ttyOpen(device.driver, device.index, flags);
  }

  #device() {
    if (this.major === TTY_MAJOR) {
      return { driver: this.kernel.get(VT_DRIVER), index: Math.max(0, this.minor - 1) };
    }
    return this.minor === 1 ? consoleDevice(this.kernel) : undefined;
  }

  #missing(): KernelError {
    if (this.minor === 1) return new KernelError("ENODEV", "console: no console has a terminal");
    if (this.minor === 0) {
      return new KernelError("ENXIO", "tty: the task has no terminal of its own");
    }
    return new KernelError("ENXIO", "ptmx: this kernel has no pseudo terminals");
  }
}

/** A folder whose entries nobody needs before somebody looks: sixty-odd terminals at each boot. */
class LazyFolder extends Kobject {
  readonly #fill: () => undefined;

  constructor(name: string, fill: () => undefined) {
    super(name);
    this.#fill = fill;
  }

  override lookup(name: string): Inode | undefined {
    this.#fill();
    return super.lookup(name);
  }

  override *names(): Iterable<string> {
    this.#fill();
    yield* super.names();
  }
}

/** The terminals that are always there: name, numbers, permissions. */
function* staticNodes(): Iterable<readonly [string, number, number, number]> {
  yield ["tty", TTYAUX_MAJOR, 0, 0o666];
  yield ["console", TTYAUX_MAJOR, 1, 0o600];
  yield ["tty0", TTY_MAJOR, 0, 0o600];
  for (let n = 1; n <= MAX_NR_CONSOLES; n++) yield [`tty${n}`, TTY_MAJOR, n, 0o600];
  yield ["ptmx", TTYAUX_MAJOR, 2, 0o666];
}

/** Makes the devices of the terminals that are always there. */
function fillStaticDevices(kernel: Kernel): undefined {
  const roots = kernel.get(SYSFS);
  const folder = roots.virtual.entry("tty") as Kobject;
  const links = kernel.get(CLASSES).get(TTY_CLASS.name) as Kobject;
  for (const [name, major, minor, mode] of staticNodes()) {
    const dev = new Device(kernel, name);
    dev.cls = TTY_CLASS;
    dev.devt = { major, minor, node: new IndirectNode(kernel, major, minor, mode) };
    dev.groups = groupsOf(kernel, name);
    dev.addTo(folder);
    dev.addLink("subsystem", links);
    links.addLink(name, dev);
    roots.devChar.addLink(`${major}:${minor}`, dev);
    kernel.get(DEVICES).add(dev);
    dev.registered = true;
  }
}

function groupsOf(kernel: Kernel, name: string): Device["groups"] {
  if (name !== "console" && name !== "tty0") return [];
  const show = () => name === "console" ? showActive(kernel) : "tty1\n";
  return [{ attrs: [{ name: "active", mode: 0o444, show }] }];
}

/** Linux: tty_class_init() */
async function ttyClassInit(kernel: Kernel): Promise<number> {
  let filled = false;
  const fill = (): undefined => {
    if (filled) return;
    filled = true;
    fillStaticDevices(kernel);
  };
  const links = new LazyFolder(TTY_CLASS.name, fill);
  links.addTo(kernel.get(SYSFS).class);
  kernel.get(CLASSES).set(TTY_CLASS.name, links);
  new LazyFolder(TTY_CLASS.name, fill).addTo(kernel.get(SYSFS).virtual);
  kernel.get(TTY_DRIVERS).push(...OLDER_ROWS);
  return 0;
}

/** Called by `chr_dev_init`. Linux: tty_init(), vty_init(), kbd_init() */
export async function ttyInit(kernel: Kernel): Promise<number> {
  await inputRegisterHandler(kernel, KBD_HANDLER);
  for (const [name, major, minor, mode] of staticNodes()) {
    kernel.devtmpfs.add(name, new IndirectNode(kernel, major, minor, mode));
  }
  kernel.get(TTY_DRIVERS).push(kernel.get(VT_DRIVER), ...YOUNGER_ROWS);
  kernel.procfs.dir("tty").dir("ldisc");
  for (const { driverName, type } of [...OLDER_ROWS, ...YOUNGER_ROWS]) {
    if (type !== "serial") continue;
    const ports = driverName === "serial" ? UNKNOWN_8250 : "";
    procCreate(kernel, `tty/driver/${driverName}`, () => `${SERINFO}${ports}`);
  }
  procCreate(kernel, "tty/drivers", () => showTtyDrivers(kernel));
  procCreate(kernel, "tty/ldiscs", () => "n_tty       0\ninput       2\nn_null     27\n");
  return 0;
}

/** Linux: proc_consoles_init() */
async function procConsolesInit(kernel: Kernel): Promise<number> {
  procCreate(kernel, "consoles", () => showConsoles(kernel));
  return 0;
}

/** What the tty core runs at boot, in link order. */
export const TTY_INITCALLS: readonly Initcall[] = [
  { name: "con_init", level: "console", fn: conInit },
  { name: "tty_class_init", level: "postcore", fn: ttyClassInit },
  { name: "proc_consoles_init", level: "fs", fn: procConsolesInit },
];

/** The terminal that init has open for good. */
const INIT_CONSOLE: Slot<{ file: OpenFile | undefined }> = new Slot(
  "init console",
  () => ({ file: undefined }),
);

/**
 * Opens `/dev/console` for init, which keeps it open: a console's hardware is set up by this.
 *
 * Linux: console_on_rootfs()
 */
export async function consoleOnRootfs(kernel: Kernel): Promise<undefined> {
  const node = kernel.devtmpfs.lookup("console");
  if (node?.kind !== "char") return;
  try {
    kernel.get(INIT_CONSOLE).file = await node.open({ read: true, write: true });
  } catch (error) {
    if (!(error instanceof KernelError)) throw error;
    kernel.err("Warning: unable to open an initial console.");
  }
}
