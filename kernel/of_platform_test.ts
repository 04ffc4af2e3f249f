import { assertEquals } from "@std/assert";
import { embedded } from "../hypervisor/embedded/machine.ts";
import { type Device, DEVICES } from "./base/device.ts";
import { Kernel } from "./kernel.ts";
import { startKernel } from "./main.ts";
import { parseDts } from "./of/dts/parse.ts";
import { flattenDeviceTree } from "./of/fdt_write.ts";
import { cString } from "./of/bytes.ts";
import { ofAttachNode, ofDetachNode, ofUpdateProperty } from "./of/dynamic.ts";
import { DeviceNode, OF_DETACHED, OF_POPULATED_BUS, Property } from "./of/node.ts";
import { nodeAt } from "./of/testing.ts";
import {
  LIVE_TREE,
  ofFindDeviceByNode,
  ofPlatformDepopulate,
  ofPlatformPopulate,
} from "./of_platform.ts";

const SOURCE = `/dts-v1/;
/ { #address-cells = <1>; #size-cells = <1>;
  bus@1000 { compatible = "simple-bus"; #address-cells = <1>; #size-cells = <1>;
    reg = <0x1000 4>; ranges;
    one@10 { compatible = "acme,one"; reg = <0x10 1>; };
    inner { compatible = "simple-bus"; two { compatible = "acme,two"; }; };
    off { compatible = "acme,off"; status = "disabled"; };
  };
  mfd { compatible = "acme,mfd"; cell { compatible = "acme,cell"; }; };
};`;

/** A kernel booted with the tree, and what tests ask of it. */
async function bootTree() {
  const dtb = flattenDeviceTree(parseDts(SOURCE));
  const kernel = new Kernel(embedded([], { dtb }), { append: "quiet" });
  const run = (body: () => Promise<unknown>) => kernel.sched.run("test", body);
  await kernel.sched.run("swapper/0", () => startKernel(kernel, { initcalls: [], images: [] }), 1);
  const tree = kernel.tree!;
  const names = () =>
    [...kernel.get(DEVICES)].filter(({ ofNode }) => ofNode !== undefined)
      .map(({ path }) => path.replace("/devices/platform/", ""));
  return { kernel, tree, run, names, live: kernel.get(LIVE_TREE) };
}

const BOOTED = [
  "1000.bus",
  "1000.bus/10.one",
  "1000.bus/1000.bus:inner",
  "1000.bus/1000.bus:inner/1000.bus:inner:two",
  "mfd",
];

Deno.test("ofPlatformDepopulate() takes what was made of the tree, ofPlatformPopulate() makes it anew", async () => {
  const { kernel, tree, run, names } = await bootTree();
  assertEquals(names(), BOOTED);
  const bus = ofFindDeviceByNode(kernel, nodeAt(tree, "/bus@1000")) as Device;
  await run(() => ofPlatformDepopulate(bus));
  assertEquals(names(), ["1000.bus", "mfd"]);
  assertEquals(nodeAt(tree, "/bus@1000").checkFlag(OF_POPULATED_BUS), false);
  await run(() => ofPlatformDepopulate(bus));
  await run(() => ofPlatformPopulate(kernel, nodeAt(tree, "/bus@1000"), bus));
  assertEquals(names(), ["1000.bus", "mfd", ...BOOTED.slice(1, 4)]);
  const mfd = ofFindDeviceByNode(kernel, nodeAt(tree, "/mfd")) as Device;
  await run(() => ofPlatformPopulate(kernel, nodeAt(tree, "/mfd"), mfd));
  assertEquals(names().at(-1), "mfd/mfd:cell", "the driver of the parent may ask for it");
});

Deno.test("a node that comes below a bus becomes a device, whatever it is", async () => {
  const { tree, run, names, live } = await bootTree();
  const fresh = new DeviceNode("fresh@20", nodeAt(tree, "/bus@1000"));
  fresh.testAndSetFlag(OF_DETACHED);
  fresh.set("reg", new Uint8Array([0, 0, 0, 0x20, 0, 0, 0, 1]));
  await run(() => ofAttachNode(live, fresh));
  assertEquals(names().at(-1), "1000.bus/20.fresh", "it has no compatible, and Linux does not ask");
  await run(() => ofDetachNode(live, fresh));
  assertEquals(names(), BOOTED);
  const nowhere = new DeviceNode("x", nodeAt(tree, "/mfd"));
  await run(() => ofAttachNode(live, nowhere));
  assertEquals(names(), BOOTED, "its parent is no bus");
});

Deno.test("status makes and breaks a device", async () => {
  const { tree, run, names, live } = await bootTree();
  const status = (value: string) => new Property("status", cString(value));
  const off = nodeAt(tree, "/bus@1000/off");
  await run(() => ofUpdateProperty(live, off, status("okay")));
  assertEquals(names().at(-1), "1000.bus/1000.bus:off");
  await run(() => ofUpdateProperty(live, off, status("disabled")));
  assertEquals(names(), BOOTED);
  await run(() => ofUpdateProperty(live, nodeAt(tree, "/bus@1000/inner"), status("fail")));
  assertEquals(names(), ["1000.bus", "1000.bus/10.one", "mfd"], "a bus goes with all below");
});

Deno.test("a device that cannot be made is said, and its node may try again", async () => {
  const { kernel, tree, run, names, live } = await bootTree();
  const twin = new DeviceNode("one@10", nodeAt(tree, "/bus@1000"));
  twin.set("reg", nodeAt(tree, "/bus@1000/one@10").get("reg")!);
  await run(() => ofAttachNode(live, twin));
  assertEquals(names(), BOOTED);
  const log = kernel.log.dmesg().trimEnd().split("\n").slice(-2).map((line) => line.slice(15));
  assertEquals(log, [
    "sysfs: cannot create duplicate filename '/devices/platform/1000.bus/10.one'",
    "OF: of_platform_notify: failed to create for '/bus@1000/one@10'",
  ]);
  await run(() => ofDetachNode(live, twin));
  assertEquals(names(), BOOTED, "the first one stays");
});
