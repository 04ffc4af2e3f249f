import { assertEquals, assertThrows } from "@std/assert";
import type { AccessWidth } from "../platform.ts";
import { QtestError } from "./errors.ts";
import {
  parseQtestLine,
  QTEST_MEMORY_MAX,
  qtestBytes,
  qtestInterceptInputs,
  qtestNumber,
  qtestRead,
  qtestReadMemory,
  qtestWrite,
  qtestWriteMemory,
} from "./qtest_codec.ts";

// The expected lines are those of the protocol's description in QEMU's softmmu/qtest.c.

Deno.test("qtestRead() names the width in the verb", () => {
  assertEquals(qtestRead(0xa003e00, 4), "readl 0xa003e00");
  assertEquals(qtestRead(0xa003f06, 2), "readw 0xa003f06");
  assertEquals(qtestRead(0x9000018, 1), "readb 0x9000018");
});

Deno.test("qtestWrite() keeps as many bits as the width has", () => {
  assertEquals(qtestWrite(0xa003e70, 4, 0xffffffff), "writel 0xa003e70 0xffffffff");
  assertEquals(qtestWrite(0xa003e70, 4, -1), "writel 0xa003e70 0xffffffff");
  assertEquals(qtestWrite(0xa003e70, 2, 0x12345), "writew 0xa003e70 0x2345");
  assertEquals(qtestWrite(0xa003e70, 1, 0x1ff), "writeb 0xa003e70 0xff");
});

Deno.test("commands with arguments that would abort QEMU are refused", () => {
  const eight = 8 as AccessWidth;
  const broken: (() => unknown)[] = [
    () => qtestRead(-1, 4),
    () => qtestRead(1.5, 4),
    () => qtestRead(NaN, 4),
    () => qtestRead(2 ** 60, 4),
    () => qtestRead(0, eight),
    () => qtestWrite(0, eight, 0),
    () => qtestWrite(0, 4, NaN),
    () => qtestWrite(0, 4, 0.5),
    () => qtestReadMemory(0, 0),
    () => qtestReadMemory(0, QTEST_MEMORY_MAX + 1),
    () => qtestReadMemory(0, 1.5),
    () => qtestWriteMemory(0, new Uint8Array()),
    () => qtestInterceptInputs(""),
    () => qtestInterceptInputs("/machine/x\nclock_step"),
    () => qtestInterceptInputs("/machine/two words"),
  ];
  for (const build of broken) assertThrows(build, QtestError);
});

Deno.test("memory goes over the line in base 64", () => {
  // RFC 4648, 10
  const foobar = new TextEncoder().encode("foobar");
  assertEquals(qtestWriteMemory(0x40000000, foobar), "b64write 0x40000000 0x6 Zm9vYmFy");
  assertEquals(
    qtestWriteMemory(0x40000000, foobar.subarray(0, 4)),
    "b64write 0x40000000 0x4 Zm9vYg==",
  );
  assertEquals(qtestReadMemory(0x40000000, 16), "b64read 0x40000000 0x10");
});

Deno.test("parseQtestLine() tells answers from interrupt lines", () => {
  assertEquals(parseQtestLine("OK"), { kind: "ok", value: "" });
  assertEquals(parseQtestLine("OK 0x0000000074726976"), {
    kind: "ok",
    value: "0x0000000074726976",
  });
  assertEquals(parseQtestLine("IRQ raise 47"), { kind: "irq", line: 47, level: true });
  assertEquals(parseQtestLine("IRQ lower 0"), { kind: "irq", line: 0, level: false });
  assertEquals(parseQtestLine("FAIL Unknown command 'x'").kind, "refused");
  assertEquals(parseQtestLine("ERR invalid argument size").kind, "refused");
  for (const line of ["", "OKAY", "IRQ raise", "IRQ raise x", "IRQ toggle 1", "ok"]) {
    assertThrows(() => parseQtestLine(line), QtestError, line);
  }
});

Deno.test("qtestNumber() and qtestBytes() accept what they expect only", () => {
  assertEquals(qtestNumber("readl 0x0", "0x00000000ffffffff"), 0xffffffff);
  assertThrows(() => qtestNumber("readl 0x0", ""), QtestError, "readl 0x0");
  assertThrows(() => qtestNumber("readl 0x0", "12"), QtestError);
  assertEquals(qtestBytes("b64read 0x0 0x3", "AQL/"), Uint8Array.of(1, 2, 255));
  assertThrows(() => qtestBytes("b64read 0x0 0x3", "AQL"), QtestError, "b64read 0x0 0x3");
  assertThrows(() => qtestBytes("b64read 0x0 0x3", "AQ?/"), QtestError);
});
