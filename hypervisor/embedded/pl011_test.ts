import { assertEquals } from "@std/assert";
import {
  UART011_ICR,
  UART011_IMSC,
  UART011_LCRH,
  UART011_MIS,
  UART011_RIS,
  UART011_RXIM,
  UART011_TXIM,
  UART01x_DR,
  UART01x_FR,
  UART01x_LCRH_FEN,
} from "../../uapi/amba_pl011.ts";
import { Activity } from "./activity.ts";
import { ScriptChardev } from "./chardev.ts";
import { Pl011 } from "./pl011.ts";

function port() {
  const chardev = new ScriptChardev("c0", new Activity());
  const levels: boolean[] = [];
  const uart = new Pl011((level) => {
    levels.push(level);
  }, chardev);
  return { uart, levels, end: chardev.end };
}

Deno.test("Pl011 sends each character written to DR", () => {
  const { uart, end } = port();
  for (const character of "hi") uart.write(UART01x_DR, character.charCodeAt(0));
  assertEquals(new TextDecoder().decode(end.read()), "hi");
  assertEquals(uart.read(UART01x_FR), 0x90);
});

Deno.test("Pl011 raises its line for what is unmasked, until it is cleared", () => {
  const { uart, levels } = port();
  uart.write(UART01x_DR, 65);
  assertEquals([uart.read(UART011_RIS), uart.read(UART011_MIS)], [UART011_TXIM, 0]);
  uart.write(UART011_IMSC, UART011_TXIM);
  assertEquals([uart.read(UART011_MIS), levels], [UART011_TXIM, [true]]);
  uart.write(UART011_ICR, UART011_TXIM);
  assertEquals([uart.read(UART011_MIS), levels], [0, [true, false]]);
});

Deno.test("Pl011 takes 16 characters with its FIFO on, and the rest when there is room", () => {
  const { uart, levels, end } = port();
  uart.write(UART011_LCRH, UART01x_LCRH_FEN);
  uart.write(UART011_IMSC, UART011_RXIM);
  end.write("0123456789abcdefghij");
  assertEquals(uart.read(UART01x_FR), 0xc0);
  assertEquals(uart.canReceive(), 0);
  let text = "";
  while ((uart.read(UART01x_FR) & 0x10) === 0) text += String.fromCharCode(uart.read(UART01x_DR));
  assertEquals(text, "0123456789abcdefghij");
  assertEquals(levels, [true, false]);
  assertEquals(uart.read(UART01x_DR), 0);
});

Deno.test("Pl011 takes one character at a time with its FIFO off, and forgets when it is switched", () => {
  const { uart, end } = port();
  end.write("xyz");
  assertEquals(uart.read(UART01x_FR), 0xc0);
  assertEquals(uart.read(UART01x_DR), 0x78);
  assertEquals(uart.read(UART01x_FR), 0xc0);
  uart.write(UART011_LCRH, UART01x_LCRH_FEN);
  assertEquals(uart.read(UART01x_FR), 0x90);
});
