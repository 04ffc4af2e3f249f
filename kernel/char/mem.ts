/**
 * Devices that belong to no hardware: `/dev/null`, `/dev/zero`, `/dev/full`, `/dev/random`, `/dev/kmsg`.
 *
 * Linux: drivers/char/mem.c, drivers/char/random.c
 *
 * @module
 */
import { ttyInit } from "../tty/tty_io.ts";
import { deviceAdd } from "../base/core.ts";
import { type Class, classRegister, Device } from "../base/device.ts";
import { KernelError } from "../errors.ts";
import type { Initcall } from "../initcall.ts";
import type { Kernel } from "../kernel.ts";
import { Slot } from "../slot.ts";
import type { OpenFile, OpenFlags, SpecialFile } from "../vfs/node.ts";
import { openKmsg } from "./kmsg.ts";

const MEM_MAJOR = 1;

/** Linux: mem_class */
const MEM_CLASS: Class = { name: "mem" };

/** A device whose reading and writing need nothing but a count. */
function simple(
  read: (count: number) => Uint8Array,
  write: (data: Uint8Array) => number,
): OpenFile {
  return {
    read: async (count) => read(count),
    write: async (data) => write(data),
    close: async () => undefined,
  };
}

const nothing = () => new Uint8Array(0);
const zeros = (count: number) => new Uint8Array(count);
const takeAll = (data: Uint8Array) => data.length;

function refuse(code: "ENOSPC" | "EPERM", why: string): never {
  throw new KernelError(code, why);
}

/** State of the generator behind `/dev/random`: the same in every run. */
const RANDOM: Slot<{ state: number }> = new Slot("random", () => ({ state: 0x2545f491 }));

/** Bytes without a pattern. Linux: get_random_bytes() */
function randomBytes(kernel: Kernel, count: number): Uint8Array {
  const random = kernel.get(RANDOM);
  const bytes = new Uint8Array(count);
  for (let at = 0; at < count; at++) {
    random.state ^= random.state << 13;
    random.state ^= random.state >>> 17;
    random.state ^= random.state << 5;
    bytes[at] = random.state >>> 8;
  }
  return bytes;
}

/** One device of the list. Linux: struct memdev */
interface MemDevice {
  readonly name: string;
  readonly minor: number;
  readonly mode: number;
  open(kernel: Kernel, flags: OpenFlags): OpenFile;
}

const openRandom = (kernel: Kernel) => simple((count) => randomBytes(kernel, count), takeAll);
const openProtected = () =>
  simple(
    () => refuse("EPERM", "the kernel's memory cannot be read"),
    () => refuse("EPERM", "the kernel's memory cannot be written"),
  );

/** Linux: devlist[] */
const DEVICES: readonly MemDevice[] = [
  { name: "mem", minor: 1, mode: 0o600, open: openProtected },
  { name: "null", minor: 3, mode: 0o666, open: () => simple(nothing, takeAll) },
  { name: "port", minor: 4, mode: 0o600, open: openProtected },
  { name: "zero", minor: 5, mode: 0o666, open: () => simple(zeros, takeAll) },
  {
    name: "full",
    minor: 7,
    mode: 0o666,
    open: () => simple(zeros, () => refuse("ENOSPC", "/dev/full is full")),
  },
  { name: "random", minor: 8, mode: 0o666, open: openRandom },
  { name: "urandom", minor: 9, mode: 0o666, open: openRandom },
  { name: "kmsg", minor: 11, mode: 0o644, open: openKmsg },
];

/** Memory devices, then terminals. Linux: chr_dev_init() */
async function chrDevInit(kernel: Kernel): Promise<number> {
  classRegister(kernel, MEM_CLASS);
  for (const { name, minor, mode, open } of DEVICES) {
    const dev = new Device(kernel, name);
    const node: SpecialFile = {
      kind: "char",
      mode,
      major: MEM_MAJOR,
      minor,
      open: async (flags) => open(kernel, flags),
    };
    dev.cls = MEM_CLASS;
    dev.devt = { major: MEM_MAJOR, minor, node };
    await deviceAdd(dev);
  }
  await ttyInit(kernel);
  return 0;
}

/** The devices' initcall. */
export const MEM_INITCALLS: readonly Initcall[] = [
  { name: "chr_dev_init", level: "fs", fn: chrDevInit },
];
