import type { BlockDevice } from "../kernel/block/bdev.ts";
import { findBlockDevice } from "../kernel/block/blkdev.ts";
import { KernelError } from "../kernel/errors.ts";
import type { Kernel } from "../kernel/kernel.ts";

/**
 * A disk or partition: `vm.block("vda")`. Sectors have 512 bytes.
 *
 * Each call runs as a task of the guest, so that virtual time passes while it waits.
 */
export class BlockHandle {
  readonly #kernel: Kernel;
  readonly #name: string;

  /**
   * Made by `vm.block()`.
   *
   * @throws {KernelError} `ENODEV` when no disk has this name.
   * @internal
   */
  constructor(kernel: Kernel, name: string) {
    this.#kernel = kernel;
    this.#name = name;
    this.device;
  }

  /**
   * The kernel's own object. Looked up anew, as a disk may go and come back.
   *
   * @internal
   */
  get device(): BlockDevice {
    const bdev = findBlockDevice(this.#kernel, this.#name);
    if (bdev === undefined) throw new KernelError("ENODEV", `${this.#name}: no such disk`);
    return bdev;
  }

  #run<T>(body: (bdev: BlockDevice) => Promise<T>): Promise<T> {
    return this.#kernel.sched.run(this.#name, () => body(this.device));
  }

  /**
   * Size in sectors.
   *
   * @example
   * ```ts
   * import { assertEquals } from "@std/assert";
   * import { boot, embedded } from "../mod.ts";
   * const disk = "-drive if=none,id=d0,file=disk.img,format=raw -device virtio-blk-device,drive=d0";
   * await using vm = await boot(embedded(disk, { images: { "disk.img": new Uint8Array(1 << 20) } }));
   * assertEquals(vm.block("vda").sectors * 512, 1 << 20);
   * ```
   */
  get sectors(): number {
    return this.device.nrSectors;
  }

  /**
   * Reads `count` sectors.
   *
   * @throws {KernelError} `EIO` and what else the device says; `EINVAL` past the end.
   *
   * @example
   * ```ts
   * import { assertEquals, assertRejects } from "@std/assert";
   * import { boot, embedded, KernelError } from "../mod.ts";
   * const disk = "-drive if=none,id=d0,file=disk.img,format=raw -device virtio-blk-device,drive=d0";
   * await using vm = await boot(embedded(disk, { images: { "disk.img": new Uint8Array(1 << 20) } }));
   * assertEquals(await vm.block("vda").read(0, 2), new Uint8Array(1024));
   * await assertRejects(() => vm.block("vda").read(2048), KernelError);
   * ```
   */
  read(sector: number, count = 1): Promise<Uint8Array> {
    return this.#run((bdev) => bdev.read(sector, count));
  }

  /**
   * Writes whole sectors.
   *
   * @throws {KernelError} `EIO`, `EPERM` on a read-only disk, `EINVAL` past the end or for parts of sectors.
   *
   * @example
   * ```ts
   * import { assertEquals } from "@std/assert";
   * import { boot, embedded } from "../mod.ts";
   * const disk = "-drive if=none,id=d0,file=disk.img,format=raw -device virtio-blk-device,drive=d0";
   * await using vm = await boot(embedded(disk, { images: { "disk.img": new Uint8Array(1 << 20) } }));
   * await vm.block("vda").write(7, new Uint8Array(512).fill(0xa5));
   * assertEquals((await vm.block("vda").read(7))[511], 0xa5);
   * ```
   */
  write(sector: number, data: Uint8Array): Promise<undefined> {
    return this.#run((bdev) => bdev.write(sector, data));
  }

  /**
   * Resolves when everything written is on stable storage.
   *
   * @example
   * ```ts
   * import { assertEquals } from "@std/assert";
   * import { boot, embedded } from "../mod.ts";
   * const image = new Uint8Array(1 << 20);
   * const disk = "-drive if=none,id=d0,file=disk.img,format=raw -device virtio-blk-device,drive=d0";
   * await using vm = await boot(embedded(disk, { images: { "disk.img": image } }));
   * await vm.block("vda").write(0, new Uint8Array(512).fill(7));
   * await vm.block("vda").flush();
   * assertEquals(image[0], 7);
   * ```
   */
  flush(): Promise<undefined> {
    return this.#run((bdev) => bdev.flush());
  }

  /**
   * Tells the device that the content of sectors is not needed. `EOPNOTSUPP` when it cannot.
   *
   * @example
   * ```ts
   * import { assertEquals } from "@std/assert";
   * import { boot, embedded } from "../mod.ts";
   * const disk = "-drive if=none,id=d0,file=disk.img,format=raw -device virtio-blk-device,drive=d0,discard=on";
   * await using vm = await boot(embedded(disk, { images: { "disk.img": new Uint8Array(1 << 20) } }));
   * await vm.block("vda").discard(8, 8);
   * assertEquals(vm.check(), []);
   * ```
   */
  discard(sector: number, count: number): Promise<undefined> {
    return this.#run((bdev) => bdev.discard(sector, count));
  }

  /**
   * Makes sectors zero without sending zeros. `EOPNOTSUPP` when the device cannot.
   *
   * @example
   * ```ts
   * import { assertEquals } from "@std/assert";
   * import { boot, embedded } from "../mod.ts";
   * const disk = "-drive if=none,id=d0,file=disk.img,format=raw -device virtio-blk-device,drive=d0";
   * await using vm = await boot(embedded(disk, { images: { "disk.img": new Uint8Array(1 << 20) } }));
   * const vda = vm.block("vda");
   * await vda.write(8, new Uint8Array(512).fill(7));
   * await vda.writeZeroes(8, 8);
   * assertEquals(await vda.read(8), new Uint8Array(512));
   * ```
   */
  writeZeroes(sector: number, count: number): Promise<undefined> {
    return this.#run((bdev) => bdev.writeZeroes(sector, count));
  }
}
