import { assertEquals, assertThrows } from "@std/assert";
import { KernelError } from "../errors.ts";
import { ofFindNodeByPath } from "./base.ts";
import { unflattenDeviceTree } from "./fdt.ts";
import { ofIrqCount, ofIrqFindParent, ofIrqInit, ofIrqParseOne, ofIrqParseRaw } from "./irq.ts";
import type { DeviceNode } from "./node.ts";
import { OF_IRQCHIPS } from "./platform.ts";
import { nodeAt, treeOf } from "./testing.ts";

const TREE = unflattenDeviceTree(
  Deno.readFileSync(new URL("testdata/maps.dtb", import.meta.url)),
);

function node(path: string): DeviceNode {
  const found = ofFindNodeByPath(TREE, path);
  if (found === undefined) throw new Error(`no ${path}`);
  return found;
}

/** Shared interrupt number of the slot's first interrupt, or the error. */
function hwirq(slot: string): number | string {
  try {
    const { np, args } = ofIrqParseOne(TREE, node(`/virtio_mmio@${slot}`), 0);
    assertEquals(np.path, "/intc@8000000");
    return args[1] + 32;
  } catch (error) {
    if (error instanceof KernelError) return error.code;
    throw error;
  }
}

Deno.test("ofIrqParseOne() leads to the interrupts that Linux took", () => {
  // Numbers from /proc/interrupts of a Linux 6.1 that was booted with this tree.
  assertEquals(hwirq("a003e00"), 79, "through a map");
  assertEquals(hwirq("a003a00"), 77, "an empty first entry falls back to interrupts");
  assertEquals(hwirq("a003800"), 76, "a row with an unavailable parent is passed over");
  assertEquals(hwirq("a003600"), 75, "a map beats interrupt-controller");
  assertEquals(hwirq("a002c00"), 77, "through two maps with masks");
  assertEquals(hwirq("a002a00"), 69, "an unknown phandle falls back to interrupts");
  assertEquals(hwirq("a002800"), 68, "too few cells fall back to interrupts");
});

Deno.test("ofIrqParseOne() fails where Linux found no interrupt", () => {
  assertEquals(hwirq("a003400"), "EINVAL", "no row matches");
  assertEquals(hwirq("a003200"), "EINVAL", "no interrupts property");
  assertEquals(hwirq("a003000"), "EINVAL", "a row names an unknown parent");
  assertEquals(hwirq("a002e00"), "EINVAL", "a row is too short");
  assertEquals(hwirq("a002600"), "EOVERFLOW", "interrupts is too short");
});

Deno.test("ofIrqParseOne() matches the unit address under the mask", () => {
  // Linux did not try this slot: its driver waits for a device of /nexus2.
  const found = assertThrows(
    () => ofIrqParseOne(TREE, node("/virtio_mmio@a003c00"), 1),
    KernelError,
  );
  assertEquals(found.code, "EOVERFLOW");
  assertEquals(hwirq("a003c00"), 78);
});

Deno.test("ofIrqParseRaw() maps QEMU's PCI interrupts", () => {
  const pcie = node("/pcie@10000000");
  // Device 2, pin 3: the third row group of the recorded map says SPI 3.
  const reg = new Uint8Array(12);
  reg[2] = 0x10;
  const { np, args } = ofIrqParseRaw(TREE, reg, { np: pcie, args: [3] });
  assertEquals([np.path, args], ["/intc@8000000", [0, 3, 4]]);
});

Deno.test("ofIrqCount() counts until the first failure", () => {
  assertEquals(ofIrqCount(TREE, node("/timer")), 4);
  assertEquals(ofIrqCount(TREE, node("/psci")), 0);
});

Deno.test("ofIrqFindParent() follows interrupt-parent, then the tree", () => {
  assertEquals(ofIrqFindParent(TREE, node("/timer"))?.path, "/intc@8000000");
  assertEquals(ofIrqFindParent(TREE, node("/virtio_mmio@a003c00"))?.path, "/nexus2");
});

Deno.test("ofIrqInit() sets up available controllers of the table", () => {
  const seen: string[] = [];
  ofIrqInit(TREE, OF_IRQCHIPS, ({ np, interruptParent }) => {
    seen.push(`${np.path} ${interruptParent?.path}`);
    return undefined;
  });
  assertEquals(seen, ["/intc@8000000 undefined"]);
});

Deno.test("ofIrqParseOne() names the node that was referred to, not a controller above it", () => {
  // As a Linux 6.1 answered for a tree of this shape: `#interrupt-cells` without map and without controller.
  const tree = treeOf(`
    pic: pic { #interrupt-cells = <1>; interrupt-controller;
      mid: mid { #interrupt-cells = <1>; };
      nexus: nexus { #interrupt-cells = <1>; #address-cells = <0>; interrupt-map = <3 &mid 5>; }; };
    a { interrupts-extended = <&mid 2>; };
    b { interrupts-extended = <&nexus 3>; };
  `);
  const parse = (path: string) => {
    const { np, args } = ofIrqParseOne(tree, nodeAt(tree, path), 0);
    return `${np.path} ${args}`;
  };
  assertEquals(parse("/a"), "/pic/mid 2");
  assertEquals(parse("/b"), "/pic/mid 5");
});
