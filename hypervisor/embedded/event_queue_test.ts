import { assertEquals } from "@std/assert";
import { EventQueue } from "./event_queue.ts";

Deno.test("EventQueue runs events by time, and those of one time in the order of scheduling", () => {
  const queue = new EventQueue();
  const seen: string[] = [];
  const expected: [number, number][] = [];
  let state = 7;
  for (let i = 0; i < 500; i++) {
    state = Math.imul(state, 1664525) + 1013904223 >>> 0;
    const atNs = state % 37;
    expected.push([atNs, i]);
    queue.schedule(atNs, () => {
      seen.push(`${atNs} ${i}`);
    });
  }
  while (queue.nextNs !== Infinity) queue.runDue(queue.nextNs);
  expected.sort(([a, i], [b, j]) => a - b || i - j);
  assertEquals(seen, expected.map(([atNs, i]) => `${atNs} ${i}`));
});

Deno.test("EventQueue.runDue() also runs what is scheduled for now, and nothing later", () => {
  const queue = new EventQueue();
  const seen: string[] = [];
  queue.schedule(5, () => {
    seen.push("first");
    queue.schedule(5, () => {
      seen.push("second");
    });
    queue.schedule(6, () => {
      seen.push("later");
    });
  });
  queue.runDue(4);
  assertEquals(seen, []);
  queue.runDue(5);
  assertEquals([seen, queue.nextNs], [["first", "second"], 6]);
});

Deno.test("EventQueue forgets what was cancelled", () => {
  const queue = new EventQueue();
  const cancel = queue.schedule(1, () => {
    throw new Error("cancelled");
  });
  queue.schedule(2, () => {});
  cancel();
  assertEquals(queue.nextNs, 2);
  queue.runDue(2);
  assertEquals(queue.nextNs, Infinity);
});
