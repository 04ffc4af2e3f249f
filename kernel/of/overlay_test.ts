import { assertEquals } from "@std/assert";
import { lacks } from "../../tests/peers.ts";
import { LiveTree } from "./dynamic.ts";
import { unflattenDeviceTree } from "./fdt.ts";
import { flattenDeviceTree } from "./fdt_write.ts";
import type { DeviceNode } from "./node.ts";
import { ofOverlayFdtApply, ofOverlayRemove, ofOverlayRemoveAll, OverlayState } from "./overlay.ts";
import { parseDts } from "./dts/parse.ts";
import { nodeAt, treeOf } from "./testing.ts";
import type { DeviceTree } from "./tree.ts";

const BASE = `
  #address-cells = <1>; #size-cells = <1>;
  bus: bus { phandle = <4>; #address-cells = <1>; #size-cells = <0>;
    uart: uart@1 { reg = <1>; status = "disabled"; }; };
  intc: intc { phandle = <9>; };
  __symbols__ { bus = "/bus"; uart = "/bus/uart@1"; intc = "/intc"; gone = "/gone"; };
`;

function setUp(body = BASE) {
  const tree = treeOf(body);
  const said: string[] = [];
  tree.printk = (_level, text) => void said.push(text) as undefined;
  const lock = { with: <T>(run: () => Promise<T>) => run() };
  const state = new OverlayState(new LiveTree(tree), lock);
  const apply = (source: string) => {
    const blob = flattenDeviceTree(parseDts(`/dts-v1/;\n/ { ${source} };`));
    return ofOverlayFdtApply(state, blob);
  };
  return { tree, state, said, apply };
}

/** A tree as text, names sorted, so that order does not count. Every node of Linux's has its name. */
function shape(node: DeviceNode): string {
  const values = [...node.properties.values()].filter(({ name }) => name !== "name")
    .map(({ name, value }) => `${name}=${[...value]}`).sort();
  const below = node.children.map(shape).sort();
  return `${node.fullName}{${[...values, ...below].join(" ")}}`;
}

const ENABLE = `fragment@0 { target-path = "/bus/uart@1"; __overlay__ {
  status = "okay"; extra; bluetooth { compatible = "acme,bt"; }; }; };`;

Deno.test("ofOverlayFdtApply() changes and adds, ofOverlayRemove() brings everything back", async () => {
  const { tree, state, apply, said } = setUp();
  const before = shape(tree.root);
  assertEquals(await apply(ENABLE), { ret: 0, id: 1 });
  const uart = nodeAt(tree, "/bus/uart@1");
  assertEquals([...uart.properties.keys()], ["reg", "status", "extra"]);
  assertEquals(String(uart.get("status")), String([..."okay\0"].map((c) => c.charCodeAt(0))));
  assertEquals(nodeAt(tree, "/bus/uart@1/bluetooth").compatible, ["acme,bt"]);
  const leak = "OF: overlay: WARNING: memory leak will occur if overlay removed, property: ";
  assertEquals(said, [`${leak}/bus/uart@1/status`, `${leak}/bus/uart@1/extra`]);
  assertEquals(await ofOverlayRemove(state, 1), 0);
  assertEquals([shape(tree.root), state.list], [before, []]);
});

Deno.test("ofOverlayFdtApply() moves phandles and follows labels of the live tree", async () => {
  const { tree, apply } = setUp();
  const { ret } = await apply(`
    fragment@0 { target = <0xffffffff>; __overlay__ {
      dev { phandle = <1>; other = <1 7>; irq = <5 0xffffffff>; }; }; };
    __fixups__ { bus = "/fragment@0:target:0"; intc = "/fragment@0/__overlay__/dev:irq:4"; };
    __local_fixups__ { fragment@0 { __overlay__ { dev { other = <0>; }; }; }; };
    __symbols__ { dev = "/fragment@0/__overlay__/dev"; };`);
  const dev = nodeAt(tree, "/bus/dev");
  const cells = (name: string) => [...dev.get(name)!].filter((_, at) => at % 4 === 3);
  assertEquals([ret, dev.phandle, cells("phandle")], [0, 11, [11]], "above the live tree's");
  assertEquals([cells("other"), cells("irq")], [[11, 7], [5, 9]]);
  assertEquals(tree.nodeByPhandle(11), dev);
  const symbol = nodeAt(tree, "/__symbols__").get("dev");
  assertEquals(new TextDecoder().decode(symbol), "/bus/dev\0");
});

