import { assertEquals, assertStringIncludes } from "@std/assert";
import { boot } from "../vm/boot.ts";
import { embedded } from "../vm/machines.ts";
import { deviceGraph } from "./device_graph.ts";
import { addDts } from "../kernel/of/dts/add.ts";

const ROW = `
  &{/virtio_mmio@a003c00} { first-supply = <&{/virtio_mmio@a003e00}>; };
  &{/pl031@9010000} { first-supply = <&{/virtio_mmio@a003c00}>; };`;

Deno.test("deviceGraph() has an arrow for each link that user space sees", async () => {
  const machine = embedded("-device virtio-rng-device", { dtb: (own) => addDts(own, ROW) });
  await using vm = await boot(machine);
  const graph = deviceGraph(vm.kernel);
  const arrows = [...graph.matchAll(/"(.*)" -> "(.*)"(?: \[style=dotted\])?;/g)]
    .map(([, from, to]) => `${from}--${to}`).sort();
  const seen = (await vm.sh("ls /sys/class/devlink")).trim().split("\n").sort();
  assertEquals(arrows, seen);
  assertStringIncludes(graph, '"platform:a003e00.virtio_mmio" -> "virtio:virtio0" [style=dashed];');
});
