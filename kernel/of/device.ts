import { ofNodeGetDeviceType } from "./base.ts";
import type { DeviceNode } from "./node.ts";
import type { DeviceTree } from "./tree.ts";

/**
 * The alias by which user space finds a module: `of:N<name>T<type>C<compatible>...`. Spaces in
 * compatible strings become underscores. Linux: of_device_modalias()
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { ofDeviceModalias } from "./device.ts";
 * import { DeviceTree } from "./tree.ts";
 * const node = new DeviceTree().root.addChild("virtio_mmio@a000000");
 * node.set("compatible", new TextEncoder().encode("virtio,mmio\0"));
 * assertEquals(ofDeviceModalias(node), "of:Nvirtio_mmioT(null)Cvirtio,mmio");
 * ```
 */
export function ofDeviceModalias(np: DeviceNode): string {
  const compatible = np.compatible.map((text) => `C${text.replaceAll(" ", "_")}`).join("");
  return `of:N${np.name}T${ofNodeGetDeviceType(np) ?? "(null)"}${compatible}`;
}

/** The lines that a node adds to its device's `uevent`, without MODALIAS. Linux: of_device_uevent() */
export function ofDeviceUevent(tree: DeviceTree, np: DeviceNode): string[] {
  const lines = [`OF_NAME=${np.name}`, `OF_FULLNAME=${np.pOF}`];
  const type = ofNodeGetDeviceType(np);
  if (type !== undefined) lines.push(`OF_TYPE=${type}`);
  np.compatible.forEach((text, index) => lines.push(`OF_COMPATIBLE_${index}=${text}`));
  lines.push(`OF_COMPATIBLE_N=${np.compatible.length}`);
  tree.aliases.filter(({ node }) => node === np)
    .forEach(({ alias }, index) => lines.push(`OF_ALIAS_${index}=${alias}`));
  return lines;
}
