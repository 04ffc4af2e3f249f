/**
 * The register trace: every access that the guest made, in QEMU's own words if wanted.
 *
 * @module
 */
import type { AccessWidth } from "../hypervisor/platform.ts";
import type { Kernel } from "../kernel/kernel.ts";
import { tryAddressToResource } from "../kernel/of/address.ts";
import { ofFindMatchingNode } from "../kernel/of/base.ts";

/** One register access. */
export interface RegisterAccess {
  /** True for a write. */
  readonly write: boolean;
  /** Guest physical address. */
  readonly address: number;
  /** Bytes: 1, 2 or 4. */
  readonly width: AccessWidth;
  /** What was read or written. */
  readonly value: number;
}

interface Range {
  readonly start: number;
  readonly end: number;
}

/** Keeps the accesses of one kernel. */
export class RegisterTrace {
  /** The accesses so far, oldest first. */
  readonly accesses: RegisterAccess[] = [];
  readonly #kernel: Kernel;

  /** Listens from now on. */
  constructor(kernel: Kernel) {
    this.#kernel = kernel;
    kernel.io.onAccess = (write, address, width, value): undefined => {
      this.accesses.push({ write, address, width, value });
    };
  }

  /** Where the virtio-mmio slots are, by the device tree. */
  #slots(): Range[] {
    const { tree } = this.#kernel;
    const slots: Range[] = [];
    if (tree === undefined) return slots;
    const wanted = [{ compatible: "virtio,mmio" }];
    for (
      let node = ofFindMatchingNode(tree, undefined, wanted);
      node !== undefined;
      node = ofFindMatchingNode(tree, node, wanted)
    ) {
      const found = tryAddressToResource(node, 0);
      if (found === undefined) continue;
      slots.push({ start: Number(found.start), end: Number(found.end) });
    }
    return slots;
  }

  /**
   * The accesses to virtio-mmio slots as QEMU's `-trace 'virtio_mmio*'` prints them, so that a run here
   * and a run of Linux can be compared with `diff`.
   *
   * @example
   * ```ts
   * import { assertEquals } from "@std/assert";
   * import { boot, embedded } from "../mod.ts";
   * await using vm = await boot(embedded("-device virtio-keyboard-device"), { trace: true });
   * const [first] = `${vm.trace}`.split("\n");
   * assertEquals(first, "virtio_mmio_read virtio_mmio_read offset 0x0");
   * ```
   */
  toString(): string {
    const slots = this.#slots();
    const lines: string[] = [];
    for (const { write, address, value } of this.accesses) {
      const slot = slots.find(({ start, end }) => start <= address && address <= end);
      if (slot === undefined) continue;
      const offset = `offset 0x${(address - slot.start).toString(16)}`;
      lines.push(
        write
          ? `virtio_mmio_write_offset virtio_mmio_write ${offset} value 0x${value.toString(16)}\n`
          : `virtio_mmio_read virtio_mmio_read ${offset}\n`,
      );
    }
    return lines.join("");
  }
}
