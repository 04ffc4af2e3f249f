import { assertEquals } from "@std/assert";
import { askQemu, SCRIPTS } from "./device_scripts.ts";
import { MiniDriver, SlotBench } from "./mini_driver.ts";
import { qemuInstalled } from "./qtest_client.ts";

const recorded: Record<string, string[]> = JSON.parse(
  Deno.readTextFileSync(new URL("device_scripts.json", import.meta.url)),
);

for (const { name, model, run } of SCRIPTS) {
  Deno.test(`embedded device answers as QEMU 7.2 does: ${name}`, () => {
    assertEquals(run(new MiniDriver(new SlotBench(model()))), recorded[name]);
  });
}

Deno.test({
  name: "device_scripts.json holds what the installed QEMU answers",
  ignore: !qemuInstalled(),
  sanitizeResources: false,
  fn: () => assertEquals(askQemu(), recorded),
});
