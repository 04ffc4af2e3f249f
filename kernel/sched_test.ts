import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import fc from "fast-check";
import { BareMachine, seededChooser } from "../tests/bare_machine.ts";
import { type Choice, type Chooser, STOP } from "./choice.ts";
import { KernelBug } from "./errors.ts";
import type { IrqHandler } from "./irq.ts";
import { Kernel } from "./kernel.ts";
import { DeadlockError } from "./task.ts";
import { Completion, Mutex, WaitQueue } from "./wait.ts";

function kernelWith(chooser?: Chooser): { kernel: Kernel; machine: BareMachine } {
  const machine = new BareMachine(1 << 16);
  return { kernel: new Kernel(machine, { chooser }), machine };
}

// Order

Deno.test("run() runs tasks one at a time, in the order in which they became runnable", async () => {
  const { kernel } = kernelWith();
  const log: string[] = [];
  let inside = 0;
  const body = (name: string) => async () => {
    for (let step = 0; step < 3; step++) {
      assertEquals(++inside, 1);
      log.push(`${name}${step}`);
      inside--;
      await kernel.sched.yield();
    }
    return name;
  };
  const results = await Promise.all(["a", "b", "c"].map((n) => kernel.sched.run(n, body(n))));
  assertEquals(results, ["a", "b", "c"]);
  assertEquals(log.join(" "), "a0 b0 c0 a1 b1 c1 a2 b2 c2");
});

/** Tasks that sleep, wait for each other and for interrupts; returns what happened in which order. */
async function mixedRun(chooser?: Chooser): Promise<{ log: string[]; choices: readonly Choice[] }> {
  const { kernel, machine } = kernelWith(chooser);
  const { sched, irq } = kernel;
  const log: string[] = [];
  const note = (what: string) => log.push(`${kernel.nowNs} ${what}`);
  const arrived = new Completion(sched, "the interrupt");
  const lock = new Mutex(sched, "shared");
  for (const spi of [3, 4]) {
    const { irq: number } = irq.createMapping(32 + spi, "edge");
    irq.requestIrq({
      irq: number,
      name: `device${spi}`,
      shared: false,
      handler: () => {
        note(`irq ${spi}`);
        arrived.complete();
        return "handled";
      },
    });
  }
  for (const spi of [3, 4]) machine.at(5_000, () => machine.guest.interrupt(spi, true));
  for (const name of ["x", "y"]) sched.addTimer(7_000, name, () => void note(`timer ${name}`));
  const tasks = ["a", "b", "c"].map((name) =>
    sched.run(name, async () => {
      note(`${name} starts`);
      await lock.with(async () => {
        note(`${name} holds`);
        await sched.sleep(1_000);
      });
      if (name !== "c") await arrived.wait();
      kernel.choose("fault", 2);
      note(`${name} ends`);
    })
  );
  await Promise.all(tasks);
  await sched.run("rest", () => sched.sleep(20_000));
  return { log, choices: kernel.choices.taken };
}

Deno.test("the same choices give the same log, and other choices other orders", async () => {
  const orders = new Set<string>();
  const kinds = new Set<string>();
  await fc.assert(
    fc.asyncProperty(fc.integer(), async (seed) => {
      const first = await mixedRun(seededChooser(seed));
      assertEquals(await mixedRun(seededChooser(seed)), first);
      assertEquals(first.log.length, 13);
      orders.add(first.log.map((line) => line.split(" ").slice(1).join(" ")).join());
      for (const { kind } of first.choices) kinds.add(kind);
    }),
    { numRuns: 60, seed: 7 },
  );
  assert(orders.size > 20);
  assertEquals([...kinds].sort(), ["irq", "machine", "task", "timer"]);
});

Deno.test("a replay of the recorded answers gives the same run", async () => {
  const first = await mixedRun(seededChooser(99));
  const answers = first.choices.map(({ taken }) => taken);
  const again = await mixedRun(({ count }) => count === 1 ? 0 : answers.shift() as number);
  assertEquals(again, first);
  assertEquals(answers, []);
});

Deno.test("a chooser that takes option 0 everywhere changes nothing", async () => {
  assertEquals((await mixedRun(() => 0)).log, (await mixedRun()).log);
});

Deno.test("a chooser that stops ends the run where it stands", async () => {
  const { kernel } = kernelWith(({ describe }) => describe(0).startsWith("b") ? STOP : 0);
  const log: string[] = [];
  for (const name of ["a", "b", "c"]) kernel.sched.run(name, async () => void log.push(name));
  await Promise.resolve().then(() => Promise.resolve());
  assertEquals(log, ["a"]);
});

