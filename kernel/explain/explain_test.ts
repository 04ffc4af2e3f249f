import { assertEquals } from "@std/assert";
import fc from "fast-check";
import { parseDts } from "../of/dts/parse.ts";
import { flattenDeviceTree } from "../of/fdt_write.ts";
import { unflattenDeviceTree } from "../of/fdt.ts";
import { cString, writeBe32 } from "../of/bytes.ts";
import { type DeviceNode, OF_POPULATED } from "../of/node.ts";
import { ofRanges } from "../of/range.ts";
import { ofDmaIsCoherent } from "../of/address.ts";
import { ofPlatformPopulateOrder } from "../of/platform.ts";
import { ofParsePhandleWithArgsMap } from "../of/phandle.ts";
import { nodeAt, resultOf, treeOf } from "../of/testing.ts";
import { DeviceTree } from "../of/tree.ts";
import { devicesOf, explainDevice, explainOverlay, renderDevice } from "./mod.ts";

const DRIVERS = [
  { name: "virtio-mmio", ofMatchTable: [{ compatible: "virtio,mmio" }] },
  { name: "plain", idTable: ["plain"] },
];

const TREE = treeOf(`
  #address-cells = <1>; #size-cells = <1>; interrupt-parent = <&gic>;
  gic: intc@100 { compatible = "arm,cortex-a15-gic"; interrupt-controller; #interrupt-cells = <3>; };
  clk { compatible = "fixed-clock"; };
  opp { compatible = "operating-points-v2"; };
  pl { compatible = "arm,primecell"; kid { compatible = "x,y"; }; };
  bus { compatible = "acme,bus", "simple-bus"; #address-cells = <1>; #size-cells = <1>;
    ranges = <0 0x1000 0x100>;
    two@10 { compatible = "acme,x", "virtio,mmio"; reg = <0x10 4>, <0x200 4>; interrupts = <0 5 4>; };
    off { compatible = "acme,x"; status = "Okay"; below { compatible = "acme,x"; }; }; };
  mfd { compatible = "simple_mfd"; cell { compatible = "acme,x"; }; };
  near { compatible = "virtio,mmoi", "mmio", "qemu,mmio"; };
  typo { compatibel = "acme,x"; };
  plain { compatible = "acme,x"; };
  chosen { };
`);

function verdicts(path: string): string[] {
  return explainDevice(TREE, nodeAt(TREE, path), DRIVERS).steps
    .map((step) => `${step.path} ${step.verdict}${step.help === undefined ? "" : " +help"}`);
}

Deno.test("explainDevice() says which rule decided", () => {
  assertEquals(verdicts("/intc@100"), ["/intc@100 populated"]);
  assertEquals(verdicts("/clk"), ["/clk populated"]);
  assertEquals(verdicts("/opp"), ["/opp skipped"]);
  assertEquals(verdicts("/pl/kid"), ["/pl amba", "/pl/kid not-visited"]);
  assertEquals(verdicts("/bus/two@10"), ["/bus platform", "/bus/two@10 platform"]);
  assertEquals(verdicts("/bus/off"), ["/bus platform", "/bus/off unavailable +help"]);
  assertEquals(verdicts("/bus/off/below"), [
    "/bus platform",
    "/bus/off unavailable +help",
    "/bus/off/below not-visited",
  ]);
  assertEquals(verdicts("/mfd/cell"), ["/mfd not-a-bus +help", "/mfd/cell not-visited"]);
  assertEquals(verdicts("/typo"), ["/typo no-compatible +help"]);
  assertEquals(verdicts("/chosen"), ["/chosen no-compatible"]);
});

