import type { Kernel } from "./kernel.ts";
import { Slot } from "./slot.ts";

const CPUS: Slot<number> = new Slot("cpus", (kernel) => {
  if (kernel.options.cpus !== undefined) return kernel.options.cpus;
  const cpus = kernel.tree?.root.children.find((node) => node.name === "cpus");
  const count = cpus?.children.filter((node) => node.name === "cpu").length ?? 0;
  return Math.max(1, Math.min(count, Number(kernel.params.get("maxcpus") ?? Infinity)));
});

/** How many processors the kernel believes in, at least 1. Linux: num_online_cpus() */
export function numOnlineCpus(kernel: Kernel): number {
  return kernel.get(CPUS);
}
