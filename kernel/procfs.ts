/**
 * `/proc`: the files of the kernel's core. Subsystems add theirs with {@linkcode procCreate}.
 *
 * Linux: fs/proc/
 *
 * @module
 */
import { dropPagecache } from "./block/page_cache.ts";
import { KernelError } from "./errors.ts";
import type { Initcall } from "./initcall.ts";
import type { Kernel } from "./kernel.ts";
import { showDevices } from "./proc/devices.ts";
import { showInterrupts } from "./proc/interrupts.ts";
import { showIomem, showIoports } from "./proc/iomem.ts";
import { Ipv6ConfDirectory } from "./proc/ipv6_conf.ts";
import { MODULES } from "./module.ts";
import type { Printk } from "./printk.ts";
import { showModules } from "./proc/modules.ts";
import { HOSTNAME, MACHINE, UTS_RELEASE, UTS_VERSION, VERSION_BANNER } from "./uts.ts";
import { PlainDirectory, type RegularFile, textFile } from "./vfs/node.ts";
import { VFS } from "./vfs/vfs.ts";

const decoder = new TextDecoder();

/**
 * Adds a file below `/proc`; folders on the way are made.
 *
 * Linux: proc_create_seq(), proc_create_single()
 *
 * @param path `"partitions"`, `"bus/input/devices"`.
 * @param show Makes the text at each read.
 * @returns What to call to take it away again.
 */
export function procCreate(
  kernel: Kernel,
  path: string,
  show: () => string | Promise<string>,
  mode = 0o444,
): () => undefined {
  return procAdd(kernel, path, textFile(show, mode));
}

function procAdd(kernel: Kernel, path: string, file: RegularFile): () => undefined {
  const folders = path.split("/");
  const name = folders.pop() as string;
  const dir = folders.reduce((above, folder) => above.dir(folder), kernel.procfs);
  dir.add(name, file);
  return () => dir.remove(name);
}

/** Adds a file below `/proc/sys` that can be written. Linux: register_sysctl() */
export function sysctlCreate(
  kernel: Kernel,
  path: string,
  get: () => string,
  set?: (value: string) => undefined,
  mode = set === undefined ? 0o444 : 0o644,
): () => undefined {
  const file = { ...textFile(() => `${get()}\n`, mode), checksBits: true };
  if (set === undefined) return procAdd(kernel, `sys/${path}`, file);
  const write = async (data: Uint8Array) => set(decoder.decode(data).trim());
  return procAdd(kernel, `sys/${path}`, { ...file, write });
}

/** What Debian's kernel knows, in the order in which it registers them. */
const FILESYSTEMS = [
  "sysfs",
  "tmpfs",
  "proc",
  "cgroup",
  "cgroup2",
  "cpuset",
  "devtmpfs",
  "debugfs",
  "tracefs",
  "securityfs",
  "sockfs",
  "bpf",
  "pipefs",
  "ramfs",
  "hugetlbfs",
  "devpts",
  "mqueue",
  "pstore",
];

const NS_PER_SECOND = 1_000_000_000;

/** `uptime idle`, in hundredths of a second. Linux: uptime_proc_show() */
function showUptime(kernel: Kernel): string {
  const uptime = (kernel.nowNs / NS_PER_SECOND).toFixed(2);
  return `${uptime} ${uptime}\n`;
}

/** Linux: devkmsg_log_str */
function isDevkmsg(word: string): word is Printk["devkmsg"] {
  return word === "on" || word === "off" || word === "ratelimit";
}

/** Linux: kernel/printk/sysctl.c, control_devkmsg() */
function printkSysctl(kernel: Kernel): undefined {
  sysctlCreate(
    kernel,
    "kernel/printk",
    () => [kernel.log.consoleLoglevel, ...kernel.log.otherLevels].join("\t"),
    (value) => {
      const levels = value.split(/\s+/).map(Number);
      if (!levels.every(Number.isInteger)) throw new KernelError("EINVAL", `printk: '${value}'`);
      kernel.log.consoleLoglevel = levels[0];
      levels.slice(1, 4).forEach((level, at) => kernel.log.otherLevels[at] = level);
    },
  );
  const given = kernel.params.get("printk.devkmsg");
  if (given !== undefined && isDevkmsg(given)) kernel.log.devkmsg = given;
  const locked = given !== undefined && kernel.log.devkmsg === given;
  sysctlCreate(kernel, "kernel/printk_devkmsg", () => kernel.log.devkmsg, (value) => {
    if (locked || !isDevkmsg(value)) throw new KernelError("EINVAL", `devkmsg: '${value}'`);
    kernel.log.devkmsg = value;
  });
}

