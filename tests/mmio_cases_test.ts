import { assertEquals } from "@std/assert";
import { askEmbedded, askQemuAll, CASES } from "./mmio_cases.ts";
import { lacks } from "./peers.ts";

const recorded: Record<string, string[]> = JSON.parse(
  Deno.readTextFileSync(new URL("mmio_cases.json", import.meta.url)),
);

for (const row of CASES) {
  Deno.test(`virtio-mmio answers as QEMU 7.2 does: ${row.name}`, () => {
    assertEquals(askEmbedded(row), recorded[row.name]);
  });
}

Deno.test({
  name: "mmio_cases.json holds what the installed QEMU answers",
  ignore: lacks("qemu-system-aarch64"),
  fn: () => assertEquals(askQemuAll(), recorded),
});
