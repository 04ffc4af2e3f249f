import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { askEmbedded, askQemuAll, LINES } from "./option_cases.ts";
import { lacks } from "./peers.ts";

const recorded: Record<string, string | null> = JSON.parse(
  Deno.readTextFileSync(new URL("option_cases.json", import.meta.url)),
);

/** What QEMU says without its name and the option, which it leaves out now and then. */
function essence(message: string): string {
  return message.replace(/^qemu-system-aarch64: ?/, "").replace(/^ ?-[a-z]+ \S*: /, "")
    .replace(/^can't apply global virtio-mmio\.\S+: /, "");
}

for (const line of LINES) {
  const shown = line.length > 90 ? `${line.slice(0, 90)}...` : line;
  Deno.test(`embedded() judges as QEMU 7.2 does: ${shown}`, () => {
    const expected = recorded[line];
    const message = askEmbedded(line);
    if (expected === null) return assertEquals(message, null);
    assert(message !== null, `QEMU refuses it: ${expected}`);
    assertStringIncludes(message, essence(expected));
    assertEquals(message.includes("\n"), false);
  });
}

Deno.test({
  name: "option_cases.json holds what the installed QEMU says",
  ignore: lacks("qemu-system-aarch64"),
  fn: () => {
    const sample = LINES.filter((_, i) => i % 6 === 0);
    assertEquals(
      askQemuAll(sample),
      Object.fromEntries(sample.map((line) => [line, recorded[line]])),
    );
  },
});
