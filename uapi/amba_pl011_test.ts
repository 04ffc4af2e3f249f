import { assertEquals } from "@std/assert";
import * as pl011 from "./amba_pl011.ts";

// Arm DDI 0183, table 3-1
const REGISTERS = `
  000 RW UARTDR    004 RW UARTRSR/UARTECR  018 R UARTFR    020 RW UARTILPR  024 RW UARTIBRD
  028 RW UARTFBRD  02c RW UARTLCR_H        030 RW UARTCR   034 RW UARTIFLS  038 RW UARTIMSC
  03c R UARTRIS    040 R UARTMIS           044 W UARTICR   048 RW UARTDMACR
  fe0 R UARTPeriphID0  fe4 R UARTPeriphID1  fe8 R UARTPeriphID2  fec R UARTPeriphID3
  ff0 R UARTPCellID0   ff4 R UARTPCellID1   ff8 R UARTPCellID2   ffc R UARTPCellID3`;

Deno.test("PL011_REGISTERS is the manual's table", () => {
  const found = pl011.PL011_REGISTERS.flatMap(({ offset, direction, specName }) => [
    offset.toString(16).padStart(3, "0"),
    direction,
    specName,
  ]);
  assertEquals(found, REGISTERS.trim().split(/\s+/));
});

Deno.test("PL011 ids are those of a PrimeCell by Arm, revision 1", () => {
  assertEquals(pl011.PL011_PERIPH_ID_QEMU & pl011.PL011_PERIPH_ID_MASK, pl011.PL011_PERIPH_ID);
  // Part number 0x011 in bits 11 to 0, designer 0x41 ("A") in bits 19 to 12, revision above.
  assertEquals(pl011.PL011_PERIPH_ID & 0xfff, 0x011);
  assertEquals(String.fromCharCode(pl011.PL011_PERIPH_ID >> 12), "A");
  // Linux 6.1 on QEMU: "9000000.pl011: ttyAMA0 at MMIO 0x9000000 ... is a PL011 rev1".
  assertEquals(pl011.PL011_PERIPH_ID_QEMU >> 20, 1);
});

Deno.test("PL011 interrupt bits are the same in mask, status and clear", () => {
  const bits = (suffix: RegExp) =>
    Object.entries(pl011)
      .filter(([name]) => suffix.test(name))
      .map(([, value]) => value);
  const expected = [10, 9, 8, 7, 6, 5, 4, 3, 2, 1, 0].map((bit) => 2 ** bit);
  const sorted = (values: unknown[]) => values.map(Number).sort((a, b) => b - a);
  for (
    const suffix of [/^UART011_[A-Z]{2,}IM$/, /^UART011_[A-Z]{2,}IS$/, /^UART011_[A-Z]{2,}IC$/]
  ) {
    assertEquals(sorted(bits(suffix)), expected);
  }
});
