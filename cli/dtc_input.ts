/**
 * What `paraguest dtc` reads: source text, blobs, folders.
 *
 * @module
 */
import type { CompileNode } from "../kernel/of/compile_node.ts";
import { CompileTree } from "../kernel/of/compile_tree.ts";
import { ByteBuffer } from "../kernel/of/byte_buffer.ts";
import { FDT_MAGIC } from "../kernel/of/fdt.ts";
import { latin1, readBe32 } from "../kernel/of/bytes.ts";
import { writeAll } from "./verb.ts";

/** An input or output that the host refuses. One line that names it. */
export class HostError extends Error {
  /** Name of the class. */
  override name = "HostError";
}

/** Files and messages, so that a run can be had without a process of its own. */
export interface DtcHost {
  /** The folder that relative paths start from, with a slash at its end; empty for the process's. */
  readonly folder: string;
  /** Whether messages are read by people. */
  readonly isTerminal: boolean;
  /** What comes in at standard input. */
  readonly stdin: () => Uint8Array;
  /** Takes what goes to standard output. */
  readonly stdout: (bytes: Uint8Array) => void;
  /** Takes a message, without the end of its line. */
  readonly stderr: (line: string) => void;
}

/** The process's own files and streams. */
export const PROCESS: DtcHost = {
  folder: "",
  get isTerminal() {
    return Deno.stderr.isTerminal();
  },
  stdin: readStdin,
  stdout: (bytes) => writeAll(Deno.stdout, bytes),
  stderr: (line) => console.error(line),
};

function readStdin(): Uint8Array {
  const all = new ByteBuffer();
  const chunk = new Uint8Array(65536);
  for (;;) {
    const count = Deno.stdin.readSync(chunk);
    if (count === null) return all.view();
    all.append(chunk, 0, count);
  }
}

function refuse(what: string, error: unknown): never {
  const text = error instanceof Error ? error.message : String(error);
  throw new HostError(`cannot ${what}: ${text.replace(/ \(os error \d+\).*$/, "")}`);
}

/** A path from the host's folder. */
function located(host: DtcHost, path: string): string {
  return path.startsWith("/") ? path : host.folder + path;
}

/** The contents of a file with so many zero bytes behind them, or standard input for `-`. */
export function readInput(host: DtcHost, path: string, zeros = 0): Uint8Array {
  if (path === "-") return host.stdin();
  try {
    return readFile(located(host, path), zeros);
  } catch (error) {
    refuse(`read ${path}`, error);
  }
}

/** Files that know their size are read into the array that is wanted; it takes a fraction of the time. */
function readFile(path: string, zeros: number): Uint8Array {
  using file = Deno.openSync(path);
  const { isFile, size } = file.statSync();
  if (!isFile || size === 0) return Deno.readFileSync(path);
  const bytes = new Uint8Array(size + zeros);
  let length = 0;
  for (let count: number | null = 1; length < size && count; length += count ?? 0) {
    count = file.readSync(bytes.subarray(length, size));
  }
  return length === size ? bytes : bytes.subarray(0, length);
}

/** Writes a file, or to standard output for `-`. `Deno.writeFileSync` would make a copy, and take longer. */
export function writeOutput(host: DtcHost, path: string, bytes: Uint8Array): undefined {
  if (path === "-") host.stdout(bytes);
  else {
    try {
      const options = { write: true, create: true, truncate: true };
      using file = Deno.openSync(located(host, path), options);
      writeAll(file, bytes);
    } catch (error) {
      refuse(`write ${path}`, error);
    }
  }
}

/** The format of an input: by what it is, else by its name, else `dts`. */
export function guessInFormat(host: DtcHost, path: string): string {
  if (path === "-") return "dts";
  try {
    const { isDirectory, isFile } = Deno.statSync(located(host, path));
    if (isDirectory) return "fs";
    if (isFile && startsAsBlob(located(host, path))) return "dtb";
    return isFile ? formatByName(path) ?? "dts" : "dts";
  } catch {
    return "dts";
  }
}

function startsAsBlob(path: string): boolean {
  using file = Deno.openSync(path);
  const bytes = new Uint8Array(4);
  return file.readSync(bytes) === 4 && readBe32(bytes, 0) === FDT_MAGIC;
}

const FORMATS: Readonly<Record<string, string>> = {
  ".dts": "dts",
  ".yaml": "yaml",
  ".dtb": "dtb",
  ".dtbo": "dtb",
};

/** The format that the end of a file's name stands for. */
export function formatByName(path: string): string | undefined {
  const dot = path.lastIndexOf(".");
  return dot < 0 ? undefined : FORMATS[path.slice(dot).toLowerCase()];
}

/**
 * A tree from a folder such as `/proc/device-tree`: folders are nodes, files are properties, in the
 * order in which the host lists them. `unreadable` hears of files that are left out. dtc: dt_from_fs()
 */
export function treeFromFolder(
  host: DtcHost,
  path: string,
  unreadable: (message: string) => void,
): CompileTree {
  const tree = new CompileTree();
  const stack: [string, CompileNode][] = [[located(host, path), tree.root]];
  for (let work = stack.pop(); work !== undefined; work = stack.pop()) {
    const [folder, node] = work;
    for (const { name } of listFolder(folder)) {
      const entry = `${folder}/${name}`;
      const { isFile, isDirectory } = stat(entry);
      const bytes = new TextEncoder().encode(name);
      const text = latin1(bytes, 0, bytes.length);
      if (isDirectory) stack.push([entry, node.addChild(text)]);
      if (!isFile) continue;
      try {
        const property = node.newProperty(text);
        property.value = Deno.readFileSync(entry);
        node.addProperty(property);
      } catch (error) {
        unreadable(`cannot read ${entry}: ${(error as Error).message}`);
      }
    }
  }
  tree.bootCpuid = tree.guessBootCpuid();
  return tree;
}

function stat(path: string): Deno.FileInfo {
  try {
    return Deno.statSync(path);
  } catch (error) {
    refuse(`read ${path}`, error);
  }
}

function listFolder(path: string): Iterable<Deno.DirEntry> {
  try {
    return [...Deno.readDirSync(path)];
  } catch (error) {
    refuse(`read ${path}`, error);
  }
}
