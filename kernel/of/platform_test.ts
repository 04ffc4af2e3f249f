import { assertEquals } from "@std/assert";
import { ofDeviceModalias, ofDeviceUevent } from "./device.ts";
import { unflattenDeviceTree } from "./fdt.ts";
import { ofIrqInit } from "./irq.ts";
import type { DeviceNode } from "./node.ts";
import { OF_IRQCHIPS, ofClkInit, ofPlatformPopulateOrder, type PopulateStep } from "./platform.ts";
import type { DeviceTree } from "./tree.ts";

function read(path: string): Uint8Array {
  return Deno.readFileSync(new URL(path, import.meta.url));
}

/** What a Linux 6.1 booted with the tree showed: each device in order of creation, with its uevent. */
function recording(name: string): string[] {
  const text = new TextDecoder().decode(read(`testdata/${name}_devices.txt`));
  return text.split(/^(?=## )/m);
}

/** The same from the model. */
function model(tree: DeviceTree): string[] {
  ofIrqInit(tree, OF_IRQCHIPS, () => undefined);
  ofClkInit(tree);
  const folders = new Map<DeviceNode | undefined, string>([[undefined, "devices/platform"]]);
  return ofPlatformPopulateOrder(tree).map((step) => describe(tree, step, folders));
}

function describe(
  tree: DeviceTree,
  { np, bus, name, parent }: PopulateStep,
  folders: Map<DeviceNode | undefined, string>,
): string {
  const folder = `${folders.get(parent)}/${name}`;
  folders.set(np, folder);
  const lines = [`## ${bus} ${name} ${folder} ${np.path}`, ...ofDeviceUevent(tree, np)];
  if (bus === "platform") lines.push(`MODALIAS=${ofDeviceModalias(np)}`);
  return lines.join("\n") + "\n";
}

Deno.test("ofPlatformPopulateOrder() agrees with Linux on QEMU's tree", () => {
  const tree = unflattenDeviceTree(read("../../tests/data/virt.dtb"));
  assertEquals(model(tree), recording("virt"));
});

Deno.test("ofPlatformPopulateOrder() agrees with Linux on nested buses", () => {
  assertEquals(model(unflattenDeviceTree(read("testdata/buses.dtb"))), recording("buses"));
});

Deno.test("ofPlatformPopulateOrder() agrees with Linux on flag cells, masks and odd compatibles", () => {
  assertEquals(model(unflattenDeviceTree(read("testdata/maps.dtb"))), recording("maps"));
});

Deno.test("ofPlatformPopulateOrder() finds nothing a second time", () => {
  const tree = unflattenDeviceTree(read("testdata/buses.dtb"));
  const first = ofPlatformPopulateOrder(tree).length;
  assertEquals([first > 0, ofPlatformPopulateOrder(tree)], [true, []]);
});
