import { fromDeviceTree } from "../compile_convert.ts";
import { unflattenDeviceTree } from "../fdt.ts";
import { flattenDeviceTree } from "../fdt_write.ts";
import { parseDts } from "./parse.ts";
import { writeDtsTree } from "./write.ts";

/** What the blob is called in the source, for `/include/`. */
const BLOB = "blob.dts";

/**
 * A blob with source added, as if that stood behind the blob's own source: nodes of the same name are one,
 * and `&{/path}` is a node that the blob has.
 *
 * @throws {DtsError} With everything that is wrong in the source.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { addDts, embedded, unflattenDeviceTree } from "../../../mod.ts";
 * await using machine = embedded();
 * const more = "&{/virtio_mmio@a003e00} { vdd-supply = <&{/virtio_mmio@a003c00}>; };";
 * const { node } = unflattenDeviceTree(addDts(machine.dtb, more)).find("/virtio_mmio@a003e00");
 * assertEquals(node?.get("vdd-supply")?.length, 4);
 * ```
 */
export function addDts(blob: Uint8Array, source: string): Uint8Array {
  const own = writeDtsTree(fromDeviceTree(unflattenDeviceTree(blob)), { style: "faithful" });
  const tree = parseDts(`/include/ "${BLOB}" ${source}`, { file: "added.dts", read: () => own });
  return flattenDeviceTree(tree);
}
