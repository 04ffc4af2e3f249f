/**
 * Files of `/proc`, `/sys/kernel/debug` and `/dev` that belong to parts which are not modelled.
 *
 * @module
 */
import { KernelError } from "./errors.ts";
import { cpuCount } from "./proc/interrupts.ts";
import type { Kernel } from "./kernel.ts";
import {
  type Filler,
  type Inode,
  PlainDirectory,
  type RegularFile,
  type SpecialFile,
  textFile,
} from "./vfs/node.ts";

/** Words of a text without the blanks around them. */
export function wordsOf(text: string): string[] {
  return text.split(/\s+/).filter((word) => word !== "");
}

/** One line of a table of files. */
export interface FileRow {
  readonly path: string;
  readonly mode: number;
  readonly content: string;
}

/** `PATH MODE [TEXT]` lines in their parts. */
export function fileRows(text: string): FileRow[] {
  return text.trim().split("\n").map((line) => {
    const [path, mode, ...words] = line.split(" ");
    const content = words.length > 0 ? `${words.join(" ")}\n` : "";
    return { path, mode: parseInt(mode, 8), content };
  });
}

/** What a file, node or driver answers that only has a name. */
export function refuse(): never {
  throw new KernelError("ENODEV", "what this would do is not modelled");
}

/** A file that always has the same text. */
export function shownFile({ mode, content }: FileRow): RegularFile {
  const file = textFile(() => content, mode);
  return (mode & 0o222) === 0 ? file : { ...file, write: async () => refuse() };
}

/** A number or word that programs may set and that has no effect. Linux: proc_dointvec(), proc_dostring() */
class KeptFile implements RegularFile {
  readonly kind = "file";
  readonly size = 0;
  readonly mode: number;
  #content: string;

  constructor({ mode, content }: FileRow) {
    this.mode = mode;
    this.#content = content;
  }

  async read(): Promise<Uint8Array> {
    return new TextEncoder().encode(this.#content);
  }

  async write(data: Uint8Array): Promise<undefined> {
    const text = new TextDecoder().decode(data).trim();
    if (/^-?\d/.test(this.#content) && !/^-?\d+(\s|$)/.test(text)) {
      throw new KernelError("EINVAL", `'${text}' is no number`);
    }
    this.#content = `${text}\n`;
  }
}

/** The node of a device that is not modelled. */
export function unmodelledNode(major: number, minor: number): SpecialFile {
  return { kind: "char", mode: 0o600, major, minor, open: async () => refuse() };
}

/** What of the surroundings these files need. */
export interface SurroundingFiles {
  readonly devices: string;
  readonly procFiles: string;
  readonly debugNames: string;
  readonly nodeOrder: string;
}

/** Adds an entry to a folder unless something modelled has its name; folders on the way are made. */
function addMissing(dir: PlainDirectory, path: string, inode: Inode): undefined {
  const names = path.split("/");
  const name = names.pop() as string;
  const at = names.reduce((above: PlainDirectory, folder) => {
    const found = above.entries.get(folder);
    return found instanceof PlainDirectory ? found : above.add(folder, new PlainDirectory(0o555));
  }, dir);
  if (!at.entries.has(name)) at.add(name, inode);
}

/** Puts entries into the order of a list; those that it does not name come last, as they stand. */
function reorder(dir: PlainDirectory, order: readonly string[]): undefined {
  const entries = [...dir.entries];
  const places = new Map(order.map((name, place) => [name, place]));
  const placeOf = (name: string) => places.get(name) ?? order.length;
  dir.entries.clear();
  for (const [name, inode] of entries.sort(([a], [b]) => placeOf(a) - placeOf(b))) {
    dir.entries.set(name, inode);
  }
}

/** Linux: c_show() in arch/arm64/kernel/cpuinfo.c */
function showCpuinfo(kernel: Kernel): string {
  const lines =
    "BogoMIPS\t: 125.00\nFeatures\t: fp asimd evtstrm aes pmull sha1 sha2 crc32 cpuid\n" +
    "CPU implementer\t: 0x41\nCPU architecture: 8\nCPU variant\t: 0x1\nCPU part\t: 0xd07\nCPU revision\t: 0\n\n";
  return Array.from({ length: cpuCount(kernel) }, (_, cpu) => `processor\t: ${cpu}\n${lines}`)
    .join("");
}

/** A link to the folder of whoever reads it. Linux: proc_self_get_link() */
function selfLink(kernel: Kernel, text: (pid: number) => string): Inode {
  return {
    kind: "link",
    get target() {
      return text(kernel.sched.current?.pid ?? 0);
    },
  };
}

function fillProc(kernel: Kernel, rows: string): undefined {
  const { procfs } = kernel;
  for (const row of fileRows(rows)) {
    const folder = row.path.endsWith("/");
    const set = row.path.startsWith("sys/") && (row.mode & 0o222) !== 0;
    const file = set ? new KeptFile(row) : shownFile(row);
    addMissing(procfs, row.path.replace(/\/$/, ""), folder ? new PlainDirectory(row.mode) : file);
  }
  addMissing(procfs, "cpuinfo", textFile(() => showCpuinfo(kernel)));
  addMissing(procfs, "self", selfLink(kernel, (pid) => `${pid}`));
  addMissing(procfs, "thread-self", selfLink(kernel, (pid) => `${pid}/task/${pid}`));
}

function fillDebug(kernel: Kernel, names: readonly string[]): undefined {
  const { debugfs } = kernel;
  for (const name of names) {
    const inode = name.endsWith("/") ? new PlainDirectory() : textFile(() => "");
    addMissing(debugfs, name.replace(/\/$/, ""), inode);
  }
  reorder(debugfs, names.map((name) => name.replace(/\/$/, "")));
}

function fillNodes(kernel: Kernel, { devices, nodeOrder }: SurroundingFiles): undefined {
  for (const row of devices.trim().split("\n")) {
    const [path, , , devt] = row.split(" ");
    if (devt === undefined) continue;
    const [major, minor] = devt.split(":").map(Number);
    const name = path.slice(path.lastIndexOf("/") + 1);
    addMissing(kernel.devtmpfs, name, unmodelledNode(major, minor));
  }
  reorder(kernel.devtmpfs, wordsOf(nodeOrder));
}

/** Fills one of the plain directories at the first look. */
class SurroundingFiller implements Filler {
  constructor(
    readonly kernel: Kernel,
    readonly names: SurroundingFiles,
    readonly which: "proc" | "debug" | "dev",
  ) {}

  fill(): undefined {
    const { kernel, names, which } = this;
    if (which === "proc") fillProc(kernel, names.procFiles);
    else if (which === "debug") fillDebug(kernel, wordsOf(names.debugNames));
    else fillNodes(kernel, names);
  }
}

/** Lets the files appear when somebody first looks for something that is not there, or at a whole folder. */
export function fillPlainDirectories(kernel: Kernel, names: SurroundingFiles): undefined {
  const proc = new SurroundingFiller(kernel, names, "proc");
  kernel.procfs.beforeLook = proc;
  // What is modelled has files in this folder too, so it may be looked at first.
  kernel.procfs.dir("sys").dir("kernel").beforeLook = proc;
  kernel.debugfs.beforeLook = new SurroundingFiller(kernel, names, "debug");
  kernel.devtmpfs.beforeLook = new SurroundingFiller(kernel, names, "dev");
}
