/**
 * A machine with disks for the tests of the block driver.
 *
 * @module
 */
import { embedded, type EmbeddedOptions } from "../hypervisor/embedded/machine.ts";
import type { BlockDevice } from "../kernel/block/bdev.ts";
import { findBlockDevice } from "../kernel/block/blkdev.ts";
import { BLOCK_INITCALLS } from "../kernel/block/proc.ts";
import { Kernel, type KernelOptions } from "../kernel/kernel.ts";
import { startKernel } from "../kernel/main.ts";
import { MODULES } from "../kernel/module.ts";
import { PROCFS_INITCALLS } from "../kernel/procfs.ts";
import { GuestFs } from "../kernel/vfs/api.ts";
import { VIRTIO_MMIO } from "../transports/virtio_mmio.ts";
import { VIRTIO_INITCALLS } from "./virtio/virtio.ts";
import { VIRTIO_BLK } from "./virtio_blk.ts";

/** A booted kernel with its machine. */
export class Booted {
  readonly fs: GuestFs;

  constructor(readonly kernel: Kernel, readonly machine: ReturnType<typeof embedded>) {
    this.fs = new GuestFs(kernel);
  }

  /** The disk or partition called `name`. */
  bdev(name: string): BlockDevice {
    const bdev = findBlockDevice(this.kernel, name);
    if (bdev === undefined) throw new Error(`there is no ${name}`);
    return bdev;
  }

  /** Runs `body` as a task of the guest. */
  run<T>(body: () => Promise<T>): Promise<T> {
    return this.kernel.sched.run("test", body);
  }

  /** A file's text, or the errno that reading it gives. */
  async text(path: string): Promise<string> {
    return new TextDecoder("latin1").decode(await this.fs.read(path));
  }

  /** Loads the block driver with `name=value` words. */
  insert(args: string): Promise<unknown> {
    return this.run(() => this.kernel.get(MODULES).insert(VIRTIO_BLK, args));
  }

  /** Unloads the block driver. */
  remove(): Promise<unknown> {
    return this.run(() => this.kernel.get(MODULES).remove("virtio_blk"));
  }

  /** Messages of the kernel that contain `part`, without stamps. */
  log(part: RegExp): string[] {
    const lines = this.kernel.log.dmesg().split("\n");
    return lines.map((line) => line.replace(/^\[ *[\d.]+\] /, "")).filter((line) =>
      part.test(line)
    );
  }
}

/** What differs between tests. */
export interface BootOptions extends KernelOptions {
  readonly machine?: EmbeddedOptions;
  /** Changes what the machine answers, before the kernel starts. */
  readonly patch?: (machine: ReturnType<typeof embedded>) => undefined;
  /** Leaves the block driver to {@linkcode Booted.insert}. */
  readonly module?: boolean;
}

/** Boots a machine with `args`. */
export async function bootDisks(
  args: readonly string[],
  images: Readonly<Record<string, Uint8Array>>,
  options: BootOptions = {},
): Promise<Booted> {
  const machine = embedded(args, { images, ...options.machine });
  options.patch?.(machine);
  const kernel = new Kernel(machine, { append: "", ...options });
  const modules = options.module === true ? ["virtio_blk"] : [];
  await kernel.sched.run("swapper/0", () =>
    startKernel(kernel, {
      initcalls: [...PROCFS_INITCALLS, ...VIRTIO_INITCALLS, ...BLOCK_INITCALLS],
      images: [VIRTIO_MMIO, VIRTIO_BLK],
      modules,
    }), 1);
  return new Booted(kernel, machine);
}

/** The options of a disk whose image is called `ID.img`. */
export function disk(id: string, device = "", drive = ""): string[] {
  return [
    "-drive",
    `if=none,id=${id},file=${id}.img,format=raw${drive}`,
    "-device",
    `virtio-blk-device,drive=${id}${device}`,
  ];
}

const RECORDINGS = new URL("../tests/recordings/", import.meta.url);

/** A file of a recording. */
export function recorded(path: string): string {
  return new TextDecoder("latin1").decode(Deno.readFileSync(new URL(path, RECORDINGS)));
}

/** An image of a recording. */
export async function recordedImage(path: string): Promise<Uint8Array> {
  const packed = Deno.readFileSync(new URL(path, RECORDINGS));
  const stream = new Blob([packed]).stream().pipeThrough(new DecompressionStream("gzip"));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}
