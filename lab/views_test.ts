import { assertEquals } from "@std/assert";
import { embeddedModel } from "../vm/machines.ts";
import { bootScenario } from "./boot_scenario.ts";
import { explore } from "./order.ts";

Deno.test("a kernel that died is told by its end, not by how far it had come", async () => {
  const keyboard = bootScenario(embeddedModel("-device virtio-keyboard-device"));
  const vary = ["levels=virtio_init,virtio_mmio_init"];
  const { outcomes } = await explore(keyboard, { vary, views: ["bindings"] });
  const ends = outcomes.filter(({ views }) => views.bindings.startsWith("the kernel ends: "));
  assertEquals(ends.map(({ views }) => views.bindings.trimEnd().split("\n").length), [1]);
  assertEquals(outcomes.length, 3);
});
