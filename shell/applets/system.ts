/**
 * Programs about the whole system: log, time, names, mounts.
 *
 * @module
 */
import { syncBdevs } from "../../kernel/block/open.ts";
import { UEVENTS } from "../../kernel/base/uevent.ts";
import { formatStamp, type LogRecord, type Printk } from "../../kernel/printk.ts";
import { HOSTNAME, MACHINE, UTS_RELEASE, UTS_VERSION } from "../../kernel/uts.ts";
import { encodeText } from "../bytes.ts";
import { MachineOff, strerror } from "../errors.ts";
import { Process, shareFds, startProgram, waitJob } from "../process.ts";
import {
  DEBUGFS_TYPE,
  DEVTMPFS_TYPE,
  PROC_TYPE,
  SYSFS_TYPE,
  TMPFS_TYPE,
} from "../../kernel/vfs/fs_type.ts";
import { PlainDirectory } from "../../kernel/vfs/node.ts";
import type { MountSpec } from "../../kernel/vfs/vfs.ts";
import { WaitQueue } from "../../kernel/wait.ts";
import { lookup } from "../programs.ts";
import { parseOptions } from "./options.ts";
import { linesOf } from "./text.ts";

const NS_PER_SECOND = 1_000_000_000;
const STATUS_NOT_FOUND = 127;
const CONSOLE_LEVEL_MAX = 8;
/** Bytes of the smallest buffer that `dmesg` reads the log into. */
const DMESG_BUFFER_MIN = 16 * 1024;
const MOUNT_FAILED = 255;

/** A record as `syslog()` gives it: each line has its level and its stamp. Linux: record_print_text() */
function recordLines({ level, facility, atNs, text }: LogRecord, stamps: boolean): string[] {
  const prefix = `<${facility * 8 + level}>${stamps ? formatStamp(atNs) : ""}`;
  return text.split("\n").map((line) => `${prefix}${line}\n`);
}

/** The lines of the newest records that fit into a buffer. Linux: find_first_fitting_seq() */
function fittingLines({ records, stamps }: Printk, size: number): string[] {
  const texts = records.map((record) => recordLines(record, stamps));
  let total = texts.flat().reduce((sum, line) => sum + line.length, 0);
  let first = 0;
  while (total > size) total -= texts[first++].reduce((sum, line) => sum + line.length, 0);
  return texts.slice(first).flat();
}

/** `dmesg [-c] [-r] [-n LEVEL] [-s SIZE]` */
export async function dmesg(process: Process): Promise<number> {
  const options = await parseOptions(process, { letters: "cn:s:r" });
  const { log } = process.kernel;
  const level = options.get("n");
  if (level !== undefined) {
    if (!/^\d+$/.test(level)) {
      await process.complain(`invalid number '${level}'`);
      return 1;
    }
    const number = Number(level);
    if (number < 1 || number > CONSOLE_LEVEL_MAX) {
      await process.complain("klogctl: Invalid argument");
      return 1;
    }
    log.consoleLoglevel = number;
    return 0;
  }
  const size = options.get("s") === undefined ? log.bufferSize : Number(options.get("s"));
  for (const line of fittingLines(log, Math.max(size, DMESG_BUFFER_MIN))) {
    await process.out(encodeText(options.has("r") ? line : line.replace(/^<\d+>/, "")));
  }
  if (options.has("c")) log.records = [];
  return 0;
}

/** `uname [-amnprsv]` */
export async function uname(process: Process): Promise<number> {
  const options = await parseOptions(process, { letters: "amnprsvio" });
  const fields: readonly [letter: string, value: string][] = [
    ["s", "Linux"],
    ["n", HOSTNAME],
    ["r", UTS_RELEASE],
    ["v", UTS_VERSION],
    ["m", MACHINE],
    ["o", "GNU/Linux"],
  ];
  const none = fields.every(([letter]) => !options.has(letter)) && !options.has("a");
  const shown = fields.filter(([letter]) =>
    options.has("a") || options.has(letter) || (none && letter === "s")
  );
  await process.out(`${shown.map(([, value]) => value).join(" ")}\n`);
  return 0;
}

/** `hostname` */
export async function hostname(process: Process): Promise<number> {
  await process.out(`${HOSTNAME}\n`);
  return 0;
}

const DAYS = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"];
const MONTHS = [
  "Jan",
  "Feb",
  "Mar",
  "Apr",
  "May",
  "Jun",
  "Jul",
  "Aug",
  "Sep",
  "Oct",
  "Nov",
  "Dec",
];
const MONTH_DAYS = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

/** `date [+FORMAT]`: virtual time, counted from the start of 1970. */
export async function date(process: Process): Promise<number> {
  const seconds = Math.floor(process.kernel.nowNs / NS_PER_SECOND);
  const days = Math.floor(seconds / 86_400);
  let month = 0;
  let day = days % 365;
  while (day >= MONTH_DAYS[month]) day -= MONTH_DAYS[month++];
  const two = (value: number) => `${value}`.padStart(2, "0");
  const values: Readonly<Record<string, string>> = {
    s: `${seconds}`,
    Y: `${1970 + Math.floor(days / 365)}`,
    m: two(month + 1),
    d: two(day + 1),
    e: `${day + 1}`.padStart(2),
    H: two(Math.floor(seconds / 3600) % 24),
    M: two(Math.floor(seconds / 60) % 60),
    S: two(seconds % 60),
    N: `${process.kernel.nowNs % NS_PER_SECOND}`.padStart(9, "0"),
    a: DAYS[(days + 4) % 7],
    b: MONTHS[month],
    Z: "UTC",
    n: "\n",
    t: "\t",
    "%": "%",
  };
  const given = process.args.find((arg) => arg.startsWith("+"))?.slice(1);
  const format = (given ?? "%a %b %e %H:%M:%S %Z %Y").replaceAll("%T", "%H:%M:%S")
    .replaceAll("%F", "%Y-%m-%d");
  await process.out(`${format.replace(/%(.)/g, (all, letter) => values[letter] ?? all)}\n`);
  return 0;
}

