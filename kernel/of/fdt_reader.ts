import { unflattenDeviceTree } from "./fdt.ts";
import type { DeviceTree } from "./tree.ts";

/**
 * Reads flattened trees for one kernel after the other. A blob that was read last time is not looked at again:
 * each kernel gets a tree of its own, and all of them share the properties that none has changed.
 */
export class FdtReader {
  #blob: Uint8Array | undefined;
  #tree: DeviceTree | undefined;

  /**
   * The tree in `blob`, which must stay as it is.
   *
   * @throws {FdtError} If the blob is malformed, at the first place found.
   */
  read(blob: Uint8Array): DeviceTree {
    if (this.#tree === undefined || this.#blob !== blob) {
      this.#tree = unflattenDeviceTree(blob);
      this.#blob = blob;
    }
    return this.#tree.copy();
  }
}
