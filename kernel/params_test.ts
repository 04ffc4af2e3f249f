import { assertEquals } from "@std/assert";
import { BareMachine } from "../tests/bare_machine.ts";
import { Kernel } from "./kernel.ts";
import { Params, parseCmdline } from "./params.ts";
import { formatStamp } from "./printk.ts";

Deno.test("parseCmdline() splits as next_arg() does: quotes around values and words, - as _", () => {
  const cases: Record<string, (string | undefined)[][]> = {
    "": [],
    "  quiet   debug ": [["quiet", undefined], ["debug", undefined]],
    "a=1 b= c==2": [["a", "1"], ["b", ""], ["c", "=2"]],
    'path="two words" x': [["path", "two words"], ["x", undefined]],
    '"path=two words" x': [["path", "two words"], ["x", undefined]],
    "virtio-mmio.de-vice=0x-1": [["virtio_mmio.de_vice", "0x-1"]],
  };
  for (const [text, words] of Object.entries(cases)) {
    assertEquals(parseCmdline(text).map(({ name, value }) => [name, value]), words, text);
  }
});

Deno.test("Params keeps repeated words in order and stops at --", () => {
  const params = new Params("console=ttyS0 console=hvc0 -- init args console=no");
  assertEquals(params.getAll("console"), ["ttyS0", "hvc0"]);
  assertEquals([params.get("console"), params.get("nosuch"), params.has("init")], [
    "hvc0",
    undefined,
    false,
  ]);
  assertEquals(params.initArgs.length, 3);
});

Deno.test("formatStamp() prints seconds in five places and microseconds", () => {
  const table: readonly (readonly [number, string])[] = [
    [0, "[    0.000000] "],
    [12_999, "[    0.000012] "],
    [1_234_567_890, "[    1.234567] "],
    [123_456e9, "[123456.000000] "],
  ];
  for (const [ns, text] of table) assertEquals(formatStamp(ns), text);
});

Deno.test("consoles get what their level lets through, a new one also what came before", () => {
  const kernel = new Kernel(new BareMachine(1 << 16));
  const written: string[] = [];
  const console = { name: "tty0", write: (text: string) => void written.push(text) as undefined };
  kernel.info("before");
  kernel.debug("hidden");
  kernel.log.registerConsole(console);
  kernel.log.consoleLoglevel = 4;
  kernel.err("error");
  kernel.warn("warning");
  kernel.log.ignoreLoglevel = true;
  kernel.debug("two\nlines");
  kernel.log.unregisterConsole(console);
  kernel.err("after");
  const stamp = "[    0.000000] ";
  assertEquals(written, [
    `${stamp}before\n`,
    `${stamp}printk: console [tty0] enabled\n`,
    `${stamp}error\n`,
    `${stamp}two\n${stamp}lines\n`,
  ]);
  assertEquals(kernel.log.records.map(({ seq }) => seq), [0, 1, 2, 3, 4, 5, 6]);
});