/** `sync`: gives disks what was written to their files. */
export async function sync(process: Process): Promise<number> {
  await syncBdevs(process.kernel);
  return 0;
}

/** `poweroff`, `reboot`, `halt`: ends the guest's user space. */
export async function powerOff(process: Process): Promise<number> {
  if (!process.args.includes("-n")) await syncBdevs(process.kernel);
  throw new MachineOff(process.name);
}

/** What a file system without a disk is made of; `undefined` for an unknown kind. */
function virtualFs(process: Process, type: string): Omit<MountSpec, "source"> | undefined {
  const { procfs, sysfs, devtmpfs, debugfs } = process.kernel;
  switch (type) {
    case "proc":
      return { type: PROC_TYPE, root: procfs };
    case "sysfs":
      return { type: SYSFS_TYPE, root: sysfs };
    case "devtmpfs":
      return { type: DEVTMPFS_TYPE, root: devtmpfs };
    case "debugfs":
      return { type: DEBUGFS_TYPE, root: debugfs };
    case "tmpfs":
      return { type: TMPFS_TYPE, root: new PlainDirectory() };
    default:
      return undefined;
  }
}

/** `umount PATH…` */
export async function umount(process: Process): Promise<number> {
  let status = 0;
  for (const path of process.args.slice(1)) {
    try {
      process.vfs.umount(process.vfs.realpath(path, process.cwd));
    } catch (error) {
      await process.complain(`can't unmount ${path}: ${strerror(error)}`);
      status = 1;
    }
  }
  return status;
}

/** `mount [-t TYPE] [DEVICE FOLDER]`: what is mounted where. No file system of a disk is known here. */
export async function mount(process: Process): Promise<number> {
  const options = await parseOptions(process, { letters: "t:o:rwafnsv" });
  const [device, folder] = options.rest;
  if (folder !== undefined) {
    const spec = virtualFs(process, options.get("t") ?? "");
    const there = process.tryStat(folder);
    if (spec !== undefined && there?.kind === "dir") {
      const path = process.vfs.realpath(folder, process.cwd);
      process.vfs.mount(path, { ...spec, source: device });
      return 0;
    }
    const why = there !== undefined && options.has("t") && spec === undefined
      ? "No such device"
      : "No such file or directory";
    await process.complain(`mounting ${device} on ${folder} failed: ${why}`);
    return MOUNT_FAILED;
  }
  for (const { source, path, type, options: words } of process.vfs.mounts) {
    await process.out(`${source} on ${path} type ${type.name} (${words})\n`);
  }
  return 0;
}

/** `which NAME…` */
export async function which(process: Process): Promise<number> {
  let status = 0;
  for (const name of process.args.slice(1)) {
    if (lookup(process, name) === undefined) status = 1;
    else await process.out(name.includes("/") ? `${name}\n` : `/bin/${name}\n`);
  }
  return status;
}

/** `id` */
export async function id(process: Process): Promise<number> {
  await process.out(process.args[1] === "-u" ? "0\n" : "uid=0 gid=0\n");
  return 0;
}

/** `nproc` */
export async function nproc(process: Process): Promise<number> {
  const lines = linesOf(await process.readFile("/proc/interrupts"));
  await process.out(`${lines[0].split("CPU").length - 1}\n`);
  return 0;
}

/** `ps` */
export async function ps(process: Process): Promise<number> {
  await process.out("PID   USER     TIME  COMMAND\n");
  for (const { pid, name } of process.kernel.sched.tasks) {
    await process.out(`${`${pid}`.padStart(5)} 0         0:00 ${name}\n`);
  }
  return 0;
}

/** `uptime` */
export async function uptime(process: Process): Promise<number> {
  const minutes = Math.floor(process.kernel.nowNs / NS_PER_SECOND / 60);
  await process.out(` 00:00:00 up ${minutes} min,  load average: 0.00, 0.00, 0.00\n`);
  return 0;
}

/** `tty`: whether the standard input is a terminal. */
export async function tty(process: Process): Promise<number> {
  const terminal = process.fds.get(0)?.tty ?? false;
  await process.out(terminal ? "/dev/console\n" : "not a tty\n");
  return terminal ? 0 : 1;
}

/** `uevent [PROGRAM ARG…]`: runs a program for each message of the kernel, with its words as environment. */
export async function uevent(process: Process): Promise<number> {
  const { sched } = process.kernel;
  const uevents = process.kernel.get(UEVENTS);
  const queue: (readonly string[])[] = [];
  const news = new WaitQueue(sched, "a message of the kernel");
  const outer = uevents.listener;
  uevents.enabled = true;
  uevents.listener = (event) => {
    queue.push(event.env);
    news.wakeUp();
    return outer?.(event);
  };
  const args = process.args.length > 1 ? process.args.slice(1) : ["env"];
  try {
    for (;;) {
      await news.waitEventInterruptible(() => queue.length > 0);
      const env = new Map(process.env);
      for (const word of queue.shift() as readonly string[]) {
        const [name, value] = word.split(/=(.*)/s);
        env.set(encodeText(name), encodeText(value));
      }
      const program = lookup(process, args[0]);
      if (program === undefined) return STATUS_NOT_FOUND;
      const { cwd, fds, os } = process;
      const listener = new Process(os, { args, env, cwd, fds: shareFds(fds) });
      await waitJob(startProgram(listener, program));
    }
  } finally {
    uevents.listener = outer;
  }
}