/** An overlay with the error that a Linux 6.1 gave and what it said: each was applied there too. */
type Refusal = readonly [string, number, ...string[]];

function badPlace(place: string): Refusal {
  const words = "OF: resolver: overlay phandle fixup failed: -22";
  return [`f { target = <0>; }; __fixups__ { bus = "${place}"; };`, -22, words];
}

const REFUSED: readonly Refusal[] = [
  [
    `fragment@0 { target = <99>; __overlay__ { }; };`,
    -22,
    "OF: overlay: find target, node: /fragment@0, phandle 0x63 not found",
    "OF: overlay: init_overlay_changeset() failed, ret = -22",
  ],
  [
    `fragment@0 { target-path = "/nope"; __overlay__ { }; };`,
    -22,
    "OF: overlay: find target, node: /fragment@0, path '/nope' not found",
    "OF: overlay: init_overlay_changeset() failed, ret = -22",
  ],
  [
    `fragment@0 { __overlay__ { }; };`,
    -22,
    "OF: overlay: find target, node: /fragment@0, no target property",
    "OF: overlay: init_overlay_changeset() failed, ret = -22",
  ],
  [
    `nothing { };`,
    -22,
    "OF: overlay: no fragments or symbols in overlay",
    "OF: overlay: init_overlay_changeset() failed, ret = -22",
  ],
  [
    `f { target = <0>; }; __fixups__ { nope = "/f:target:0"; };`,
    -22,
    "OF: resolver: node label 'nope' not found in live devicetree symbols table",
  ],
  [`f { target = <0>; }; __fixups__ { gone = "/f:target:0"; };`, -2],
  badPlace("/f:target"),
  badPlace("/f:target:x"),
  badPlace("/f:target:1"),
  badPlace("/f:target:-1"),
  [
    `f { target = <0>; }; __fixups__ { bus = "/f:other:0"; };`,
    -2,
    "OF: resolver: overlay phandle fixup failed: -2",
  ],
  [`f { p = <0>; }; __local_fixups__ { f { q = <0>; }; };`, -22],
  [`f { p = <0>; }; __local_fixups__ { g { }; };`, -22],
  [`f { p = <0>; }; __local_fixups__ { f { p = <4>; }; };`, -22],
  [
    `fragment@0 { target-path = "/bus"; __overlay__ { #size-cells = <1>; }; };`,
    -22,
    "OF: overlay: ERROR: changing value of #size-cells is not allowed in /bus",
  ],
  [
    `fragment@0 { target-path = "/"; __overlay__ { bus { phandle = <1>; }; }; };`,
    -22,
  ],
  [
    `a { target-path = "/"; __overlay__ { new { }; }; };
     b { target-path = "/"; __overlay__ { new { }; }; };`,
    -22,
    "OF: overlay: ERROR: multiple fragments add and/or delete node /new",
    "OF: overlay: ERROR: multiple fragments add, update, and/or delete property /new/name",
  ],
  [
    `a { target-path = "/intc"; __overlay__ { p; }; }; b { target-path = "/intc"; __overlay__ { p; }; };`,
    -22,
    "OF: overlay: WARNING: memory leak will occur if overlay removed, property: /intc/p",
    "OF: overlay: WARNING: memory leak will occur if overlay removed, property: /intc/p",
    "OF: overlay: ERROR: multiple fragments add, update, and/or delete property /intc/p",
  ],
  [
    `a { target-path = "/"; __overlay__ { n { }; }; }; __symbols__ { uart = "/a/__overlay__/n"; };`,
    -22,
  ],
  [`a { target-path = "/"; __overlay__ { n { }; }; }; __symbols__ { n = "/b/n"; };`, -12],
];

