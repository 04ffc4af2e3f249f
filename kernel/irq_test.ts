import { assertEquals, assertThrows } from "@std/assert";
import { BareMachine } from "../tests/bare_machine.ts";
import { KernelBug, KernelError } from "./errors.ts";
import { GIC_SPI_BASE, type IrqAction, type IrqReturn, type Trigger } from "./irq.ts";
import { irqchipInit, irqOfParseAndMap, timerProbe } from "./irqchip.ts";
import { Kernel } from "./kernel.ts";
import { ofFindNodeByPath } from "./of/base.ts";
import { unflattenDeviceTree } from "./of/fdt.ts";

interface Line {
  readonly kernel: Kernel;
  readonly log: string[];
  action(name: string, answer: () => IrqReturn, shared?: boolean): IrqAction;
  set(level: boolean): undefined;
  run(): Promise<undefined>;
}

function line(trigger: Trigger): Line {
  const kernel = new Kernel(new BareMachine(1 << 16));
  const { irq } = kernel.irq.createMapping(GIC_SPI_BASE + 5, trigger);
  const log: string[] = [];
  return {
    kernel,
    log,
    action: (name, answer, shared = false) => ({
      irq,
      name,
      shared,
      handler: () => {
        log.push(name);
        return answer();
      },
    }),
    set: (level) => kernel.interrupt(5, level),
    run: () => kernel.sched.run("t", () => kernel.sched.yield().then(() => undefined)),
  };
}

const handled = () => "handled" as const;

Deno.test("an edge is taken once, however long the line stays up", async () => {
  const { kernel, log, action, set, run } = line("edge");
  kernel.irq.requestIrq(action("a", handled));
  set(true);
  set(true);
  await run();
  await run();
  assertEquals(log, ["a"]);
  set(false);
  set(true);
  set(false);
  await run();
  assertEquals(log, ["a", "a"]);
});

Deno.test("a level is taken again and again until the line goes down", async () => {
  const { kernel, log, action, set, run } = line("level");
  let left = 3;
  kernel.irq.requestIrq(action("a", () => {
    if (--left === 0) set(false);
    return "handled";
  }));
  set(true);
  await run();
  assertEquals(log.length, 3);
  set(true);
  set(false);
  await run();
  assertEquals(log.length, 3);
});

Deno.test("an edge that came before the handler is taken when the handler is there", async () => {
  const { kernel, log, action, set, run } = line("edge");
  set(true);
  set(false);
  await run();
  assertEquals(log, []);
  kernel.irq.requestIrq(action("a", handled));
  await run();
  assertEquals(log, ["a"]);
});

Deno.test("all handlers of a shared line are called, in the order of their requests", async () => {
  const { kernel, log, action, set, run } = line("edge");
  for (const name of ["a", "b", "c"]) {
    kernel.irq.requestIrq(action(name, () => name === "b" ? "handled" : "none", true));
  }
  set(true);
  await run();
  assertEquals(log, ["a", "b", "c"]);
  assertEquals([...kernel.irq.descs.values()][0].unhandled, 0);
});

Deno.test("a line is shared only when both sides say so", () => {
  const cases = [[false, false], [true, false], [false, true]] as const;
  for (const [first, second] of cases) {
    const { kernel, action } = line("edge");
    kernel.irq.requestIrq(action("a", handled, first));
    const request = () => kernel.irq.requestIrq(action("b", handled, second));
    assertEquals(assertThrows(request, KernelError).code, "EBUSY");
    const flags = (shared: boolean) => shared ? "00000080" : "00000000";
    assertEquals(
      kernel.log.records.at(-1)?.text,
      `genirq: Flags mismatch irq 1. ${flags(second)} (b) vs. ${flags(first)} (a)`,
    );
  }
});

Deno.test("freeIrq() stops the handler; what was pending is forgotten; twice is a bug", async () => {
  const { kernel, log, action, set, run } = line("edge");
  const a = action("a", handled);
  kernel.irq.requestIrq(a);
  set(true);
  kernel.irq.freeIrq(a);
  await run();
  assertEquals(log, []);
  assertThrows(() => kernel.irq.freeIrq(a), KernelBug, "already-free IRQ 1");
  kernel.irq.requestIrq(a);
  await run();
  assertEquals(log, []);
});

Deno.test("requestIrq() of a number that was never given out is refused", () => {
  const { kernel, action } = line("edge");
  const request = () => kernel.irq.requestIrq({ ...action("a", handled), irq: 99 });
  assertEquals(assertThrows(request, KernelError).code, "EINVAL");
});

Deno.test("a line that nobody wants is switched off after 100,000 interrupts", async () => {
  const { kernel, log, action, set, run } = line("level");
  kernel.irq.requestIrq(action("a", () => "none"));
  set(true);
  await run();
  assertEquals(log.length, 100_000);
  const messages = kernel.log.records.map(({ level, text }) => `${level} ${text}`);
  assertEquals(messages, [
    '3 irq 1: nobody cared (try booting with the "irqpoll" option)',
    "3 handlers:",
    "3 a",
    "0 Disabling IRQ #1",
  ]);
});

Deno.test("unwanted interrupts that come seldom, or among wanted ones, do not switch a line off", async () => {
  const { kernel, log, action, set, run } = line("level");
  let n = 0;
  kernel.irq.requestIrq(action("a", () => {
    if (++n === 300_000) set(false);
    if (n % 2000 === 0) kernel.clock.advanceByNs(200_000_000);
    return n % 500 === 0 ? "handled" : "none";
  }));
  set(true);
  await run();
  assertEquals(log.length, 300_000);
  assertEquals(kernel.log.records, []);
});

Deno.test("numbers are those of the reference: pl011 13, pmu 14, gpio 15, rtc 16, virtio from 17", async () => {
  const dtb = await Deno.readFile(new URL("../tests/data/virt.dtb", import.meta.url));
  const kernel = new Kernel(new BareMachine(1 << 16, dtb));
  const tree = kernel.tree = unflattenDeviceTree(dtb);
  irqchipInit(kernel, tree);
  timerProbe(kernel, tree);
  const paths = [
    "/pl011@9000000",
    "/pmu",
    "/pl061@9030000",
    "/pl031@9010000",
    "/virtio_mmio@a003800",
    "/virtio_mmio@a003e00",
    "/virtio_mmio@a003800",
  ];
  const irqs = paths.map((path) => irqOfParseAndMap(kernel, ofFindNodeByPath(tree, path)!, 0));
  assertEquals(irqs, [13, 14, 15, 16, 17, 18, 17]);
  // Reference: `17: GIC-0 76 Edge`, `11: GIC-0 27 Level arch_timer`.
  const shown = [11, 13, 14, 17, 18].map((irq) => {
    const { hwirq, trigger } = kernel.irq.descs.get(irq)!;
    return `${irq} ${hwirq} ${trigger}`;
  });
  assertEquals(shown, ["11 27 level", "13 33 level", "14 23 level", "17 76 edge", "18 79 edge"]);
});
