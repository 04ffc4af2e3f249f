import { assert, assertEquals, assertStrictEquals } from "@std/assert";
import { embedded } from "../../hypervisor/embedded/machine.ts";
import { unflattenDeviceTree } from "./fdt.ts";
import { FdtReader } from "./fdt_reader.ts";
import { flattenDeviceTree } from "./fdt_write.ts";
import { OF_POPULATED, Property } from "./node.ts";
import type { DeviceTree } from "./tree.ts";

const BLOB = embedded().dtb;
/** The tree as bytes, read by nobody but the parser. */
const ORIGINAL = flattenDeviceTree(unflattenDeviceTree(BLOB));

function slot(tree: DeviceTree) {
  return tree.find("/virtio_mmio@a003e00").node!;
}

Deno.test("FdtReader.read() gives the tree that the blob holds, each time another one", () => {
  const reader = new FdtReader();
  const [first, second] = [reader.read(BLOB), reader.read(BLOB)];
  assertEquals(flattenDeviceTree(first), ORIGINAL);
  assertEquals(flattenDeviceTree(second), ORIGINAL);
  assert(slot(first) !== slot(second));
  assertStrictEquals(slot(first).property("reg"), slot(second).property("reg"));
});

Deno.test("FdtReader.read() gives trees that change without one another", () => {
  const changes: ((tree: DeviceTree) => void)[] = [
    (tree) => slot(tree).set("reg", new Uint8Array(16)),
    (tree) => slot(tree).put(new Property("status", new Uint8Array([0]))),
    (tree) => slot(tree).remove("compatible"),
    (tree) => tree.root.addChild("more"),
    (tree) => tree.root.children.splice(0, 1),
    (tree) => tree.memreserve.push({ address: 1n, size: 2n }),
  ];
  for (const change of changes) {
    const reader = new FdtReader();
    const [before, changed] = [reader.read(BLOB), reader.read(BLOB)];
    change(changed);
    slot(changed).testAndSetFlag(OF_POPULATED);
    for (const tree of [before, reader.read(BLOB)]) {
      assertEquals(flattenDeviceTree(tree), ORIGINAL);
      assertEquals(slot(tree).checkFlag(OF_POPULATED), false);
      assertEquals(slot(tree).compatible, ["virtio,mmio"]);
    }
    assertEquals(flattenDeviceTree(changed).length === ORIGINAL.length, change === changes[0]);
  }
});

Deno.test("FdtReader.read() looks at another blob anew", () => {
  const reader = new FdtReader();
  reader.read(BLOB);
  const other = embedded([], { slots: 2 }).dtb;
  assertEquals(
    flattenDeviceTree(reader.read(other)),
    flattenDeviceTree(unflattenDeviceTree(other)),
  );
});