Deno.test("ofOverlayFdtApply() refuses with Linux's errors, and leaves the tree alone", async () => {
  for (const [source, ret, ...words] of REFUSED) {
    const { tree, state, apply, said } = setUp();
    const before = shape(tree.root);
    const result = await apply(source);
    assertEquals([result.ret, said], [ret, words], source);
    assertEquals(await ofOverlayRemove(state, result.id), 0, "an overlay that failed goes");
    assertEquals(shape(tree.root), before);
  }
});

Deno.test("ofOverlayFdtApply() wants symbols in the live tree, and a whole blob", async () => {
  const { state, apply, said } = setUp("bus { };");
  assertEquals((await apply(`f { t = <0>; }; __fixups__ { a = "/f:t:0"; };`)).ret, -22);
  assertEquals((await apply(`__symbols__ { };`)).ret, -22);
  assertEquals((await ofOverlayFdtApply(state, new Uint8Array(39))).ret, -22);
  const blob = flattenDeviceTree(parseDts("/dts-v1/; / { a { }; };"));
  assertEquals((await ofOverlayFdtApply(state, blob.subarray(0, 60))).ret, -22);
  const broken = blob.slice();
  broken.fill(0xff, 56, 64);
  assertEquals((await ofOverlayFdtApply(state, broken)).ret, -22);
  assertEquals(said, [
    "OF: resolver: no symbols in root of device tree.",
    "OF: overlay: symbols in overlay, but not in live tree",
    "OF: overlay: init_overlay_changeset() failed, ret = -22",
    "OF: overlay: Invalid overlay_fdt header",
    "OF: overlay: unable to unflatten overlay_fdt",
  ]);
});

Deno.test("ofOverlayRemove() takes only the topmost of those that touch", async () => {
  const { state, apply, said, tree } = setUp();
  const add = (path: string, name: string) =>
    apply(`fragment@0 { target-path = "${path}"; __overlay__ { ${name} { }; }; };`);
  const before = shape(tree.root);
  assertEquals([(await add("/", "x")).id, (await add("/", "y")).id, (await add("/x", "z")).id], [
    ...[1, 2, 3],
  ]);
  assertEquals(await ofOverlayRemove(state, 1), -16);
  assertEquals(said, [
    "OF: overlay: node_overlaps_later_cs: #1 overlaps with #3 @/x",
    "OF: overlay: overlay #1 is not topmost",
  ]);
  assertEquals(await ofOverlayRemove(state, 2), 0, "nobody else touches /y");
  assertEquals(await ofOverlayRemove(state, 2), -19);
  assertEquals(said.at(-1), "OF: overlay: remove: Could not find overlay #2");
  assertEquals((await add("/", "w")).id, 2, "the lowest free number");
  assertEquals(await ofOverlayRemoveAll(state), 0);
  assertEquals([shape(tree.root), state.list], [before, []]);
});

Deno.test("listeners hear of each fragment, and may refuse", async () => {
  const { state, apply, said, tree } = setUp();
  const heard: string[] = [];
  let refused = "";
  state.notifiers.add((action, { overlay, target }) => {
    heard.push(`${action} ${overlay.pOF} ${target.pOF}`);
    return Promise.resolve(action === refused ? "EIO" : undefined);
  });
  const before = shape(tree.root);
  assertEquals((await apply(ENABLE)).ret, 0);
  refused = "pre-remove";
  assertEquals(await ofOverlayRemove(state, 1), -5);
  refused = "post-remove";
  assertEquals(await ofOverlayRemove(state, 1), -5, "it is removed all the same");
  refused = "pre-apply";
  assertEquals((await apply(ENABLE)).ret, -5);
  assertEquals([shape(tree.root), await ofOverlayRemove(state, 1)], [before, 0]);
  const where = "/fragment@0/__overlay__ /bus/uart@1";
  const actions = ["pre-apply", "post-apply", "pre-remove", "pre-remove", "post-remove"];
  const more = ["pre-apply", "pre-remove", "post-remove"];
  assertEquals(heard, [...actions, ...more].map((action) => `${action} ${where}`));
  assertEquals(said.filter((line) => line.includes("notifier")), [
    "OF: overlay: overlay changeset pre-remove notifier error -5, target: /bus/uart@1",
    "OF: overlay: overlay changeset post-remove notifier error -5, target: /bus/uart@1",
    "OF: overlay: overlay changeset pre-apply notifier error -5, target: /bus/uart@1",
  ]);
});

