import { assertEquals } from "@std/assert";
import {
  OF_BAD_ADDR,
  ofAddressCount,
  ofAddressToResource,
  ofDmaIsCoherent,
  ofGetAddress,
  ofTranslateAddress,
  ofTranslateDmaAddress,
} from "./address.ts";
import { IORESOURCE_IO, IORESOURCE_MEM, ofNAddrCells, ofNSizeCells } from "./bus.ts";
import { unflattenDeviceTree } from "./fdt.ts";
import { ofDmaGetRange, ofRanges } from "./range.ts";
import { nodeAt, resultOf, treeOf } from "./testing.ts";

const TREE = treeOf(`
  #address-cells = <2>; #size-cells = <2>;
  soc {
    compatible = "simple-bus"; #address-cells = <1>; #size-cells = <1>;
    ranges = <0x0 0x0 0x40000000 0x1000>, <0x8000 0x1 0x0 0x1000>;
    dma-ranges = <0x0 0x0 0x80000000 0x1000>, <0x1000 0x0 0x80001000 0x1000>;
    dma-coherent;
    dev@10 { reg = <0x10 4>, <0x8010 8>, <0x2000 4>; reg-names = "a"; dma-noncoherent; };
    edge@fff { reg = <0xfff 1>, <0x1000 1>; };
    inner { #address-cells = <2>; #size-cells = <1>; ranges = <0 0 0x100 0x10>;
      dev@4 { reg = <0 4 4>; }; };
    spi { #address-cells = <1>; #size-cells = <0>; ranges; cs@0 { reg = <0>; }; };
    bare { #address-cells = <1>; #size-cells = <1>; dev@0 { reg = <0 4>; }; };
    nocells { dev@8 { reg = <8 4>; }; };
  };
  isa { #address-cells = <2>; #size-cells = <1>; ranges = <1 0 0 0x3000000 0x100>;
    port@60 { reg = <1 0x60 4>; }; };
  pci { device_type = "pci"; #address-cells = <3>; #size-cells = <2>;
    ranges = <0x02000000 0 0x10000000 0 0x10000000 0 0x1000
              0x02000000 0 0x10001000 0 0x10001000 0 0x1000
              0x01000000 0 0 0 0x3eff0000 0 0x10000>;
    card { assigned-addresses = <0x42000010 0 0x10000800 0 0x100>; }; };
  top@ffffffff00000000 { reg = <0xffffffff 0 0 0x1000>; };
  five { #address-cells = <5>; #size-cells = <1>; ranges; dev { reg = <0 0 0 0 1 1>; }; };
`);

/** Start and end of an address, or the error. */
function range(path: string, index = 0): string {
  return String(resultOf(() => {
    const { start, end } = ofAddressToResource(nodeAt(TREE, path), index);
    return `${start.toString(16)}-${end.toString(16)}`;
  }));
}

Deno.test("ofAddressToResource() translates through ranges", () => {
  assertEquals(range("/soc/dev@10", 0), "40000010-40000013");
  assertEquals(range("/soc/dev@10", 1), "100000010-100000017");
  assertEquals(range("/soc/dev@10", 2), "EINVAL", "no row holds it");
  assertEquals(range("/soc/dev@10", 3), "EINVAL", "no such address");
  assertEquals(range("/soc/edge@fff", 0), "40000fff-40000fff");
  assertEquals(range("/soc/edge@fff", 1), "EINVAL");
  assertEquals(range("/soc/inner/dev@4"), "40000104-40000107");
  assertEquals(range("/soc/spi/cs@0"), "EINVAL", "sizes of no cells cannot be translated");
  assertEquals(range("/soc/bare/dev@0"), "EINVAL", "no ranges");
  assertEquals(range("/five/dev"), "EINVAL", "five address cells");
  assertEquals(range("/pci/card"), "10000800-100008ff");
  assertEquals(range("/isa/port@60"), "EINVAL", "no I/O ports are registered");
  assertEquals(range("/top@ffffffff00000000"), "ffffffff00000000-ffffffff00000fff");
});