/** 1 is written once, and for ever. Linux: module_sysctl_table */
function modulesSysctl(kernel: Kernel): undefined {
  const modules = kernel.get(MODULES);
  sysctlCreate(kernel, "kernel/modules_disabled", () => modules.disabled ? "1" : "0", (value) => {
    if (value !== "1") throw new KernelError("EINVAL", `modules_disabled: '${value}' is not 1`);
    return modules.disable();
  });
}

function utsSysctls(kernel: Kernel): undefined {
  const uts: Readonly<Record<string, string>> = {
    ostype: "Linux",
    osrelease: UTS_RELEASE,
    version: UTS_VERSION,
    hostname: HOSTNAME,
    domainname: "(none)",
    arch: MACHINE,
  };
  for (const [name, value] of Object.entries(uts)) {
    sysctlCreate(kernel, `kernel/${name}`, () => value);
  }
}

function call(
  name: string,
  level: Initcall["level"],
  fn: (kernel: Kernel) => undefined,
): Initcall {
  return {
    name,
    level,
    fn: async (kernel) => {
      fn(kernel);
      return 0;
    },
  };
}

/** One file that shows a text. */
function file(
  name: string,
  path: string,
  show: (kernel: Kernel) => string,
  level: Initcall["level"] = "fs",
  mode?: number,
): Initcall {
  return call(name, level, (kernel) => {
    procCreate(kernel, path, () => show(kernel), mode);
  });
}

/**
 * Makes `/proc` with the folders and files that no initcall makes.
 *
 * Linux: proc_root_init(), proc_sys_init()
 */
export function procRootInit(kernel: Kernel): undefined {
  const vfs = kernel.get(VFS);
  for (const dir of ["fs", "driver", "bus", "tty"]) {
    kernel.procfs.add(dir, new PlainDirectory(0o555));
  }
  procCreate(kernel, "mounts", () => vfs.showMounts());
  printkSysctl(kernel);
  modulesSysctl(kernel);
  dropCachesSysctl(kernel);
  kernel.procfs.dir("sys").dir("net").dir("ipv6").add("conf", new Ipv6ConfDirectory(kernel));
}

/** Programs free memory here; 1 is for the pages of disks. Linux: drop_caches_sysctl_handler() */
function dropCachesSysctl(kernel: Kernel): undefined {
  const set = (value: string): undefined => {
    if (!/^[1-4]$/.test(value)) throw new KernelError("EINVAL", `drop_caches: '${value}'`);
    if ((Number(value) & 1) !== 0) dropPagecache(kernel);
    const task = kernel.sched.current;
    kernel.info(`${task?.name} (${task?.pid}): drop_caches: ${value}`);
  };
  sysctlCreate(kernel, "vm/drop_caches", () => "0", set, 0o200);
}

/** The core's files. */
export const PROCFS_INITCALLS: readonly Initcall[] = [
  file("proc_cmdline_init", "cmdline", (kernel) => `${kernel.params.cmdline}\n`),
  file("proc_devices_init", "devices", showDevices),
  file("proc_interrupts_init", "interrupts", showInterrupts),
  file("proc_uptime_init", "uptime", showUptime),
  file("proc_version_init", "version", () => `${VERSION_BANNER}\n`),
  file(
    "proc_filesystems_init",
    "filesystems",
    () => FILESYSTEMS.map((name) => `nodev\t${name}\n`).join(""),
    "device",
  ),
  file("proc_modules_init", "modules", showModules, "device"),
  call("ioresources_init", "device", (kernel) => {
    procCreate(kernel, "ioports", () => showIoports(kernel));
    procCreate(kernel, "iomem", () => showIomem(kernel));
  }),
  file(
    "procswaps_init",
    "swaps",
    () => "Filename\t\t\t\tType\t\tSize\t\tUsed\t\tPriority\n",
    "device",
  ),
  call("utsname_sysctl_init", "device", utsSysctls),
];
