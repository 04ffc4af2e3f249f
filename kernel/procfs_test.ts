import { assertEquals } from "@std/assert";
import { BareMachine } from "../tests/bare_machine.ts";
import { Kernel } from "./kernel.ts";
import { showInterrupts } from "./proc/interrupts.ts";
import { showResources } from "./proc/iomem.ts";

const makeKernel = (cpus = 1) => new Kernel(new BareMachine(1 << 16), { log: false, cpus });

// From /proc/interrupts of the reference machine, less the lines of devices that are not made here.
const RECORDED = `           CPU0       
 13:          0 GIC-0  33 Level     uart-pl011
 17:          1 GIC-0  76 Edge      virtio0
IPI0:         0       Rescheduling interrupts
IPI1:         0       Function call interrupts
IPI2:         0       CPU stop interrupts
IPI3:         0       CPU stop (for crash dump) interrupts
IPI4:         0       Timer broadcast interrupts
IPI5:         0       IRQ work interrupts
IPI6:         0       CPU wake-up interrupts
Err:          0
`;

Deno.test("showInterrupts() prints lines with handlers in Linux's columns", () => {
  const kernel = makeKernel();
  for (let hwirq = 0; hwirq < 12; hwirq++) kernel.irq.createMapping(hwirq, "edge");
  const handler = () => "handled" as const;
  const add = (hwirq: number, trigger: "edge" | "level", name: string) => {
    const desc = kernel.irq.createMapping(hwirq, trigger);
    kernel.irq.requestIrq({ irq: desc.irq, name, handler, shared: false });
    return desc;
  };
  add(33, "level", "uart-pl011");
  for (const hwirq of [23, 66, 34]) kernel.irq.createMapping(hwirq, "level");
  add(76, "edge", "virtio0").count = 1;
  assertEquals(showInterrupts(kernel), RECORDED);
});

Deno.test("showInterrupts() has a column for each processor", () => {
  const [head, ipi] = showInterrupts(makeKernel(2)).split("\n");
  assertEquals(head, "           CPU0       CPU1       ");
  assertEquals(ipi, "IPI0:         0          0       Rescheduling interrupts");
});

Deno.test("showResources() indents claimed ranges below their owners", () => {
  const { io } = makeKernel();
  io.insertResource("pl011@9000000", 0x9000000, 0x9000fff);
  io.requestMemRegion("9000000.pl011 pl011@9000000", 0x9000000, 0x1000);
  io.insertResource("PCI ECAM", 0x4010000000, 0x401fffffff);
  assertEquals(
    showResources(io.root),
    "09000000-09000fff : pl011@9000000\n" +
      "  09000000-09000fff : 9000000.pl011 pl011@9000000\n" +
      "4010000000-401fffffff : PCI ECAM\n",
  );
});