Deno.test("ofAddressToResource() names the resource", () => {
  const dev = nodeAt(TREE, "/soc/dev@10");
  assertEquals(ofAddressToResource(dev, 0).name, "a");
  assertEquals(ofAddressToResource(dev, 1).name, "dev@10");
  assertEquals(ofAddressCount(dev), 2);
});

Deno.test("ofTranslateAddress() keeps 64 bits", () => {
  const top = nodeAt(TREE, "/top@ffffffff00000000");
  assertEquals(ofTranslateAddress(top, top.get("reg")!), 0xffffffff00000000n);
  assertEquals(ofTranslateAddress(TREE.root, new Uint8Array(16)), OF_BAD_ADDR);
  assertEquals(ofTranslateAddress(top, new Uint8Array(4)), OF_BAD_ADDR, "too few cells");
});

Deno.test("ofGetAddress() reads the bus's own form", () => {
  const flags = (path: string) => ofGetAddress(nodeAt(TREE, path), 0)?.flags;
  assertEquals(flags("/soc/dev@10"), IORESOURCE_MEM);
  assertEquals(flags("/isa/port@60"), IORESOURCE_IO);
  assertEquals(flags("/pci/card"), IORESOURCE_MEM | 0x2000);
  assertEquals(ofGetAddress(nodeAt(TREE, "/pci/card"), 0)?.size, 0x100n);
  assertEquals(ofGetAddress(TREE.root, 0), undefined);
});

Deno.test("ofNAddrCells() climbs, and defaults to 1", () => {
  assertEquals(ofNAddrCells(nodeAt(TREE, "/soc")), 2);
  assertEquals(ofNAddrCells(nodeAt(TREE, "/soc/nocells/dev@8")), 1);
  const bare = treeOf("a { };");
  assertEquals([ofNAddrCells(bare.root.children[0]), ofNSizeCells(bare.root)], [1, 1]);
});

Deno.test("ofTranslateDmaAddress() goes by dma-ranges, and straight where there is none", () => {
  const dev = nodeAt(TREE, "/soc/dev@10");
  assertEquals(ofTranslateDmaAddress(TREE, dev, dev.get("reg")!), 0x80000010n);
  const slow = nodeAt(TREE, "/soc/nocells/dev@8");
  assertEquals(ofTranslateDmaAddress(TREE, slow, slow.get("reg")!), 0x80000008n);
});

Deno.test("ofRanges() joins rows that continue one another", () => {
  const found = ofRanges(TREE, nodeAt(TREE, "/pci"), "ranges");
  assertEquals(found.map(({ busAddress, size }) => [busAddress, size]), [
    [0x10000000n, 0x2000n],
    [0n, 0x10000n],
  ]);
  assertEquals(found.map(({ flags }) => flags), [IORESOURCE_MEM, IORESOURCE_IO]);
  const dma = ofDmaGetRange(TREE, nodeAt(TREE, "/soc"));
  assertEquals(dma.map(({ cpuAddress, size }) => [cpuAddress, size]), [[0x80000000n, 0x2000n]]);
  assertEquals(resultOf(() => ofDmaGetRange(TREE, TREE.root)), "ENODEV");
});

Deno.test("ofRanges() reads QEMU's PCI windows", () => {
  const tree = unflattenDeviceTree(
    Deno.readFileSync(new URL("../../tests/data/virt.dtb", import.meta.url)),
  );
  // From the kernel log of the recording: IO, MEM and 64-bit MEM windows of the host bridge.
  const found = ofRanges(tree, nodeAt(tree, "/pcie@10000000"), "ranges");
  assertEquals(found.map(({ cpuAddress, size }) => [cpuAddress, cpuAddress + size - 1n]), [
    [0x3eff0000n, 0x3effffffn],
    [0x10000000n, 0x3efeffffn],
    [0x8000000000n, 0xffffffffffn],
  ]);
});

Deno.test("ofDmaIsCoherent() asks the nearest node that says", () => {
  assertEquals(ofDmaIsCoherent(TREE, nodeAt(TREE, "/soc/edge@fff")), true);
  assertEquals(ofDmaIsCoherent(TREE, nodeAt(TREE, "/soc/dev@10")), false);
  assertEquals(ofDmaIsCoherent(TREE, nodeAt(TREE, "/pci/card")), false);
});
