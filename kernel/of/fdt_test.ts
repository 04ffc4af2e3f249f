import { assert, assertEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import { equalBytes, writeBe32 } from "./bytes.ts";
import { FdtError, unflattenDeviceTree } from "./fdt.ts";
import { flattenDeviceTree } from "./fdt_write.ts";
import { DeviceTree } from "./tree.ts";

/** QEMU's tree as `dtc -I dtb -O dtb` writes it: the 1 MiB buffer without its zeros. */
const VIRT = Deno.readFileSync(new URL("../../tests/data/virt.dtb", import.meta.url));

/** A header and one empty root node, to be broken. */
const EMPTY = flattenDeviceTree(new DeviceTree());

function patched(blob: Uint8Array, offset: number, word: number): Uint8Array {
  const copy = blob.slice();
  writeBe32(copy, offset, word);
  return copy;
}

/** The message of the refusal; `read` if there is none. Anything but a refusal is an error. */
function outcome(blob: Uint8Array): string {
  try {
    unflattenDeviceTree(blob);
    return "read";
  } catch (error) {
    if (error instanceof FdtError) return error.message;
    throw error;
  }
}

Deno.test("unflattenDeviceTree() reads what flattenDeviceTree() writes", () => {
  assert(equalBytes(flattenDeviceTree(unflattenDeviceTree(VIRT)), VIRT));
});

Deno.test("unflattenDeviceTree() reads QEMU's nodes, properties and phandles", () => {
  const tree = unflattenDeviceTree(VIRT);
  assertEquals([...tree.nodes()].length, 56);
  assertEquals(tree.nodeByPhandle(0x8002)?.path, "/intc@8000000");
  assertEquals(tree.stdout.node?.path, "/pl011@9000000");
  assertEquals(
    [...tree.find("/virtio_mmio@a000000").node!.properties.keys()],
    ["dma-coherent", "interrupts", "reg", "compatible"],
  );
});

Deno.test("unflattenDeviceTree() ignores a zero tail, inside and behind the total size", () => {
  const padded = new Uint8Array(1 << 20);
  padded.set(VIRT);
  assertEquals([...unflattenDeviceTree(padded).nodes()].length, 56);
  writeBe32(padded, 4, padded.length);
  assertEquals([...unflattenDeviceTree(padded).nodes()].length, 56);
});

Deno.test("unflattenDeviceTree() refuses every truncation", () => {
  for (let length = 0; length < VIRT.length; length++) {
    const cut = VIRT.subarray(0, length);
    assert(outcome(cut).startsWith("Cannot read device tree blob: offset 0x"), `${length} bytes`);
    if (length < 8) continue;
    assert(outcome(patched(cut, 4, length)) !== "read", `${length} bytes with total size`);
  }
});

Deno.test("unflattenDeviceTree() reads or refuses every blob with one bit flipped", () => {
  const blob = VIRT.slice();
  let refused = 0;
  for (let bit = 0; bit < 8 * blob.length; bit++) {
    blob[bit >> 3] ^= 1 << (bit & 7);
    if (outcome(blob) !== "read") refused++;
    blob[bit >> 3] ^= 1 << (bit & 7);
  }
  assert(refused > 5000, `${refused} refused`);
});

Deno.test("unflattenDeviceTree() reads or refuses random bytes behind a good header", () => {
  fc.assert(fc.property(fc.uint8Array({ minLength: 16, maxLength: 400 }), (bytes) => {
    const blob = VIRT.slice();
    blob.set(bytes, 64);
    outcome(blob);
  }));
});

Deno.test("unflattenDeviceTree() says where and what", () => {
  const problem = (blob: Uint8Array) => outcome(blob).replace("Cannot read device tree blob: ", "");
  assertEquals(EMPTY.length, 72);
  assertEquals(problem(new Uint8Array(3)), "offset 0x3: blob ends inside the header");
  assertEquals(problem(patched(EMPTY, 0, 1)), "offset 0x0: magic is 0x1, expected 0xd00dfeed");
  assertEquals(
    problem(patched(EMPTY, 20, 3)),
    "offset 0x14: version 3 (last compatible 16), expected 16 or 17",
  );
  assertEquals(
    problem(patched(EMPTY, 4, 73)),
    "offset 0x4: total size is 73, but the blob has 72 bytes",
  );
  assertEquals(
    problem(patched(EMPTY, 8, 58)),
    "offset 0x8: structure block starts at 58, expected a multiple of 4",
  );
  assertEquals(
    problem(patched(EMPTY, 12, 100)),
    "offset 0xc: strings block (100 to 100) lies outside 40 to 72",
  );
  assertEquals(problem(patched(EMPTY, 56, 7)), "offset 0x38: no root node");
  assertEquals(problem(patched(EMPTY, 60, 0x61000000)), "offset 0x38: the root node has a name");
  assertEquals(problem(patched(EMPTY, 64, 9)), "offset 0x40: structure ends inside /");
  assertEquals(problem(patched(EMPTY, 64, 5)), "offset 0x40: unknown token 5");
  assertEquals(problem(patched(EMPTY, 68, 1)), "offset 0x44: something follows the root node");
  assertEquals(
    problem(patched(EMPTY, 68, 4)),
    "offset 0x48: structure block ends without an end token",
  );
  assertEquals(problem(patched(EMPTY, 52, 1)), "offset 0x28: reserve map has no end");
});

Deno.test("unflattenDeviceTree() refuses a property behind a child", () => {
  const tree = new DeviceTree();
  tree.root.set("p", new Uint8Array(0));
  tree.root.addChild("c");
  const blob = flattenDeviceTree(tree);
  // Tokens: begin "" | prop 0 name | begin "c" | end | end | end. Swap property and child.
  const property = blob.slice(64, 76);
  blob.copyWithin(64, 76, 88);
  blob.set(property, 76);
  assertThrows(() => unflattenDeviceTree(blob), FdtError, "property p of / follows a child node");
});

Deno.test("unflattenDeviceTree() refuses depth beyond the limit", () => {
  const tree = new DeviceTree();
  let node = tree.root;
  for (let level = 2; level <= 64; level++) node = node.addChild("n");
  assertEquals(outcome(flattenDeviceTree(tree)), "read");
  node.addChild("n");
  const blob = flattenDeviceTree(tree);
  assert(outcome(blob).endsWith("nodes are nested deeper than 64 levels"));
  assertEquals([...unflattenDeviceTree(blob, { maxDepth: 65 }).nodes()].length, 65);
});

Deno.test("unflattenDeviceTree() reads version 16", () => {
  const blob = patched(VIRT, 20, 16);
  assertEquals([...unflattenDeviceTree(blob).nodes()].length, 56);
});

Deno.test("unflattenDeviceTree() bounds the bytes of property names", () => {
  // Names may overlap in the strings block: n names of n bytes would cost n * n.
  const tree = new DeviceTree();
  const name = "x".repeat(20_000);
  for (let at = 0; at < 1000; at++) tree.root.set(name.slice(at), new Uint8Array(0));
  const blob = flattenDeviceTree(tree);
  assert(blob.length < 40_000);
  const message = outcome(blob);
  assert(message.endsWith("names take more than 64 times the bytes of the strings block"), message);
});

Deno.test("flattenDeviceTree() lets a name share the end of an earlier one", () => {
  const tree = new DeviceTree();
  for (const name of ["xreg", "reg", "g", "areg", "reg2"]) tree.root.set(name, new Uint8Array(0));
  const blob = flattenDeviceTree(tree);
  assertEquals(new TextDecoder().decode(blob.subarray(-15)), "xreg\0areg\0reg2\0");
});
