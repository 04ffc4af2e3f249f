/**
 * Files for scripts: each call is a task of the guest.
 *
 * @module
 */
import { KernelError } from "../errors.ts";
import type { Kernel } from "../kernel.ts";
import type { File, OpenOptions } from "./file.ts";
import { glob } from "./glob.ts";
import { type Stat, VFS } from "./vfs.ts";

const READ_SIZE = 65_536;
const decoder = new TextDecoder();
const encoder = new TextEncoder();

/** All bytes from the file's position to its end. */
export async function readAll(file: File): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let total = 0;
  for (;;) {
    const chunk = await file.read(READ_SIZE);
    if (chunk.length === 0) break;
    chunks.push(chunk);
    total += chunk.length;
  }
  const bytes = new Uint8Array(total);
  let at = 0;
  for (const chunk of chunks) {
    bytes.set(chunk, at);
    at += chunk.length;
  }
  return bytes;
}

/** The guest's files, as programs in the guest see them. Paths are absolute. */
export class GuestFs {
  readonly #kernel: Kernel;

  /**
   * Made by `boot()` as `vm.fs`.
   *
   * @internal
   */
  constructor(kernel: Kernel) {
    this.#kernel = kernel;
  }

  #task<T>(body: () => Promise<T>): Promise<T> {
    return this.#kernel.sched.run("fs", body);
  }

  #withFile<T>(path: string, options: OpenOptions, body: (file: File) => Promise<T>): Promise<T> {
    return this.#task(async () => {
      const file = await this.#kernel.get(VFS).open(path, options);
      try {
        return await body(file);
      } finally {
        await file.put();
      }
    });
  }

  /** The whole content. Throws a `KernelError` with what `open()` or `read()` gives. */
  read(path: string): Promise<Uint8Array> {
    return this.#withFile(path, { read: true }, readAll);
  }

  /** The whole content as text. */
  async readText(path: string): Promise<string> {
    return decoder.decode(await this.read(path));
  }

  /**
   * Writes with one `write()`. A missing file is made where that is possible, an old one replaced.
   *
   * @throws {KernelError} With what `open()` or `write()` gives.
   */
  write(path: string, data: string | Uint8Array): Promise<undefined> {
    const bytes = typeof data === "string" ? encoder.encode(data) : data;
    const options = { write: true, create: true, truncate: true };
    return this.#withFile(path, options, async (file): Promise<undefined> => {
      await file.write(bytes);
    });
  }

  /** Names in a directory in its own order. */
  readdir(path: string): Promise<string[]> {
    return this.#task(async () => this.#kernel.get(VFS).readdir(path));
  }

  /** The text of a link. */
  readlink(path: string): Promise<string> {
    return this.#task(async () => this.#kernel.get(VFS).readlink(path));
  }

  /** The path without links, `.` and `..`. */
  realpath(path: string): Promise<string> {
    return this.#task(async () => this.#kernel.get(VFS).realpath(path));
  }

  /** What a path names, links followed. */
  stat(path: string): Promise<Stat> {
    return this.#task(async () => this.#kernel.get(VFS).stat(path));
  }

  /** True when the path names something. */
  async exists(path: string): Promise<boolean> {
    try {
      await this.stat(path);
      return true;
    } catch (error) {
      if (error instanceof KernelError) return false;
      throw error;
    }
  }

  /** Paths that fit a pattern with `*`, `?` and `[…]`, by their bytes; none when nothing fits. */
  glob(pattern: string): Promise<string[]> {
    return this.#task(async () => {
      const vfs = this.#kernel.get(VFS);
      return glob(vfs, pattern, vfs.rootPlace);
    });
  }

  /** Makes a directory in `/tmp` or another place in memory. */
  mkdir(path: string): Promise<undefined> {
    return this.#task(async () => this.#kernel.get(VFS).mkdir(path));
  }

  /** Removes a file, link or device node. */
  unlink(path: string): Promise<undefined> {
    return this.#task(async () => this.#kernel.get(VFS).unlink(path));
  }
}
