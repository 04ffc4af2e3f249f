/**
 * The interrupt controller and the numbers that Linux gives to its inputs.
 *
 * Linux: drivers/irqchip/irq-gic.c, kernel/irq/irqdomain.c, drivers/of/irq.c
 *
 * @module
 */
import { GIC_PPI, GIC_PPI_BASE, GIC_SPI_BASE, IRQ_TYPE_EDGE_RISING } from "../uapi/irq.ts";
import { IRQ_TYPE_EDGE_FALLING } from "../uapi/irq.ts";
import { fwnodeDevInitialized } from "./base/fwnode.ts";
import { ERRNO } from "./errno.ts";
import type { Trigger } from "./irq.ts";
import type { Kernel } from "./kernel.ts";
import { ofFindMatchingNode } from "./of/base.ts";
import { ofIrqCount, ofIrqInit, tryIrqParseOne } from "./of/irq.ts";
import type { DeviceNode } from "./of/node.ts";
import { isErrno } from "./of/phandle.ts";
import { OF_IRQCHIPS } from "./of/platform.ts";
import type { DeviceTree } from "./of/tree.ts";
import { Slot } from "./slot.ts";

/** Interrupts that processors send each other. */
const SGI_COUNT = 8;

/** Which of the timer node's interrupts a guest uses: time is virtual here, so it never comes. */
const ARCH_TIMER_VIRT_PPI = 2;

/** Controllers that are set up: interrupts of others must wait. */
const IRQ_DOMAINS: Slot<Set<DeviceNode>> = new Slot("irq domains", () => new Set());

/** Sets up the controllers of the tree, parents first. Linux: init_IRQ(), irqchip_init() */
export function irqchipInit(kernel: Kernel, tree: DeviceTree): undefined {
  const domains = kernel.get(IRQ_DOMAINS);
  ofIrqInit(tree, OF_IRQCHIPS, ({ np }) => {
    domains.add(np);
    fwnodeDevInitialized(kernel, np);
    for (let sgi = 0; sgi < SGI_COUNT; sgi++) kernel.irq.createMapping(sgi, "edge");
    return undefined;
  });
}

/** Gives the processor's timers their interrupts. Linux: time_init(), arch_timer_of_init() */
export function timerProbe(kernel: Kernel, tree: DeviceTree): undefined {
  const np = ofFindMatchingNode(tree, undefined, [
    { compatible: "arm,armv7-timer" },
    { compatible: "arm,armv8-timer" },
  ]);
  if (np === undefined) return;
  const irqs = Array.from(
    { length: ofIrqCount(tree, np) },
    (_, index) => irqOfParseAndMap(kernel, np, index),
  );
  const irq = irqs[ARCH_TIMER_VIRT_PPI] ?? 0;
  if (irq === 0) return;
  kernel.irq.requestIrq({ irq, name: "arch_timer", handler: () => "none", shared: false });
}

/** Meaning of a GIC's three cells: its own number and how the line signals. Linux: gic_irq_domain_translate() */
export function gicTranslate(args: readonly number[]): { hwirq: number; trigger: Trigger } {
  const [type, number, flags] = args;
  const hwirq = number + (type === GIC_PPI ? GIC_PPI_BASE : GIC_SPI_BASE);
  const edge = (flags & (IRQ_TYPE_EDGE_RISING | IRQ_TYPE_EDGE_FALLING)) !== 0;
  return { hwirq, trigger: edge ? "edge" : "level" };
}

/**
 * Linux's number of a node's n-th interrupt, given at the first call.
 *
 * Linux: of_irq_get()
 *
 * @returns A number above 0, or a negative errno: `-EPROBE_DEFER` while the controller is not there.
 */
export function ofIrqGet(kernel: Kernel, np: DeviceNode, index: number): number {
  const parsed = tryIrqParseOne(kernel.tree as DeviceTree, np, index);
  if (isErrno(parsed)) return -ERRNO[parsed];
  if (!kernel.get(IRQ_DOMAINS).has(parsed.np)) {
    kernel.found("interrupt controller", parsed.np.path, "not there yet");
    return -ERRNO.EPROBE_DEFER;
  }
  const { hwirq, trigger } = gicTranslate(parsed.args);
  return kernel.irq.createMapping(hwirq, trigger).irq;
}

/** Like {@linkcode ofIrqGet}, but 0 for every error. Linux: irq_of_parse_and_map() */
export function irqOfParseAndMap(kernel: Kernel, np: DeviceNode, index: number): number {
  return Math.max(0, ofIrqGet(kernel, np, index));
}