Deno.test("what is not varied is not asked about, and lets nothing go before it", async () => {
  const asked = new Set<string>();
  const { kernel, machine } = kernelWith(({ kind, count, kindOf }) => {
    for (let i = 0; i < count; i++) asked.add(`${kind}: ${kindOf(i)}`);
    return count - 1;
  });
  kernel.choices.vary = { work: true };
  const log: string[] = [];
  machine.at(0, () => machine.guest.interrupt(3, true));
  const { irq } = kernel.irq.createMapping(35, "edge");
  const handler: IrqHandler = () => {
    log.push("irq");
    return "handled";
  };
  kernel.irq.requestIrq({ irq, name: "device", shared: false, handler });
  kernel.sched.spawn("first", async () => void log.push("first"));
  for (const name of ["w1", "w2"]) {
    kernel.sched.spawn(name, async () => void log.push(name), "work", name);
  }
  kernel.sched.spawn("last", async () => void log.push("last"));
  await kernel.sched.run("rest", () => kernel.sched.sleep(1_000));
  assertEquals(log, ["irq", "first", "last", "w2", "w1"]);
  assertEquals([...asked].sort(), ["work: task", "work: work"]);
});

Deno.test("a task at a fork goes on in the way that was chosen, or lets others go first", async () => {
  const logs = new Set<string>();
  for (let seed = 0; seed < 60; seed++) {
    const { kernel } = kernelWith(seededChooser(Math.imul(seed, 0x9e3779b1)));
    const log: string[] = [];
    kernel.sched.spawn("beside", async () => void log.push("beside"));
    await kernel.sched.run("main", async () => {
      log.push("main");
      log.push(["left", "right"][await kernel.sched.decide("initcall", ["left", "right"])]);
    });
    logs.add(log.join(" "));
  }
  const expected = ["left", "right"].flatMap((way) => [
    `beside main ${way}`,
    `main beside ${way}`,
    `main ${way}`,
  ]);
  assertEquals([...logs].map((log) => log.replace(/(?<=t) beside$/, "")).sort(), expected.sort());
});

Deno.test("an answer that is no option is refused", () => {
  for (const answer of [-1, 2, 0.5, NaN]) {
    const { kernel } = kernelWith(() => answer);
    assertThrows(() => kernel.choices.choose("task", 2, () => ""), RangeError, `took ${answer}`);
  }
});

Deno.test("tasks that the host starts at once all run, also from inside a task", async () => {
  const { kernel } = kernelWith();
  let done = 0;
  const all = Array.from(
    { length: 1000 },
    (_, i) =>
      kernel.sched.run(`t${i}`, async () => {
        await kernel.sched.yield();
        return ++done;
      }),
  );
  await kernel.sched.run("outer", async () => {
    kernel.sched.spawn("inner", async () => void done++);
    await kernel.sched.sleep(1);
  });
  assertEquals((await Promise.all(all)).length, 1000);
  assertEquals(done, 1001);
});

Deno.test("no runnable task starves while others yield", async () => {
  const { kernel } = kernelWith();
  let stop = false;
  const busy = kernel.sched.run("busy", async () => {
    while (!stop) await kernel.sched.yield();
  });
  await kernel.sched.run("late", async () => {
    await kernel.sched.sleep(50_000);
    stop = true;
  });
  await busy;
});

// Time

Deno.test("sleep() wakes in the order of time, ties in the order of the calls", async () => {
  const { kernel } = kernelWith();
  const log: string[] = [];
  const sleeper = (name: string, ns: number) =>
    kernel.sched.run(name, async () => {
      await kernel.sched.sleep(ns - kernel.nowNs);
      log.push(`${name}@${kernel.nowNs >= ns}`);
    });
  await Promise.all([
    sleeper("c", 900_000),
    sleeper("a", 100_000),
    sleeper("b1", 500_000),
    sleeper("b2", 500_000),
  ]);
  assertEquals(log, ["a@true", "b1@true", "b2@true", "c@true"]);
});

Deno.test("deleteTimer() says whether the timer was still to come", async () => {
  const { kernel } = kernelWith();
  let fired = 0;
  const fire = () => void fired++ as undefined;
  const kept = kernel.sched.addTimer(1_000, "kept", fire);
  const taken = kernel.sched.addTimer(1_000, "taken", fire);
  assertEquals(kernel.sched.deleteTimer(taken), true);
  assertEquals(kernel.sched.deleteTimer(taken), false);
  await kernel.sched.run("wait", () => kernel.sched.sleep(2_000));
  assertEquals(kernel.sched.deleteTimer(kept), false);
  assertEquals(fired, 1);
});

Deno.test("time stands still while no foreground task exists", async () => {
  const { kernel } = kernelWith();
  let fired = false;
  kernel.sched.addTimer(1_000_000, "far", () => void (fired = true) as undefined);
  await kernel.sched.run("short", () => kernel.sched.yield());
  await Promise.resolve();
  assertEquals(fired, false);
  await kernel.sched.run("long", () => kernel.sched.sleep(2_000_000));
  assertEquals(fired, true);
});

