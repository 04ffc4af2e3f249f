import { assertEquals, assertRejects } from "@std/assert";
import { BareMachine } from "../tests/bare_machine.ts";
import { KernelBug } from "./errors.ts";
import { Kernel } from "./kernel.ts";
import { DelayedWork, Work, WorkQueue } from "./workqueue.ts";

function setup(): { kernel: Kernel; queue: WorkQueue } {
  const kernel = new Kernel(new BareMachine(1 << 16));
  return { kernel, queue: new WorkQueue(kernel.sched, "test") };
}

Deno.test("queue() runs each item once per queueing, in order", async () => {
  const { kernel, queue } = setup();
  const log: string[] = [];
  const items = ["a", "b", "c"].map((n) => new Work(n, async () => void log.push(n) as undefined));
  await kernel.sched.run("script", async () => {
    assertEquals(items.map((work) => queue.queue(work)), [true, true, true]);
    assertEquals(queue.queue(items[0]), false);
    await queue.drain();
    assertEquals(queue.queue(items[0]), true);
    await queue.flush(items[0]);
  });
  assertEquals(log, ["a", "b", "c", "a"]);
});

Deno.test("flush() does not wait for an item that keeps queueing itself", async () => {
  const { kernel, queue } = setup();
  let runs = 0;
  const work: Work = new Work("again", async () => {
    await kernel.sched.sleep(100);
    runs++;
    queue.queue(work);
  });
  await kernel.sched.run("script", async () => {
    queue.queue(work);
    await queue.flush(work);
    assertEquals(runs, 1);
    await queue.flush(work);
    assertEquals(runs, 2);
    await queue.drain();
    assertEquals(runs, 3);
  });
});

Deno.test("flush() waits for an item that was queued again while it runs", async () => {
  const { kernel, queue } = setup();
  let runs = 0;
  const work = new Work("slow", async () => {
    await kernel.sched.sleep(1_000);
    runs++;
  });
  await kernel.sched.run("script", async () => {
    queue.queue(work);
    await kernel.sched.sleep(100);
    assertEquals(queue.queue(work), true);
    await queue.flush(work);
    assertEquals(runs, 2);
  });
});

Deno.test("cancel() takes a waiting item back, and stops one that queues itself", async () => {
  const { kernel, queue } = setup();
  let runs = 0;
  const first = new Work("first", () => kernel.sched.sleep(1_000));
  const waiting = new Work("waiting", async () => void runs++ as undefined);
  const again: Work = new Work("again", async () => {
    await kernel.sched.sleep(100);
    queue.queue(again);
  });
  await kernel.sched.run("script", async () => {
    queue.queue(first);
    queue.queue(waiting);
    await queue.cancel(waiting);
    await queue.drain();
    assertEquals(runs, 0);
    queue.queue(again);
    await kernel.sched.sleep(5_050);
    await queue.cancel(again);
    assertEquals(again.pending, false);
    const tasks = kernel.sched.tasks.length;
    await kernel.sched.sleep(10_000);
    assertEquals(kernel.sched.tasks.length, tasks);
    assertEquals(queue.queue(waiting), true);
    await queue.flush(waiting);
    assertEquals(runs, 1);
  });
});

Deno.test("a flush() of an item that somebody cancels comes to an end", async () => {
  const { kernel, queue } = setup();
  const blocker = new Work("blocker", () => kernel.sched.sleep(1_000));
  const work = new Work("never", async () => undefined);
  queue.queue(blocker);
  queue.queue(work);
  const flusher = kernel.sched.run("flusher", () => queue.flush(work));
  await kernel.sched.run("canceller", () => queue.cancel(work));
  await flusher;
});

Deno.test("an item that throws stops neither its queue nor goes unheard", async () => {
  const { kernel, queue } = setup();
  let ran = false;
  const bad = new Work("bad", async () => {
    throw new KernelBug("bad work");
  });
  const good = new Work("good", async () => void (ran = true) as undefined);
  queue.queue(bad);
  queue.queue(good);
  await assertRejects(() => kernel.sched.run("s", () => kernel.sched.sleep(1e6)), KernelBug, "bad");
  await kernel.sched.run("script", () => queue.flush(good));
  assertEquals(ran, true);
});

Deno.test("DelayedWork waits for its time once, and can be hurried or cancelled", async () => {
  const { kernel, queue } = setup();
  const at: number[] = [];
  const work = new DelayedWork(kernel.sched, queue, "later", async () => {
    at.push(kernel.nowNs);
  });
  await kernel.sched.run("script", async () => {
    assertEquals(work.scheduleAt(1_000_000, kernel.nowNs), true);
    assertEquals(work.scheduleAt(2_000_000, kernel.nowNs), false);
    await kernel.sched.sleep(1_100_000);
    assertEquals([at.length, at[0] >= 1_000_000], [1, true]);
    work.scheduleAt(5_000_000, kernel.nowNs);
    work.runNow();
    await queue.drain();
    assertEquals(at.length, 2);
    work.scheduleAt(6_000_000, kernel.nowNs);
    await work.cancel();
    assertEquals(work.pending, false);
    await kernel.sched.sleep(9_000_000);
    assertEquals(at.length, 2);
  });
});

Deno.test("DelayedWork.cancel() stops one that schedules itself anew", async () => {
  const { kernel, queue } = setup();
  let runs = 0;
  const work: DelayedWork = new DelayedWork(kernel.sched, queue, "periodic", async () => {
    runs++;
    await kernel.sched.sleep(10);
    work.scheduleAt(kernel.nowNs + 1_000, kernel.nowNs);
  });
  await kernel.sched.run("script", async () => {
    work.scheduleAt(1, 0);
    while (runs < 3) await kernel.sched.sleep(1);
    await work.cancel();
    const before = runs;
    await kernel.sched.sleep(1e6);
    assertEquals(runs, before);
  });
});
