/**
 * Interrupts by number: `/proc/irq/N` and `/sys/kernel/irq/N`.
 *
 * Linux: kernel/irq/proc.c, kernel/irq/irqdesc.c
 *
 * @module
 */
import { type Attribute, Kobject } from "../kobject.ts";
import type { IrqDesc } from "../irq.ts";
import type { Kernel } from "../kernel.ts";
import { type Directory, type Inode, PlainDirectory, textFile } from "../vfs/node.ts";
import { cpuCount } from "./interrupts.ts";

/** All processors as a mask in hexadecimal. */
function allCpus(kernel: Kernel): string {
  return ((1 << cpuCount(kernel)) - 1).toString(16);
}

function cpuList(kernel: Kernel): string {
  const last = cpuCount(kernel) - 1;
  return last === 0 ? "0" : `0-${last}`;
}

/** Linux: register_irq_proc(), register_handler_proc() */
function irqDirectory(kernel: Kernel, desc: IrqDesc): PlainDirectory {
  const dir = new PlainDirectory(0o555);
  const file = (name: string, text: string, mode = 0o444) =>
    dir.add(name, textFile(() => `${text}\n`, mode));
  file("smp_affinity", allCpus(kernel), 0o644);
  file("affinity_hint", "0");
  file("smp_affinity_list", cpuList(kernel), 0o644);
  file("node", "0");
  file("effective_affinity", desc.actions.length > 0 ? "1" : "0");
  file("effective_affinity_list", desc.actions.length > 0 ? "0" : "");
  file("spurious", `count ${desc.count}\nunhandled ${desc.unhandled}\nlast_unhandled 0 ms`);
  for (const { name } of desc.actions) dir.add(name, new PlainDirectory(0o555));
  return dir;
}

/**
 * `/proc/irq`: a folder for each interrupt that had a number when this was made, or that was requested since.
 *
 * Linux: init_irq_proc(), register_irq_proc() in __setup_irq()
 */
export class ProcIrqDirectory implements Directory {
  readonly kind = "dir";
  readonly mode = 0o555;
  readonly #affinity: Inode;
  readonly #early: ReadonlySet<IrqDesc>;

  constructor(readonly kernel: Kernel) {
    this.#affinity = textFile(() => `${allCpus(kernel)}\n`, 0o644);
    this.#early = new Set(kernel.irq.descs.values());
  }

  lookup(name: string): Inode | undefined {
    if (name === "default_smp_affinity") return this.#affinity;
    const desc = this.kernel.irq.descs.get(Number(name));
    return desc === undefined || !this.#shown(desc) ? undefined : irqDirectory(this.kernel, desc);
  }

  *names(): Iterable<string> {
    yield "default_smp_affinity";
    for (const desc of this.kernel.irq.descs.values()) if (this.#shown(desc)) yield `${desc.irq}`;
  }

  #shown(desc: IrqDesc): boolean {
    return desc.requested || this.#early.has(desc);
  }
}

/** One interrupt in sysfs. Linux: irq_kobj_type */
class IrqKobject extends Kobject {
  constructor(readonly kernel: Kernel, readonly desc: IrqDesc) {
    super(`${desc.irq}`);
    this.addGroup({ attrs: IRQ_ATTRS });
  }
}

function attribute(name: string, show: (irq: IrqKobject) => string): Attribute<IrqKobject> {
  return { name, mode: 0o444, show };
}

const IRQ_ATTRS: readonly Attribute<IrqKobject>[] = [
  attribute("per_cpu_count", ({ kernel, desc }) => {
    return `${[desc.count, ...Array<number>(cpuCount(kernel) - 1).fill(0)].join(",")}\n`;
  }),
  attribute("chip_name", () => ""),
  attribute("hwirq", ({ desc }) => `${desc.hwirq}\n`),
  attribute("type", ({ desc }) => `${desc.trigger}\n`),
  attribute("wakeup", () => "disabled\n"),
  attribute("name", () => ""),
  attribute("actions", ({ desc: { actions } }) => {
    return actions.length === 0 ? "" : `${actions.map(({ name }) => name).join(",")}\n`;
  }),
];

/** `/sys/kernel/irq`. Linux: irq_sysfs_init() */
export class SysIrqDirectory implements Directory {
  readonly kind = "dir";
  readonly mode = 0o755;

  constructor(readonly kernel: Kernel) {}

  lookup(name: string): Inode | undefined {
    const desc = this.kernel.irq.descs.get(Number(name));
    return desc === undefined ? undefined : new IrqKobject(this.kernel, desc);
  }

  *names(): Iterable<string> {
    for (const irq of this.kernel.irq.descs.keys()) yield `${irq}`;
  }
}
