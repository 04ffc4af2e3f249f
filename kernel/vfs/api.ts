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

/** What programs read at once with the C library. */
const READ_SIZE = 4096;
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

  /**
   * The whole content. Throws a `KernelError` with what `open()` or `read()` gives.
   *
   * @example
   * ```ts
   * import { assertEquals } from "@std/assert";
   * import { boot, embedded } from "../../mod.ts";
   * await using vm = await boot(embedded());
   * assertEquals((await vm.fs.read("/proc/cmdline")).at(-1), 0x0a);
   * ```
   */
  read(path: string): Promise<Uint8Array> {
    return this.#withFile(path, { read: true }, readAll);
  }

  /**
   * The whole content as text.
   *
   * @example
   * ```ts
   * import { assertEquals } from "@std/assert";
   * import { boot, embedded } from "../../mod.ts";
   * await using vm = await boot(embedded("-device virtio-keyboard-device"));
   * assertEquals(await vm.fs.readText("/sys/bus/virtio/devices/virtio0/device"), "0x0012\n");
   * ```
   */
  async readText(path: string): Promise<string> {
    return decoder.decode(await this.read(path));
  }

  /**
   * Writes with one `write()`. A missing file is made where that is possible, an old one replaced.
   *
   * @throws {KernelError} With what `open()` or `write()` gives.
   *
   * @example
   * ```ts
   * import { assertEquals, assertRejects } from "@std/assert";
   * import { boot, embedded, KernelError } from "../../mod.ts";
   * const disk = "-drive if=none,id=d0,file=disk.img,format=raw -device virtio-blk-device,drive=d0";
   * await using vm = await boot(embedded(disk, { images: { "disk.img": new Uint8Array(1 << 20) } }));
   * await vm.fs.write("/sys/block/vda/queue/read_ahead_kb", "64");
   * assertEquals(await vm.fs.readText("/sys/block/vda/queue/read_ahead_kb"), "64\n");
   * await assertRejects(() => vm.fs.write("/sys/block/vda/size", "1"), KernelError);
   * ```
   */
  write(path: string, data: string | Uint8Array): Promise<undefined> {
    const bytes = typeof data === "string" ? encoder.encode(data) : data;
    const options = { write: true, create: true, truncate: true };
    return this.#withFile(path, options, async (file): Promise<undefined> => {
      await file.write(bytes);
    });
  }

  /**
   * Names in a directory in its own order.
   *
   * @example
   * ```ts
   * import { assertEquals } from "@std/assert";
   * import { boot, embedded } from "../../mod.ts";
   * await using vm = await boot(embedded("-device virtio-keyboard-device"));
   * assertEquals(await vm.fs.readdir("/sys/bus/virtio/devices"), ["virtio0"]);
   * ```
   */
  readdir(path: string): Promise<string[]> {
    return this.#task(async () => this.#kernel.get(VFS).readdir(path));
  }

  /**
   * The text of a link.
   *
   * @example
   * ```ts
   * import { assertEquals } from "@std/assert";
   * import { boot, embedded } from "../../mod.ts";
   * await using vm = await boot(embedded("-device virtio-keyboard-device"));
   * assertEquals(
   *   await vm.fs.readlink("/sys/bus/virtio/devices/virtio0/driver"),
   *   "../../../../bus/virtio/drivers/virtio_input",
   * );
   * ```
   */
  readlink(path: string): Promise<string> {
    return this.#task(async () => this.#kernel.get(VFS).readlink(path));
  }

  /**
   * The path without links, `.` and `..`.
   *
   * @example
   * ```ts
   * import { assertEquals } from "@std/assert";
   * import { boot, embedded } from "../../mod.ts";
   * await using vm = await boot(embedded("-device virtio-keyboard-device"));
   * assertEquals(
   *   await vm.fs.realpath("/sys/bus/virtio/devices/virtio0"),
   *   "/sys/devices/platform/a003e00.virtio_mmio/virtio0",
   * );
   * ```
   */
  realpath(path: string): Promise<string> {
    return this.#task(async () => this.#kernel.get(VFS).realpath(path));
  }

  /**
   * What a path names, links followed.
   *
   * @example
   * ```ts
   * import { assertEquals } from "@std/assert";
   * import { boot, embedded } from "../../mod.ts";
   * const disk = "-drive if=none,id=d0,file=disk.img,format=raw -device virtio-blk-device,drive=d0";
   * await using vm = await boot(embedded(disk, { images: { "disk.img": new Uint8Array(1 << 20) } }));
   * const { kind, major, minor } = await vm.fs.stat("/dev/vda");
   * assertEquals([kind, major, minor], ["block", 254, 0]);
   * ```
   */
  stat(path: string): Promise<Stat> {
    return this.#task(async () => this.#kernel.get(VFS).stat(path));
  }

  /**
   * True when the path names something.
   *
   * @example
   * ```ts
   * import { assertEquals } from "@std/assert";
   * import { boot, embedded } from "../../mod.ts";
   * const disk = "-drive if=none,id=d0,file=disk.img,format=raw -device virtio-blk-device,drive=d0";
   * await using vm = await boot(embedded(disk, { images: { "disk.img": new Uint8Array(1 << 20) } }));
   * assertEquals(await vm.fs.exists("/dev/vda"), true);
   * assertEquals(await vm.fs.exists("/dev/vdb"), false);
   * ```
   */
  async exists(path: string): Promise<boolean> {
    try {
      await this.stat(path);
      return true;
    } catch (error) {
      if (error instanceof KernelError) return false;
      throw error;
    }
  }

  /**
   * Paths that fit a pattern with `*`, `?` and `[…]`, by their bytes; none when nothing fits.
   *
   * @example
   * ```ts
   * import { assertEquals } from "@std/assert";
   * import { boot, embedded } from "../../mod.ts";
   * await using vm = await boot(embedded("-device virtio-keyboard-device"));
   * assertEquals(await vm.fs.glob("/dev/input/event*"), ["/dev/input/event0"]);
   * ```
   */
  glob(pattern: string): Promise<string[]> {
    return this.#task(async () => {
      const vfs = this.#kernel.get(VFS);
      return glob(vfs, pattern, vfs.rootPlace);
    });
  }

  /**
   * Makes a directory in `/tmp` or another place in memory.
   *
   * @example
   * ```ts
   * import { assertEquals } from "@std/assert";
   * import { boot, embedded } from "../../mod.ts";
   * await using vm = await boot(embedded());
   * await vm.fs.mkdir("/tmp/notes");
   * assertEquals((await vm.fs.stat("/tmp/notes")).kind, "dir");
   * ```
   */
  mkdir(path: string): Promise<undefined> {
    return this.#task(async () => this.#kernel.get(VFS).mkdir(path));
  }

  /**
   * Removes a file, link or device node.
   *
   * @example
   * ```ts
   * import { assertEquals } from "@std/assert";
   * import { boot, embedded } from "../../mod.ts";
   * await using vm = await boot(embedded());
   * await vm.fs.write("/tmp/note", "remember\n");
   * await vm.fs.unlink("/tmp/note");
   * assertEquals(await vm.fs.exists("/tmp/note"), false);
   * ```
   */
  unlink(path: string): Promise<undefined> {
    return this.#task(async () => this.#kernel.get(VFS).unlink(path));
  }
}
