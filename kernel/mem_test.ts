import { assert, assertEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import { BareMachine, RAM_BASE } from "../tests/bare_machine.ts";
import { KernelBug, KernelError } from "./errors.ts";
import { Ida } from "./ida.ts";
import { Kernel } from "./kernel.ts";
import type { Memory } from "./mem.ts";

Deno.test("alloc() gives zeroed, aligned memory that overlaps no other", () => {
  const operation = fc.tuple(fc.integer({ min: 1, max: 20_000 }), fc.boolean(), fc.nat());
  fc.assert(
    fc.property(fc.array(operation, { maxLength: 60 }), (operations) => {
      const { mem } = new Kernel(new BareMachine(8 << 20));
      const held: Memory[] = [];
      for (const [size, release, which] of operations) {
        if (release && held.length > 0) {
          mem.free(held.splice(which % held.length, 1)[0]);
          continue;
        }
        const memory = mem.alloc(size, "test");
        const alignment = size > 2048 ? 4096 : 2 ** Math.ceil(Math.log2(Math.max(size, 8)));
        assertEquals(memory.address % alignment, 0);
        assertEquals(memory.address, RAM_BASE + memory.offset);
        assert(memory.size >= size);
        const bytes = mem.bytes.subarray(memory.offset, memory.offset + memory.size);
        assert(bytes.every((byte) => byte === 0));
        bytes.fill(0xcc);
        for (const other of held) {
          assert(
            memory.offset + memory.size <= other.offset ||
              other.offset + other.size <= memory.offset,
          );
        }
        held.push(memory);
      }
      assertEquals(mem.live.size, held.length);
      assertEquals(mem.liveBytes, held.reduce((sum, { size }) => sum + size, 0));
      mem.checkFreed();
      assertEquals(mem.usesAfterFree, []);
    }),
    { numRuns: 60, seed: 6 },
  );
});

Deno.test("a write to memory that was given back is found, and whose it was", () => {
  const { mem } = new Kernel(new BareMachine(4 << 20));
  const a = mem.alloc(100, "virtio0");
  const b = mem.alloc(5000, "virtio1");
  mem.free(a);
  mem.free(b);
  mem.bytes[a.offset + 5] = 1;
  assertEquals(mem.alloc(100, "next").offset, a.offset);
  assertEquals(mem.usesAfterFree, [{ address: a.address + 5, owner: "virtio0" }]);
  mem.bytes[b.offset + 4999] = 0;
  mem.checkFreed();
  assertEquals(mem.usesAfterFree[1], { address: b.address + 4999, owner: "virtio1" });
});

Deno.test("free() of what nobody holds is a bug", () => {
  const { mem } = new Kernel(new BareMachine(4 << 20));
  const memory = mem.alloc(64, "a");
  mem.free(memory);
  assertThrows(() => mem.free(memory), KernelBug);
  mem.alloc(64, "b");
  assertThrows(() => mem.free(memory), KernelBug, "nobody holds it");
});

Deno.test("when RAM is full alloc() says ENOMEM, and works again after a free()", () => {
  const { mem } = new Kernel(new BareMachine((2 << 20) + 4 * 4096));
  const pages = [1, 2, 3, 4].map(() => mem.alloc(4096, "a"));
  for (const size of [8, 4096]) {
    assertEquals(assertThrows(() => mem.alloc(size, "b"), KernelError).code, "ENOMEM");
  }
  mem.free(pages[1]);
  assertEquals(mem.alloc(4096, "b").offset, pages[1].offset);
});

Deno.test("Ida gives the lowest free number of a range", () => {
  const operation = fc.tuple(fc.boolean(), fc.nat(6));
  fc.assert(
    fc.property(fc.array(operation, { maxLength: 60 }), (operations) => {
      const ida = new Ida(new Kernel(new BareMachine(1 << 16)), "numbers");
      const used = new Set<number>();
      for (const [free, n] of operations) {
        if (free) {
          if (used.delete(n)) ida.free(n);
          continue;
        }
        const expected = [0, 1, 2, 3, 4, 5, 6, 7, 8].find((id) =>
          id >= n && id <= 8 && !used.has(id)
        );
        if (expected === undefined) {
          assertEquals(assertThrows(() => ida.alloc(n, 8), KernelError).code, "ENOSPC");
        } else {
          assertEquals(ida.alloc(n, 8), expected);
          used.add(expected);
        }
      }
      assertEquals(ida.size, used.size);
    }),
    { numRuns: 200, seed: 8 },
  );
});
