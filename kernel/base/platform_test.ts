import { assertEquals } from "@std/assert";
import { DeviceNode } from "../of/node.ts";
import { platformMatch } from "./platform.ts";

Deno.test("a driver knows a device without a node by its name without the number", () => {
  const by = (name: string, driver: { name: string; idTable?: string[] }, ofNode?: DeviceNode) =>
    platformMatch({ name, driverOverride: undefined, ofNode }, driver)?.by;
  const driver = { name: "virtio-mmio" };
  assertEquals(by("virtio-mmio", driver), "name");
  assertEquals(by("virtio-mmio.0", driver), "name");
  assertEquals(by("virtio-mmio.12.auto", driver), "name");
  assertEquals(by("virtio-mmio.0.0", driver), undefined);
  assertEquals(by("virtio-mmio.0", { name: "other", idTable: ["virtio-mmio"] }), "id");
  assertEquals(by("virtio-mmio.0", { name: "virtio-mmio.0" }), undefined);
  assertEquals(by("virtio-mmio.0", driver, new DeviceNode("virtio-mmio", undefined)), undefined);
});
