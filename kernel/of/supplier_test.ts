import { assertEquals } from "@std/assert";
import { ofSupplierLinks } from "./supplier.ts";
import { nodeAt, treeOf } from "./testing.ts";

const SUPPLIERS = `
  two: two { #clock-cells = <2>; #gpio-cells = <2>; #iommu-cells = <2>; #dma-cells = <2>; };
  one: one {
    #clock-cells = <1>; #interconnect-cells = <1>; #iommu-cells = <1>; #mbox-cells = <1>;
    #io-channel-cells = <1>; #dma-cells = <1>; #power-domain-cells = <1>; #hwlock-cells = <1>;
    #phy-cells = <1>; #pwm-cells = <1>; #reset-cells = <1>; #gpio-cells = <1>;
    interrupt-controller; #interrupt-cells = <1>;
  };
`;

/** Who needs whom by the properties of \`/c\`: the paths of the suppliers, with the consumer where it is another node. */
function suppliers(body: string, strict = false): string[] {
  const tree = treeOf(`${SUPPLIERS} c: c { ${body} };`);
  return ofSupplierLinks(tree, nodeAt(tree, "/c"), strict).map(({ consumer, supplier }) =>
    consumer.path === "/c" ? supplier.path : `${consumer.path} needs ${supplier.path}`
  );
}

/** Each row of of_supplier_bindings: properties with one argument or none, and what is followed only when strict. */
const WITH_ONE_CELL = [
  "clocks",
  "interconnects",
  "mboxes",
  "io-channels",
  "power-domains",
  "hwlocks",
]
  .concat(["phys", "pwms", "resets", "gpio", "gpios", "reset-gpio", "reset-gpios", "x-y-gpios"]);
const WITHOUT_CELLS = ["interrupt-parent", "extcon", "nvmem-cells", "wakeup-parent", "leds"]
  .concat(["backlight", "panel", "vdd-supply", "a-b-supply"])
  .concat(Array.from({ length: 9 }, (_, state) => `pinctrl-${state}`));
const NO_SUPPLIER = [
  "-supply",
  "-gpio",
  "-gpios",
  "supply",
  "pinctrl-9",
  "vendor,nr-gpios",
  "msi-parent",
]
  .concat(["clock-names", "interrupt-names", "memory-region", "phy-handle"]);

Deno.test("drivers/of/property.c: each property of of_supplier_bindings is followed", () => {
  for (const name of WITH_ONE_CELL) assertEquals(suppliers(`${name} = <&one 7>;`), ["/one"], name);
  for (const name of WITHOUT_CELLS) assertEquals(suppliers(`${name} = <&one>;`), ["/one"], name);
  for (const name of NO_SUPPLIER) assertEquals(suppliers(`${name} = <&one 7>;`), [], name);
});

Deno.test("drivers/of/property.c: what devices can do without is followed only when strict", () => {
  for (const name of ["iommus", "dmas"]) {
    assertEquals(suppliers(`${name} = <&one 7>;`), [], name);
    assertEquals(suppliers(`${name} = <&one 7>;`, true), ["/one"], name);
  }
  const map = "iommu-map = <0 &one 0 8>, <8 &two 0 8>;";
  assertEquals(suppliers(map), []);
  assertEquals(suppliers(map, true), ["/one", "/two"]);
});

Deno.test("drivers/of/property.c: all entries count, in the order of properties, up to a bad one", () => {
  assertEquals(suppliers("leds = <&one>; clocks = <&two 1 2>, <&one 3>;"), [
    "/one",
    "/two",
    "/one",
  ]);
  assertEquals(suppliers("clocks = <&two 1 2>, <0>, <&one 3>;"), ["/two"]);
  assertEquals(suppliers("clocks = <&c 1>;"), []);
});

Deno.test("drivers/of/property.c: interrupts, by parent or extended; pins of a hog are its parent's", () => {
  assertEquals(suppliers("interrupt-parent = <&one>; interrupts = <1>, <2>;"), [
    "/one",
    "/one",
    "/one",
  ]);
  assertEquals(suppliers("interrupts-extended = <&one 1>;"), ["/one"]);
  assertEquals(suppliers("gpio-hog; gpios = <&one 1>;"), []);
});

Deno.test("drivers/of/property.c: an endpoint makes the device above it need the device above the other", () => {
  const panel = (ports: string) => {
    const tree = treeOf(`
      c { compatible = "c"; port { end { remote-endpoint = <&far>; }; }; };
      d { compatible = "d"; ${ports} };
    `);
    return ofSupplierLinks(tree, nodeAt(tree, "/c/port/end"), false).map(
      ({ consumer, supplier }) => `${consumer.path} needs ${supplier.path}`,
    );
  };
  assertEquals(panel("port { far: end { }; };"), ["/c needs /d"]);
  assertEquals(panel("ports { port { far: end { }; }; };"), ["/c needs /d"]);
  assertEquals(panel("in-ports { port { far: end { }; }; };"), ["/c needs /d"]);
});
