/**
 * All programs of the guest by name.
 *
 * @module
 */
import type { ShellLibrary } from "../ast.ts";
import type { Process, Program } from "../process.ts";
import { runAs } from "../programs.ts";
import { awk } from "./awk.ts";
import { blkdiscard, blockdev, partprobe } from "./block.ts";
import { cmp } from "./cmp.ts";
import { dd } from "./dd.ts";
import { hexdump } from "./dump.ts";
import { cat, cp, mv, tee } from "./copy.ts";
import { basename, chmod, dirname, ln, mkdir, mknod, readlink } from "./files.ts";
import { realpath, rm, rmdir, stat, touch } from "./files.ts";
import { expr } from "./expr.ts";
import { fdisk } from "./fdisk.ts";
import { find } from "./find.ts";
import { grep } from "./grep.ts";
import { LIBRARY_TOOLS, libraryTool } from "./library_tools.ts";
import { ls } from "./ls.ts";
import { insmod, lsmod, modinfo, modprobe, rmmod } from "./modules.ts";
import { md5sum } from "./md5sum.ts";
import { route } from "./inet.ts";
import { ifconfig, ip } from "./net.ts";
import { arping, ping } from "./ping.ts";
import { od, xxd } from "./od.ts";
import { echo, printFormatted } from "./print.ts";
import { sed } from "./sed.ts";
import { showUsage } from "./options.ts";
import { env, sleep, timeout, usleep, wrapped } from "./run.ts";
import { seq } from "./seq.ts";
import { sort } from "./sort.ts";
import { stty } from "./stty.ts";
import {
  date,
  dmesg,
  hostname,
  id,
  mount,
  nproc,
  powerOff,
  ps,
  sync,
  tty,
  uevent,
  umount,
  uname,
  uptime,
  which,
} from "./system.ts";
import { test } from "./test_expression.ts";
import { xargs } from "./xargs.ts";
import { cut, head, strings, tail, tr, uniq, wc } from "./text.ts";

async function busybox(process: Process): Promise<number> {
  const args = process.args.slice(1);
  if (args.length === 0) return 0;
  const status = await runAs(process, args);
  if (status !== undefined) return status;
  await process.err(`${args[0]}: applet not found\n`);
  return 127;
}

async function yes(process: Process): Promise<number> {
  const line = `${process.args.slice(1).join(" ") || "y"}\n`;
  for (;;) await process.out(line);
}

async function whoami(process: Process): Promise<number> {
  await process.complain("unknown uid 0");
  return 1;
}

async function printArgs(process: Process): Promise<number> {
  const args = process.args.slice(1);
  if (process.name === "echo") {
    await process.out(echo(args));
    return 0;
  }
  return await printFormatted(process, args, process.name);
}

const PROGRAMS: Readonly<Record<string, Program>> = {
  "[": (process) => test(process, process.args),
  awk,
  basename,
  blkdiscard,
  blockdev,
  busybox,
  cat,
  chmod,
  clear: async () => 0,
  cmp,
  cp,
  cut,
  date,
  dd,
  dirname,
  dmesg,
  echo: printArgs,
  egrep: grep,
  env,
  expr,
  false: async () => 1,
  fgrep: grep,
  fdisk,
  find,
  grep,
  halt: powerOff,
  head,
  hexdump,
  hostname,
  id,
  arping,
  ifconfig,
  ping,
  route,
  insmod,
  ip,
  ln,
  ls,
  lsmod,
  md5sum,
  mkdir,
  mknod,
  modinfo,
  modprobe,
  mount,
  mv,
  nproc,
  od,
  partprobe,
  poweroff: powerOff,
  printf: printArgs,
  ps,
  readlink,
  realpath,
  reboot: powerOff,
  rm,
  rmdir,
  rmmod,
  sed,
  seq,
  setsid: wrapped,
  sleep,
  sort,
  stat,
  strings,
  stty,
  sync,
  tail,
  tee,
  test: (process) => test(process, process.args),
  timeout,
  touch,
  tr,
  true: async () => 0,
  tty,
  uevent,
  umount,
  uname,
  uniq,
  uptime,
  usleep,
  wc,
  which,
  whoami,
  xargs,
  xxd,
  yes,
};

/** What `basename $(readlink …/driver)` says about a device without a driver: scripts meet that often. */
const BASENAME_USAGE = `FILE [SUFFIX] | -a FILE... | -s SUFFIX FILE...

Strip directory path and SUFFIX from FILE

	-a		All arguments are FILEs
	-s SUFFIX	Remove SUFFIX (implies -a)`;

/** Programs that need arguments: how many at least and, where there is a limit, at most, and what they mean. */
const NEEDED: Readonly<Record<string, readonly [count: number, usage: string, most?: number]>> = {
  basename: [1, BASENAME_USAGE],
  blkdiscard: [1, "[-s] [-o OFFSET] [-l LENGTH] DISK"],
  blockdev: [2, "COMMAND DISK"],
  chmod: [2, "MODE FILE..."],
  cmp: [1, "FILE1 [FILE2]"],
  cp: [2, "FROM... TO"],
  dirname: [1, "PATH"],
  grep: [1, "[OPTIONS] PATTERN [FILE]..."],
  insmod: [1, "FILE [SYMBOL=VALUE]..."],
  ln: [2, "[-sf] TARGET LINK"],
  mkdir: [1, "[-p] DIR..."],
  mknod: [2, "PATH b|c MAJOR MINOR"],
  modinfo: [1, "[-F FIELD] MODULE"],
  mv: [2, "FROM... TO"],
  readlink: [1, "[-fnv] FILE", 1],
  realpath: [1, "PATH..."],
  rmdir: [1, "DIR..."],
  rmmod: [1, "[-wfa] [MODULE]..."],
  seq: [1, "[FIRST [STEP]] LAST"],
  sleep: [1, "TIME..."],
  stat: [1, "[-L] [-c FORMAT] FILE..."],
  timeout: [2, "[-s SIGNAL] [-k TIME] TIME PROGRAM [ARG]..."],
  touch: [1, "FILE..."],
  tr: [1, "[-cds] SET1 [SET2]"],
  usleep: [1, "MICROSECONDS"],
};

/** Prints how a program is used when it gets too few arguments, or too many. */
function checked(name: string, program: Program): Program {
  const needed = NEEDED[name];
  if (needed === undefined) return program;
  const [count, usage, most = Infinity] = needed;
  return async (process) => {
    const given = process.args.slice(1);
    const names = given.filter((arg) => !arg.startsWith("-"));
    if (given.length >= count && names.length <= most) return await program(process);
    return await showUsage(process, usage, name === "grep" ? 2 : 1);
  };
}

/** All programs but `sh`. */
export function programs(library: ShellLibrary): Map<string, Program> {
  const all = new Map(
    Object.entries(PROGRAMS).map(([name, program]) => [name, checked(name, program)]),
  );
  for (const name of LIBRARY_TOOLS) all.set(name, libraryTool(library, name));
  return all;
}
