/**
 * The command line of QEMU: what the caller wrote, with what this program needs around it. Options that
 * exist on paraguest's machines only become options of QEMU.
 *
 * @module
 */
import { OptionError, parseOptionList, parseSize } from "../embedded/option_list.ts";

/** Size of RAM without `-m`, as in QEMU. */
const RAM_SIZE_DEFAULT = 128 * 2 ** 20;
/** QEMU rounds sizes up to this. */
const RAM_ALIGN = 8192;
/** Options of QEMU without a value; all others have one. */
const FLAGS = new Set([
  "S",
  "nographic",
  "nodefaults",
  "no-user-config",
  "no-reboot",
  "no-shutdown",
  "snapshot",
  "only-migratable",
  "no-hpet",
  "no-acpi",
  "enable-kvm",
  "semihosting",
  "win2k-hack",
  "rtc-td-hack",
]);
/** Options that would take the machine out of the hands of this program. */
const REFUSED = new Set(["qtest", "qtest-log", "daemonize", "kernel", "bios", "incoming"]);
/** Backends of `-chardev` from which nothing ever comes unasked. */
const SILENT_CHARDEVS = new Set(["null", "file", "ringbuf", "memory", "vc"]);

/** Who outside may say something to a guest that waits. */
export type Outside = "nobody" | "network" | "somebody";

/** A command line, read. */
export interface QemuArguments {
  /** Size of RAM in bytes. */
  readonly ramSize: number;
  /** Ids of `-chardev script`. */
  readonly scripts: readonly string[];
  /** Names of files that `-drive` and `-blockdev` name and the caller has in memory. */
  readonly images: readonly string[];
  /** Whether QEMU needs this program's terminal. */
  readonly stdio: boolean;
  readonly outside: Outside;
  /** The caller's options in QEMU's own words. */
  build(resources: Resources): string[];
}

/** What takes the place of names that QEMU does not know. */
export interface Resources {
  /** The file descriptor behind a `-chardev script`. */
  scriptFd(id: string): number;
  /** The path of an image in memory. */
  imagePath(name: string): string;
}

interface Option {
  readonly name: string;
  readonly value: string | undefined;
}

/**
 * Reads the caller's options.
 *
 * @param images Names of images in memory.
 * @throws {OptionError} When an option cannot be used here. What QEMU itself refuses, QEMU says.
 */
export function readArguments(args: readonly string[], images: readonly string[]): QemuArguments {
  const options = splitOptions(args);
  const scripts: string[] = [];
  let ramSize = RAM_SIZE_DEFAULT;
  for (const { name, value } of options) {
    if (REFUSED.has(name)) throw new OptionError(`-${name}: cannot be used with this machine`);
    if (name === "m" && value !== undefined) ramSize = parseRamSize(value) ?? ramSize;
    const script = name === "chardev" ? scriptId(value ?? "") : undefined;
    if (script !== undefined) scripts.push(script);
  }
  const used = images.filter((image) => options.some((option) => namesFile(option, image)));
  return {
    ramSize,
    scripts,
    images: used,
    stdio: options.some(usesStdio),
    outside: outsideOf(options),
    build: (resources) => options.flatMap((option) => translate(option, used, resources)),
  };
}

function splitOptions(args: readonly string[]): Option[] {
  const options: Option[] = [];
  for (let i = 0; i < args.length; i++) {
    const name = args[i].replace(/^--?/, "");
    if (name === args[i]) throw new OptionError(`${name}: Could not open '${name}': not an option`);
    if (FLAGS.has(name)) options.push({ name, value: undefined });
    else if (i + 1 < args.length) options.push({ name, value: args[++i] });
    else throw new OptionError(`${args[i]}: requires an argument`);
  }
  return options;
}

function parseRamSize(value: string): number | undefined {
  const size = parseSize("size", parseOptionList(value, "size").get("size") ?? "0", 2 ** 20);
  return size === 0 ? undefined : Math.ceil(size / RAM_ALIGN) * RAM_ALIGN;
}

function scriptId(value: string): string | undefined {
  const list = parseOptionList(value, "backend");
  if (list.get("backend") !== "script") return undefined;
  const id = list.get("id");
  if (id === undefined) throw new OptionError(`-chardev ${value}: chardev: no id specified`);
  return id;
}

function usesStdio({ name, value = "" }: Option): boolean {
  if (name === "serial" || name === "monitor") return /^(mon:)?stdio$/.test(value);
  return name === "chardev" && parseOptionList(value, "backend").get("backend") === "stdio";
}

function outsideOf(options: readonly Option[]): Outside {
  let outside: Outside = "nobody";
  for (const { name, value = "" } of options) {
    if (name === "chardev") {
      const backend = parseOptionList(value, "backend").get("backend") ?? "";
      if (!SILENT_CHARDEVS.has(backend)) return "somebody";
    }
    if (name === "serial" && !/^(none|null|vc|file:.*|chardev:.*)$/.test(value)) return "somebody";
    if (name === "netdev") {
      const type = parseOptionList(value, "type").get("type") ?? "";
      if (type !== "user" && type !== "hubport") return "somebody";
      if (type === "user") outside = "network";
    }
  }
  return outside;
}

// Translation

function namesFile({ name, value = "" }: Option, image: string): boolean {
  if (name !== "drive" && name !== "blockdev") return false;
  const list = parseOptionList(value, name === "blockdev" ? "driver" : undefined);
  return ["file", "filename", "file.filename"].some((key) => list.get(key) === image);
}

function translate(option: Option, images: readonly string[], resources: Resources): string[] {
  const { name, value } = option;
  // The machine runs, with its processor off.
  if (name === "S") return [];
  if (value === undefined) return [`-${name}`];
  const script = name === "chardev" ? scriptId(value) : undefined;
  if (script !== undefined) {
    return ["-chardev", `socket,id=${script},fd=${resources.scriptFd(script)}`];
  }
  const image = images.find((candidate) => namesFile(option, candidate));
  if (image === undefined) return [`-${name}`, value];
  return [`-${name}`, replaceFile(value, image, resources.imagePath(image))];
}

function replaceFile(value: string, image: string, path: string): string {
  if (value.startsWith("{")) return value.replaceAll(JSON.stringify(image), JSON.stringify(path));
  return value.replaceAll(`=${image.replaceAll(",", ",,")}`, `=${path}`);
}
