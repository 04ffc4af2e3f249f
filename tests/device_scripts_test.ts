import { assertEquals } from "@std/assert";
import { askEmbedded, askQemu, SCRIPTS } from "./device_scripts.ts";
import { lacks } from "./peers.ts";

const recorded: Record<string, string[]> = JSON.parse(
  Deno.readTextFileSync(new URL("device_scripts.json", import.meta.url)),
);

for (const script of SCRIPTS) {
  Deno.test(`embedded device answers as QEMU 7.2 does: ${script.name}`, () => {
    assertEquals(askEmbedded(script), recorded[script.name]);
  });
}

Deno.test({
  name: "device_scripts.json holds what the installed QEMU answers",
  ignore: lacks("qemu-system-aarch64"),
  fn: () => assertEquals(askQemu(), recorded),
});