Deno.test("settle() waits for the machine and for runnable tasks, not for timers", async () => {
  const { kernel, machine } = kernelWith();
  let events = 0;
  machine.at(10_000, () => {
    events++;
    machine.at(20_000, () => void events++ as undefined);
  });
  kernel.sched.addTimer(1e9, "far", () => undefined);
  kernel.sched.spawn("worker", async () => {
    for (let i = 0; i < 5; i++) await kernel.sched.yield();
    events++;
  });
  await kernel.sched.run("script", () => kernel.sched.settle());
  assertEquals(events, 3);
  assert(kernel.nowNs < 1e9);
});

Deno.test("settle() waits for interrupts that are pending, also when somebody else decides", async () => {
  for (const chooser of [undefined, () => 0]) {
    const { kernel, machine } = kernelWith(chooser);
    kernel.choices.vary = {};
    let taken = 0;
    const { irq } = kernel.irq.createMapping(35, "edge");
    const handler: IrqHandler = () => {
      taken++;
      return "handled";
    };
    kernel.irq.requestIrq({ irq, name: "device", shared: false, handler });
    const seen = await kernel.sched.run("script", async () => {
      machine.guest.interrupt(3, true);
      await kernel.sched.settle();
      return taken;
    });
    assertEquals(seen, 1);
  }
});

Deno.test("settle() of two tasks at once comes to an end", async () => {
  const { kernel, machine } = kernelWith();
  let events = 0;
  machine.at(10_000, () => void events++ as undefined);
  await Promise.all(["a", "b", "c"].map((n) => kernel.sched.run(n, () => kernel.sched.settle())));
  assertEquals(events, 1);
});

Deno.test("relax() moves time to the machine's next event, and says when there is none", async () => {
  const { kernel, machine } = kernelWith();
  let ready = false;
  machine.at(42_000, () => void (ready = true) as undefined);
  await kernel.sched.run("poll", async () => {
    while (!ready) assertEquals(kernel.sched.relax(), true);
    assertEquals(kernel.nowNs, 42_000);
    assertEquals(kernel.sched.relax(), false);
  });
});

// Waiting

Deno.test("waiting in atomic context is a bug, and leaves no timer behind", async () => {
  const { kernel } = kernelWith();
  const bugs: string[] = [];
  const tryIt = (what: () => Promise<unknown>) => {
    what().catch((error) => bugs.push(error instanceof KernelBug ? error.message : `${error}`));
  };
  const { irq } = kernel.irq.createMapping(40, "edge");
  kernel.irq.requestIrq({
    irq,
    name: "dev",
    shared: false,
    handler: () => {
      const { sched } = kernel;
      for (const wait of [() => sched.block("never"), () => sched.yield()]) {
        assertThrows(wait, KernelBug);
      }
      tryIt(() => sched.sleep(5));
      return "handled";
    },
  });
  kernel.sched.addTimer(1, "t", () => {
    assertThrows(() => kernel.sched.block("a lock"), KernelBug, "scheduling while atomic");
  });
  await kernel.sched.run("script", async () => {
    kernel.interrupt(8, true);
    await kernel.sched.sleep(10);
  });
  assertEquals(bugs.length, 1);
});

Deno.test("a deadlock names every waiter and reaches the foreground task", async () => {
  const { kernel } = kernelWith();
  const never = new Completion(kernel.sched, "the device's answer");
  kernel.sched.spawn("kworker/0:events", () => never.wait());
  const error = await assertRejects(
    () => kernel.sched.run("modprobe", () => new Mutex(kernel.sched, "m").with(() => never.wait())),
    DeadlockError,
  );
  assertEquals(error.waiters.map((waiter) => waiter.replace(/\d+(?=\))/, "N")), [
    "kworker/0:events (pid N) waits for the device's answer",
    "modprobe (pid N) waits for the device's answer",
  ]);
});

Deno.test("after a deadlock was caught, the task's later waits are its own", async () => {
  const { kernel } = kernelWith();
  const queue = new WaitQueue(kernel.sched, "nothing");
  await kernel.sched.run("script", async () => {
    await assertRejects(() => queue.waitEvent(() => false), DeadlockError);
    const before = kernel.nowNs;
    kernel.sched.spawn("waker", async () => queue.wakeUp());
    await kernel.sched.sleep(100_000);
    assert(kernel.nowNs - before >= 100_000, "the old queue woke the sleep");
  });
});

Deno.test("an event from outside ends a wait that nothing inside can end", async () => {
  const { kernel, machine } = kernelWith();
  const got = new Completion(kernel.sched, "a key");
  let asked = 0;
  machine.outside = () => {
    asked++;
    return Promise.resolve().then(() => got.complete());
  };
  await kernel.sched.run("read", () => got.wait());
  assertEquals(asked, 1);
});