Deno.test("explainDevice() agrees with what a boot makes, for every node, and changes no flag", () => {
  const blob = Deno.readFileSync(new URL("../of/testdata/buses.dtb", import.meta.url));
  const tree = unflattenDeviceTree(blob);
  const explained = new Map(
    [...tree.nodes()].map((np) => [np.path, explainDevice(tree, np, DRIVERS).device?.name]),
  );
  assertEquals([...tree.nodes()].some((np) => np.checkFlag(OF_POPULATED)), false);
  // The recording of Linux names each device and its node.
  const text = Deno.readTextFileSync(new URL("../of/testdata/buses_devices.txt", import.meta.url));
  const recorded = new Map(
    [...text.matchAll(/^## \S+ (\S+) \S+ (\S+)$/gm)].map(([, name, path]) => [path, name]),
  );
  for (const [path, name] of explained) assertEquals(name, recorded.get(path), path);
  assertEquals([...devicesOf(tree).keys()].sort(), [...recorded.keys()].sort());
});

Deno.test("explainDevice() names drivers that fit and those that almost do", () => {
  const of = (path: string) => explainDevice(TREE, nodeAt(TREE, path), DRIVERS);
  assertEquals(of("/bus/two@10").drivers, [
    { driver: "virtio-mmio", by: "of", compatible: "virtio,mmio", score: 1073741819 },
  ]);
  assertEquals(of("/plain").drivers, [{ driver: "plain", by: "id" }]);
  assertEquals(of("/near").nearMisses.map(({ has, how }) => [has, how]), [
    ["virtio,mmoi", "misspelt"],
    ["mmio", "vendor prefix missing"],
    ["qemu,mmio", "other vendor prefix"],
  ]);
});

Deno.test("explainDevice() follows addresses and interrupts", () => {
  const { addresses, interrupts } = explainDevice(TREE, nodeAt(TREE, "/bus/two@10"), []);
  assertEquals(addresses.map(({ resource, problem }) => resource?.start ?? problem), [
    0x1010n,
    "no row of /bus's ranges holds 0x200",
  ]);
  assertEquals(addresses[0].steps[0].rowCells, [0, 0x1000, 0x100]);
  assertEquals(interrupts.map(({ line }) => line), [
    { name: "SPI 5", hwirq: 37, trigger: "level" },
  ]);
});

Deno.test("explainOverlay() lists changes, or says what to mend", () => {
  const base = treeOf(`uart { }; __symbols__ { uart0 = "/uart"; };`);
  const explain = (source: string, tree = base) =>
    explainOverlay(tree, flattenDeviceTree(parseDts(`/dts-v1/; / { ${source} };`)));
  const fine = explain(`f { target-path = "/uart"; __overlay__ { p; n { }; }; };`);
  assertEquals(fine.fragments, [{ path: "/f/__overlay__", target: "/uart" }]);
  assertEquals(fine.changes.map(({ action, path, property }) => `${action} ${path} ${property}`), [
    "ADD_PROPERTY /uart p",
    "ATTACH_NODE /uart/n undefined",
    "ADD_PROPERTY /uart/n name",
  ]);
  assertEquals(nodeAt(base, "/uart").children, [], "the tree stays as it was");
  const fixup =
    `f { target = <0xffffffff>; __overlay__ { }; }; __fixups__ { uart1 = "/f:target:0"; };`;
  assertEquals(explain(fixup).failure?.help, "did you mean 'uart0'?");
  assertEquals(
    explain(fixup, treeOf("uart { };")).failure?.help,
    "compile the base tree with dtc -@, or name targets by target-path",
  );
  assertEquals(
    explain(`f { target = <0xffffffff>; __overlay__ { }; };`).failure?.help,
    "compile the overlay with /plugin/, so that it has __fixups__",
  );
});

// Any tree at all: phandles that nobody has, circles of every kind, cells that do not fit.

const NAMES = ["a", "isa", "pcie", "bus@1", "bus@2", "interrupt-controller@3"];
const CELLS = [
  "#address-cells",
  "#size-cells",
  "#interrupt-cells",
  "#x-cells",
  "#interconnect-cells",
];
const LISTS = [
  ...["reg", "ranges", "dma-ranges", "interrupts", "interrupts-extended", "interrupt-map", "xs"],
  ...["interrupt-map-mask", "x-map", "x-map-mask", "interconnects", "assigned-addresses", "status"],
];

/** A tree of 2 to 12 nodes from a list of small numbers; node n has phandle n. */
function anyTree(numbers: readonly number[]): DeviceTree {
  let at = 0;
  const next = (bound: number) => (numbers[at++ % numbers.length] + at) % bound;
  const tree = new DeviceTree();
  const nodes: DeviceNode[] = [tree.root];
  for (let n = 1; n <= 1 + next(11); n++) {
    nodes.push(nodes[next(nodes.length)].addChild(`${NAMES[next(NAMES.length)]}${n}`));
  }
  nodes.forEach((node, n) => {
    const cells = (...values: number[]) => {
      const bytes = new Uint8Array(4 * values.length);
      values.forEach((value, i) => writeBe32(bytes, 4 * i, value));
      return bytes;
    };
    node.set("phandle", cells(n + 1));
    for (const name of CELLS) if (next(2) === 0) node.set(name, cells([0, 1, 2, 3, 17][next(5)]));
    if (next(2) === 0) node.set("interrupt-parent", cells(1 + next(nodes.length + 1)));
    if (next(4) === 0) node.set("interrupt-controller", cells());
    if (next(2) === 0) {
      node.set("compatible", cString(next(2) === 0 ? "simple-bus" : "arm,gic-400"));
    }
    if (next(3) === 0) node.set("interconnect-names", cString("dma-mem"));
    for (const name of LISTS) {
      if (next(2) === 0) continue;
      node.set(name, cells(...Array.from({ length: next(14) }, () => next(nodes.length + 2))));
    }
  });
  tree.changed();
  return tree;
}

Deno.test("every function comes to an end on any tree", () => {
  const numbers = fc.array(fc.nat(96), { minLength: 8, maxLength: 120 });
  fc.assert(
    fc.property(numbers, (list) => {
      const tree = anyTree(list);
      for (const np of tree.nodes()) {
        renderDevice(explainDevice(tree, np, DRIVERS));
        ofRanges(tree, np, "dma-ranges");
        ofDmaIsCoherent(tree, np);
        for (let i = 0; i < 3; i++) {
          resultOf(() => ofParsePhandleWithArgsMap(tree, np, "xs", "x", i));
        }
      }
      ofPlatformPopulateOrder(tree);
    }),
    { numRuns: 200, seed: 20260214 },
  );
});
