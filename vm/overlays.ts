import { ERRNO, type Errno } from "../kernel/errno.ts";
import { KernelError } from "../kernel/errors.ts";
import type { Kernel } from "../kernel/kernel.ts";
import { parseDts } from "../kernel/of/dts/parse.ts";
import { flattenDeviceTree } from "../kernel/of/fdt_write.ts";
import { ofOverlayFdtApply, ofOverlayRemove } from "../kernel/of/overlay.ts";
import { OVERLAYS } from "../kernel/of_platform.ts";

/**
 * Overlays of the running guest's device tree: `vm.overlays`.
 *
 * Linux has these functions for its drivers only: no file of Debian's kernel offers them to programs, so
 * that scripts use them here, as a driver would.
 */
export class Overlays {
  readonly #kernel: Kernel;

  /**
   * Made by `boot()`.
   *
   * @internal
   */
  constructor(kernel: Kernel) {
    this.#kernel = kernel;
  }

  /** Numbers of the overlays that are applied, the oldest first. */
  get applied(): number[] {
    return this.#kernel.get(OVERLAYS).list.map(({ id }) => id);
  }

  /**
   * Lays an overlay over the tree. Below buses, nodes that it adds become devices, and drivers bind to
   * them, before this resolves. What Linux says about it is in the kernel log.
   *
   * Linux: of_overlay_fdt_apply()
   *
   * @param overlay A blob, or device tree source.
   * @returns The overlay's number, for {@linkcode remove}.
   * @throws {KernelError} With Linux's errno, when it cannot be applied; the tree is as it was then.
   * @throws {DtsError} When the source cannot be compiled.
   *
   * @example
   * ```ts
   * import { assertEquals } from "@std/assert";
   * import { boot, embedded } from "../mod.ts";
   * await using vm = await boot(embedded());
   * const id = await vm.overlays.apply(`/dts-v1/;
   * / {
   *   fragment@0 {
   *     target-path = "/";
   *     __overlay__ { thermometer { compatible = "acme,thermometer"; }; };
   *   };
   * };`);
   * const modalias = "cat /sys/bus/platform/devices/thermometer/modalias";
   * assertEquals(await vm.sh(modalias), "of:NthermometerT(null)Cacme,thermometer\n");
   * await vm.overlays.remove(id);
   * ```
   */
  apply(overlay: Uint8Array | string): Promise<number> {
    const fdt = typeof overlay === "string" ? flattenDeviceTree(parseDts(overlay)) : overlay;
    return this.#kernel.sched.run("overlay", async () => {
      const state = this.#kernel.get(OVERLAYS);
      const { ret, id, failure } = await ofOverlayFdtApply(state, fdt);
      if (failure === undefined) return id;
      if (id !== 0) await ofOverlayRemove(state, id);
      throw new KernelError(nameOfErrno(ret), `Cannot apply overlay: ${failure.why}`);
    });
  }

  /**
   * Takes an overlay away: its devices lose their drivers and go, the tree is as it was before.
   *
   * Linux: of_overlay_remove()
   *
   * @throws {KernelError} `ENODEV` for a number that no overlay has, `EBUSY` when one that was applied later
   *   touches the same nodes.
   *
   * @example
   * ```ts
   * import { assertRejects } from "@std/assert";
   * import { boot, embedded, KernelError } from "../mod.ts";
   * await using vm = await boot(embedded());
   * await assertRejects(() => vm.overlays.remove(1), KernelError, "overlay 1");
   * ```
   */
  remove(id: number): Promise<undefined> {
    return this.#kernel.sched.run("overlay", async () => {
      const ret = await ofOverlayRemove(this.#kernel.get(OVERLAYS), id);
      if (ret === 0) return undefined;
      const code = nameOfErrno(ret);
      const why = code === "ENODEV" ? "is not applied" : "cannot be removed; see the kernel log";
      throw new KernelError(code, `overlay ${id} ${why}`);
    });
  }
}

function nameOfErrno(ret: number): Errno {
  return (Object.keys(ERRNO) as Errno[]).find((name) => ERRNO[name] === -ret) as Errno;
}
