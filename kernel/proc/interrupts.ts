/**
 * `/proc/interrupts` and `/proc/irq`.
 *
 * Linux: kernel/irq/proc.c, arch/arm64/kernel/smp.c
 *
 * @module
 */
import type { IrqDesc } from "../irq.ts";
import type { Kernel } from "../kernel.ts";

/** What processors tell each other, in the order of their numbers. */
const IPI_TYPES = [
  "Rescheduling interrupts",
  "Function call interrupts",
  "CPU stop interrupts",
  "CPU stop (for crash dump) interrupts",
  "Timer broadcast interrupts",
  "IRQ work interrupts",
  "CPU wake-up interrupts",
];

/** Digits of an interrupt's number at least. */
const NUMBER_WIDTH = 3;
/** Digits of a count at least. */
const COUNT_WIDTH = 10;

/** Counts by processor: all are taken by the first. */
function counts(count: number, cpus: number): string {
  return [count, ...Array<number>(cpus - 1).fill(0)]
    .map((n) => `${n} `.padStart(COUNT_WIDTH + 1)).join("");
}

/** One line. Linux: show_interrupts(), gic_irq_print_chip() */
function line({ irq, hwirq, trigger, count, actions }: IrqDesc, cpus: number): string {
  const kind = trigger === "edge" ? "Edge" : "Level";
  const names = actions.map((action) => action.name).join(", ");
  return `${`${irq}`.padStart(NUMBER_WIDTH)}: ${counts(count, cpus)}GIC-0 ` +
    `${`${hwirq}`.padStart(NUMBER_WIDTH)} ${kind.padEnd(8)}  ${names}\n`;
}

/** Number of processors. */
export function cpuCount(kernel: Kernel): number {
  const listed = kernel.tree?.root.children.find((np) => np.pOF === "/cpus")?.children
    .filter((np) => np.name === "cpu").length ?? 0;
  return kernel.options.cpus ?? Math.max(1, listed);
}

/** The text of `/proc/interrupts`. Linux: show_interrupts(), arch_show_interrupts() */
export function showInterrupts(kernel: Kernel): string {
  const cpus = cpuCount(kernel);
  const head = " ".repeat(NUMBER_WIDTH + 8) +
    Array.from({ length: cpus }, (_, cpu) => `CPU${`${cpu}`.padEnd(8)}`).join("");
  const lines = [...kernel.irq.descs.values()]
    .filter((desc) => desc.actions.length > 0)
    .sort((a, b) => a.irq - b.irq).map((desc) => line(desc, cpus));
  const ipis = IPI_TYPES.map((name, index) => `IPI${index}:${counts(0, cpus)}      ${name}\n`);
  return `${head}\n${lines.join("")}${ipis.join("")}Err: ${"0".padStart(COUNT_WIDTH)}\n`;
}