Deno.test("an exception of a background task reaches the foreground task that waits", async () => {
  const { kernel } = kernelWith();
  const never = new Completion(kernel.sched, "never");
  kernel.sched.spawn("kworker", async () => {
    throw new KernelBug("broken worker");
  });
  await assertRejects(() => kernel.sched.run("script", () => never.wait()), KernelBug, "broken");
});

Deno.test("an exception of a background task reaches a foreground task that does not wait", async () => {
  const { kernel } = kernelWith();
  const fail = async () => {
    throw new KernelBug("broken worker");
  };
  const { sched } = kernel;
  await assertRejects(
    () =>
      sched.run("script", async () => {
        sched.spawn("kworker", fail);
        for (let i = 0; i < 5; i++) await sched.yield();
      }),
    KernelBug,
    "broken worker",
  );
  await assertRejects(
    () =>
      sched.run("script", async () => {
        sched.spawn("kworker", fail);
        for (let i = 0; i < 5; i++) await sched.yield();
        await sched.sleep(5);
      }),
    KernelBug,
    "broken worker",
  );
  assertEquals(await sched.run("next", async () => 5), 5);
});

Deno.test("a failed wait leaves no timer that wakes the task later", async () => {
  const { kernel } = kernelWith();
  const { sched } = kernel;
  await sched.run("script", async () => {
    sched.spawn("kworker", async () => {
      throw new KernelBug("broken worker");
    });
    await assertRejects(() => sched.sleep(10_000), KernelBug);
    const from = kernel.nowNs;
    await sched.sleep(1_000_000);
    assert(kernel.nowNs - from >= 1_000_000, "the old timer woke the new sleep");
  });
});

Deno.test("signal() ends interruptible waits, now and later, and no others", async () => {
  const { kernel } = kernelWith();
  const { sched } = kernel;
  const queue = new WaitQueue(sched, "input");
  const done = new Completion(sched, "the disk");
  const log: string[] = [];
  const killed = new Error("killed");
  const reader = sched.run("reader", async () => {
    const task = sched.current!;
    sched.addTimer(1_000, "kill", () => sched.signal(task, killed));
    await assertRejects(() => queue.waitEventInterruptible(() => false), Error, "killed");
    log.push("interrupted");
    await assertRejects(() => done.waitInterruptible(), Error, "killed");
    sched.addTimer(kernel.nowNs + 5_000, "disk", () => done.complete());
    await done.wait();
    log.push("done");
  });
  await reader;
  assertEquals(log, ["interrupted", "done"]);
});

Deno.test("Completion lets one waiter go for each complete(), all after completeAll()", async () => {
  const { kernel } = kernelWith();
  const { sched } = kernel;
  const done = new Completion(sched, "c");
  const log: string[] = [];
  const waiters = ["a", "b", "c"].map((name) =>
    sched.run(name, async () => {
      await done.wait();
      log.push(name);
    })
  );
  await sched.run("finish", async () => {
    await sched.sleep(10);
    done.complete();
    await sched.sleep(10);
    assertEquals(log, ["a"]);
    done.completeAll();
    await sched.sleep(10);
    await done.wait();
  });
  await Promise.all(waiters);
  assertEquals(log, ["a", "b", "c"]);
});

Deno.test("Mutex lets one in at a time, also when the body throws", async () => {
  const { kernel } = kernelWith();
  const { sched } = kernel;
  const lock = new Mutex(sched, "l");
  let inside = 0;
  const results = await Promise.allSettled(
    [1, 2, 3, 4].map((i) =>
      sched.run(`t${i}`, () =>
        lock.with(async () => {
          assertEquals(++inside, 1);
          await sched.sleep(100);
          inside--;
          if (i === 2) throw new Error("oops");
          return i;
        }))
    ),
  );
  assertEquals(results.map(({ status }) => status), [
    "fulfilled",
    "rejected",
    "fulfilled",
    "fulfilled",
  ]);
});

Deno.test("options of one point have names of their own, also where two tasks are about the same", async () => {
  const offered: string[][] = [];
  const { kernel } = kernelWith(({ count, describe }) => {
    offered.push(Array.from({ length: count }, (_, i) => describe(i)));
    return 0;
  });
  await kernel.sched.run("script", async () => {
    for (const ns of [1, 1]) {
      kernel.sched.spawn("kworker", () => kernel.sched.sleep(ns), "async", "async card");
    }
    await kernel.sched.sleep(5);
  });
  assert(offered.some((names) => names.includes("async card") && names.includes("async card#2")));
  for (const names of offered) assertEquals(names.length, new Set(names).size, names.join());
});
