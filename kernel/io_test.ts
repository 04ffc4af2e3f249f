import { assertEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import { BareMachine } from "../tests/bare_machine.ts";
import { KernelError } from "./errors.ts";
import type { Io, Region } from "./io.ts";
import { Kernel } from "./kernel.ts";

function io(): Io {
  return new Kernel(new BareMachine(1 << 16)).io;
}

function lines(region: Region, indent = ""): string[] {
  return region.children.flatMap((child) => [
    `${indent}${child.start}-${child.end} ${child.name}`,
    ...lines(child, `${indent}  `),
  ]);
}

function refused(act: () => unknown): undefined {
  assertEquals(assertThrows(act, KernelError).code, "EBUSY");
}

Deno.test("requestMemRegion() goes below what is not claimed, and refuses what is", () => {
  const tree = io();
  tree.insertResource("pl011@9000000", 100, 199);
  tree.requestMemRegion("9000000.pl011", 100, 100);
  refused(() => tree.requestMemRegion("again", 100, 100));
  refused(() => tree.requestMemRegion("part", 150, 10));
  tree.requestMemRegion("next", 200, 50);
  tree.requestMemRegion("before", 50, 50);
  assertEquals(lines(tree.root), [
    "50-99 before",
    "100-199 pl011@9000000",
    "  100-199 9000000.pl011",
    "200-249 next",
  ]);
});

Deno.test("requestMemRegion() refuses a range that cuts across one, or holds one", () => {
  const tree = io();
  tree.insertResource("ram", 100, 199);
  for (const [start, size] of [[50, 51], [199, 10], [50, 300]]) {
    refused(() => tree.requestMemRegion("x", start, size));
  }
  assertEquals(lines(tree.root), ["100-199 ram"]);
});

Deno.test("insertResource() takes over what lies inside, and goes into what holds it", () => {
  const tree = io();
  tree.requestMemRegion("a", 110, 10);
  tree.requestMemRegion("b", 150, 10);
  tree.insertResource("outer", 100, 199);
  tree.insertResource("inner", 105, 130);
  tree.insertResource("same", 100, 199);
  assertEquals(lines(tree.root), [
    "100-199 same",
    "  100-199 outer",
    "    105-130 inner",
    "      110-119 a",
    "    150-159 b",
  ]);
  refused(() => tree.insertResource("cut", 155, 250));
});

Deno.test("releaseRegion() lets what lies below move up", () => {
  const tree = io();
  const outer = tree.insertResource("outer", 0, 99);
  const inner = tree.requestMemRegion("inner", 10, 10);
  tree.releaseRegion(outer);
  assertEquals(lines(tree.root), ["10-19 inner"]);
  tree.releaseRegion(outer);
  tree.releaseRegion(inner);
  assertEquals(lines(tree.root), []);
});

Deno.test("claims of one level behave like a naive list of ranges", () => {
  const operation = fc.tuple(fc.boolean(), fc.nat(60), fc.integer({ min: 1, max: 12 }));
  fc.assert(
    fc.property(fc.array(operation, { maxLength: 60 }), (operations) => {
      const tree = io();
      const held: Region[] = [];
      for (const [release, start, size] of operations) {
        if (release && held.length > 0) {
          tree.releaseRegion(held.splice(start % held.length, 1)[0]);
          continue;
        }
        const free = held.every((r) => start + size - 1 < r.start || r.end < start);
        if (free) held.push(tree.requestMemRegion("r", start, size));
        else refused(() => tree.requestMemRegion("r", start, size));
      }
      assertEquals(
        tree.root.children.map(({ start, end }) => [start, end]),
        held.map(({ start, end }) => [start, end]).sort((a, b) => a[0] - b[0]),
      );
    }),
    { numRuns: 200, seed: 5 },
  );
});

Deno.test("a register access has the mapped address and its width, and costs time", () => {
  const machine = new BareMachine(1 << 16);
  const kernel = new Kernel(machine, { costs: { registerAccess: 7 } });
  const log: string[] = [];
  machine.devices.push({
    start: 0x1000,
    size: 0x100,
    read: (offset, width) => {
      log.push(`read ${offset} ${width}`);
      return 0x5a;
    },
    write: (offset, width, value) =>
      void log.push(`write ${offset} ${width} ${value}`) as undefined,
  });
  const regs = kernel.io.ioremap(0x1000, 0x100);
  assertEquals([regs.readb(1), regs.readw(2), regs.readl(4)], [0x5a, 0x5a, 0x5a]);
  regs.writeb(1, 1);
  regs.writew(2, 2);
  regs.writel(3, 4);
  assertEquals(log, [
    "read 1 1",
    "read 2 2",
    "read 4 4",
    "write 1 1 1",
    "write 2 2 2",
    "write 4 4 3",
  ]);
  assertEquals(kernel.nowNs, 42);
  assertEquals(kernel.io.mappings.size, 1);
  kernel.io.iounmap(regs);
  assertEquals(kernel.io.mappings.size, 0);
});
