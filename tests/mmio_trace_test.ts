import { assertEquals } from "@std/assert";
import { traceEmbedded, traceQemu } from "./mmio_trace.ts";
import { lacks } from "./peers.ts";

const recorded: { modern: string[]; legacy: string[] } = JSON.parse(
  Deno.readTextFileSync(new URL("mmio_trace.json", import.meta.url)),
);

Deno.test("the register trace is QEMU 7.2's, line by line", () => {
  assertEquals(traceEmbedded(false), recorded.modern);
});

Deno.test("the register trace of a legacy machine is QEMU 7.2's, line by line", () => {
  assertEquals(traceEmbedded(true), recorded.legacy);
});

Deno.test({
  name: "mmio_trace.json holds what the installed QEMU writes",
  ignore: lacks("qemu-system-aarch64"),
  fn: () => {
    assertEquals(traceQemu(false), recorded.modern);
    assertEquals(traceQemu(true), recorded.legacy);
  },
});
