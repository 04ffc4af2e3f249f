import { assertEquals, assertRejects } from "@std/assert";
import { ECHO, ICANON, VMIN, VTIME, XTABS } from "../../uapi/termbits.ts";
import { KernelError } from "../errors.ts";
import { TestLine } from "./_testing.ts";
import { copyTermios } from "./termios.ts";
import type { TtySignal } from "./tty_struct.ts";

// Output. The pieces are those of a recorded run of `printf 'a\tb\nlong line of text\n' > /dev/hvc0`,
// which sent 24 bytes.

Deno.test("write() sends plain text in one piece and newlines as two characters", async () => {
  const line = new TestLine();
  const tty = await line.open();
  await line.run(() => tty.write("a\tb\nlong line of text\n"));
  assertEquals(line.sent, ["a", "\t", "b", "\r\n", "long line of text", "\r\n"]);
});

Deno.test("write() turns tabs into spaces up to the next column of eight", async () => {
  const line = new TestLine();
  const tty = await line.open();
  const { termios } = line.port.tty!;
  termios.oflag |= XTABS;
  await line.run(() => tty.write("ab\tc\n\t\u00e9\t|"));
  assertEquals(line.take(), "ab      c\r\n        \xc3\xa9       |");
});

Deno.test("write() waits for room and goes on", async () => {
  const line = new TestLine();
  const tty = await line.open();
  line.room = 3;
  line.later(() => {
    assertEquals(line.take(), "hel");
    line.room = Infinity;
    line.port.tty!.wakeup();
  });
  await line.run(() => tty.write("hello\n"));
  assertEquals(line.take(), "lo\r\n");
});

// Lines

async function typed(text: string): Promise<[string, string]> {
  const line = new TestLine();
  const tty = await line.open();
  await line.type(text);
  return [await line.run(() => tty.readText()), line.take()];
}

Deno.test("read() gives one line, ended by a carriage return, and echoes it", async () => {
  assertEquals(await typed("hello\rmore"), ["hello\n", "hello\r\nmore"]);
});

Deno.test("read() gives lines one by one, and long ones in parts", async () => {
  const line = new TestLine();
  const tty = await line.open();
  await line.type("first\nsecond\n");
  assertEquals(await line.run(() => tty.readText(3)), "fir");
  assertEquals(await line.run(() => tty.readText(3)), "st\n");
  assertEquals(await line.run(() => tty.readText()), "second\n");
});

Deno.test("the erase character wipes a character, also a wide one, a control character and a tab", async () => {
  assertEquals(await typed("ab\x7fc\n"), ["ac\n", "ab\b \bc\r\n"]);
  assertEquals(await typed("\u00e9\x7fx\n"), ["x\n", "\xc3\xa9\b \bx\r\n"]);
  assertEquals(await typed("\x16\x01\x7fx\n"), ["x\n", "^\b^A\b \b\b \bx\r\n"]);
  assertEquals((await typed("ab\t\x7fx\n"))[0], "abx\n");
  assertEquals(await typed("\x7fx\n"), ["x\n", "x\r\n"]);
});

Deno.test("the kill and word-erase characters wipe the line and the last word", async () => {
  assertEquals(await typed("abc\x15x\n"), ["x\n", "abc\b \b\b \b\b \bx\r\n"]);
  assertEquals(await typed("one two \x17x\n"), ["one x\n", `one two ${"\b \b".repeat(4)}x\r\n`]);
});

Deno.test("the end-of-file character ends a line without a newline, or the file", async () => {
  assertEquals(await typed("part\x04"), ["part", "part"]);
  assertEquals(await typed("\x04"), ["", ""]);
});

Deno.test("the interrupt character flushes and sends a signal", async () => {
  const line = new TestLine();
  const tty = await line.open();
  const signals: TtySignal[] = [];
  tty.onSignal((signal) => {
    signals.push(signal);
  });
  await line.type("half\x03whole\x1a\x1cx\n");
  assertEquals(signals, ["SIGINT", "SIGTSTP", "SIGQUIT"]);
  assertEquals(await line.run(() => tty.readText()), "x\n");
  assertEquals(line.take(), "half^Cwhole^Z^\\x\r\n");
});

// Bytes

Deno.test("raw mode hands out bytes as they are and echoes nothing", async () => {
  const line = new TestLine();
  const tty = await line.open();
  tty.setRaw();
  await line.type("a\r\x03\x04");
  assertEquals(await line.run(() => tty.readText()), "a\r\x03\x04");
  await line.run(() => tty.write("x\n"));
  assertEquals(line.take(), "x\n");
});

Deno.test("a half line becomes readable when lines are switched off", async () => {
  const line = new TestLine();
  const tty = await line.open();
  await line.type("half");
  const struct = line.port.tty!;
  const termios = copyTermios(struct.termios);
  termios.lflag &= ~(ICANON | ECHO);
  struct.setTermios(termios);
  assertEquals(await line.run(() => tty.readText()), "half");
});

Deno.test("VMIN 0 lets read() return at once, VTIME after some time", async () => {
  const line = new TestLine();
  const tty = await line.open();
  tty.setRaw();
  const { cc } = line.port.tty!.termios;
  cc[VMIN] = 0;
  assertEquals(await line.run(() => tty.readText()), "");
  cc[VTIME] = 5;
  const before = line.kernel.nowNs;
  assertEquals(await line.run(() => tty.readText()), "");
  assertEquals(Math.round((line.kernel.nowNs - before) / 1e8), 5);
});

Deno.test("VMIN makes read() wait for as many bytes, VTIME no longer than that for each", async () => {
  // POSIX.1-2017, 11.1.7: cases B and A.
  const line = new TestLine();
  const tty = await line.open();
  tty.setRaw();
  const { cc } = line.port.tty!.termios;
  cc[VMIN] = 3;
  const arrive = (text: string) => {
    line.port.insertFlip(new TextEncoder().encode(text));
    line.port.flipBufferPush();
  };
  line.later(() => {
    arrive("ab");
    line.later(() => arrive("cd"));
  });
  assertEquals(await line.run(() => tty.readText()), "abcd");
  cc[VTIME] = 2;
  await line.type("e");
  const before = line.kernel.nowNs;
  assertEquals(await line.run(() => tty.readText()), "e");
  assertEquals(Math.round((line.kernel.nowNs - before) / 1e8), 2);
});

// Hangup

Deno.test("after a hangup reads end and writes fail", async () => {
  const line = new TestLine();
  const tty = await line.open();
  line.later(() => line.port.tty!.vhangup());
  assertEquals(await line.run(() => tty.readText()), "");
  const error = await assertRejects(() => line.run(() => tty.write("x")), KernelError);
  assertEquals(error.code, "EIO");
});

Deno.test("more input than the buffer holds is not lost while somebody reads lines", async () => {
  const line = new TestLine();
  const tty = await line.open();
  tty.setRaw();
  await line.type("x".repeat(10_000));
  let got = 0;
  while (got < 10_000) got += (await line.run(() => tty.read())).length;
  assertEquals(got, 10_000);
});