// The same as libfdt's fdtoverlay, which knows nothing of Linux.

const PEER_BASE = `/dts-v1/;
/ { #address-cells = <1>; #size-cells = <1>; model = "base";
  intc: intc { #interrupt-cells = <1>; phandle = <5>; };
  soc: soc { #address-cells = <1>; #size-cells = <1>; ranges;
    uart0: serial@1000 { reg = <0x1000 0x10>; status = "disabled"; };
    clk: clock { #clock-cells = <0>; }; };
};`;

const PEER_OVERLAYS = [
  `&uart0 { status = "okay"; clocks = <&clk>; bt: bluetooth { max-speed = <3>; }; };`,
  `&soc { dma: dma@2000 { reg = <0x2000 4>; interrupt-parent = <&intc>; interrupts = <3>; };
     user@3000 { reg = <0x3000 4>; dmas = <&dma &clk &dma>; }; };`,
  `&{/soc} { a: a { b: b { c { list = <&a 1 &b 2>; path = "x", "y"; }; }; }; };
   &{/} { model = "overlay"; new { link = <&uart0 &a>; }; };`,
  `&soc { one: one { }; }; &intc { two: two { peer = <&one>; }; };`,
];

async function tool(name: string, args: string[]): Promise<undefined> {
  const { code, stderr } = await new Deno.Command(name, { args, stdout: "null" }).output();
  if (code !== 0) throw new Error(`${name}: ${new TextDecoder().decode(stderr)}`);
}

/** libfdt moves phandles by the highest one, Linux by one more: a node takes that one here. */
function withFiller(tree: DeviceTree): Uint8Array {
  const max = Math.max(...[...tree.nodes()].map(({ phandle }) => phandle));
  tree.root.addChild("filler").set("phandle", new Uint8Array([0, 0, 0, max + 1]));
  return flattenDeviceTree(tree);
}

Deno.test({
  name: "ofOverlayFdtApply() makes the tree that fdtoverlay makes",
  ignore: lacks("dtc") || lacks("fdtoverlay"),
  async fn() {
    const folder = await Deno.makeTempDir();
    const at = (name: string) => `${folder}/${name}`;
    const compile = async (name: string, source: string) => {
      await Deno.writeTextFile(at("in.dts"), source);
      await tool("dtc", ["-q", "-@", "-O", "dtb", "-o", at(name), at("in.dts")]);
      return await Deno.readFile(at(name));
    };
    try {
      const base = await compile("base.dtb", PEER_BASE);
      await Deno.writeFile(at("filled.dtb"), withFiller(unflattenDeviceTree(base)));
      for (const [index, source] of PEER_OVERLAYS.entries()) {
        const overlay = await compile("o.dtbo", `/dts-v1/; /plugin/;\n${source}`);
        await tool("fdtoverlay", ["-i", at("filled.dtb"), "-o", at("out.dtb"), at("o.dtbo")]);
        const theirs = unflattenDeviceTree(await Deno.readFile(at("out.dtb"))).root;
        theirs.children.splice(theirs.children.findIndex((n) => n.fullName === "filler"), 1);
        const tree = unflattenDeviceTree(base);
        const lock = { with: <T>(run: () => Promise<T>) => run() };
        const state = new OverlayState(new LiveTree(tree), lock);
        assertEquals((await ofOverlayFdtApply(state, overlay)).ret, 0);
        assertEquals(shape(tree.root), shape(theirs), `overlay ${index}`);
        assertEquals(await ofOverlayRemove(state, 1), 0);
        assertEquals(shape(tree.root), shape(unflattenDeviceTree(base).root));
      }
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  },
});
