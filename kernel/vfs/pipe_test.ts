import { assertEquals, assertRejects } from "@std/assert";
import { BareMachine } from "../../tests/bare_machine.ts";
import { KernelError } from "../errors.ts";
import { Kernel } from "../kernel.ts";
import { makePipe } from "./pipe.ts";

const makeKernel = () => new Kernel(new BareMachine(1 << 16), { log: false });

Deno.test("makePipe() lets a writer wait for room and a reader for data", async () => {
  const { sched } = makeKernel();
  const [reader, writer] = makePipe(sched);
  const sent = 200_000;
  const writing = sched.run("writer", async () => {
    await writer.write(new Uint8Array(sent).fill(7));
    await writer.put();
  });
  const got = await sched.run("reader", async () => {
    let total = 0;
    let longest = 0;
    for (;;) {
      const bytes = await reader.read(1 << 20);
      if (bytes.length === 0) return [total, longest];
      total += bytes.length;
      longest = Math.max(longest, bytes.length);
    }
  });
  await writing;
  assertEquals(got, [sent, 65_536]);
});

Deno.test("makePipe() breaks when nobody reads", async () => {
  const { sched } = makeKernel();
  const [reader, writer] = makePipe(sched);
  await sched.run("reader", () => reader.put());
  await assertRejects(
    () => sched.run("writer", () => writer.write(new Uint8Array(1))),
    KernelError,
    "nobody reads",
  );
});

Deno.test("makePipe() hands out at once what came in pieces, and keeps small writes whole", async () => {
  const { sched } = makeKernel();
  const [reader, writer] = makePipe(sched);
  const text = await sched.run("both", async () => {
    for (const part of ["one", "two", "three"]) await writer.write(new TextEncoder().encode(part));
    return new TextDecoder().decode(await reader.read(8));
  });
  assertEquals(text, "onetwoth");
  const writing = sched.run("writers", async () => {
    await writer.write(new Uint8Array(65_536 - 13));
    await writer.write(new Uint8Array(100).fill(1));
  });
  const last = await sched.run("reader", async () => {
    let total = 0;
    for (;;) {
      const bytes = await reader.read(65_536);
      total += bytes.length;
      if (bytes[bytes.length - 1] === 1) return [total, bytes.filter((byte) => byte === 1).length];
    }
  });
  await writing;
  assertEquals(last, [65_536 - 13 + 100 + 3, 100]);
});
