/**
 * How an interrupt of a node finds its controller: each parent and each row of a map that was tried.
 *
 * @module
 */
import type { Errno } from "../errno.ts";
import { gicTranslate } from "../irqchip.ts";
import { ofDeviceIsAvailable, ofMatchNode } from "../of/base.ts";
import { type IrqTraceEvent, tryIrqParseOne } from "../of/irq.ts";
import type { DeviceNode } from "../of/node.ts";
import { isErrno } from "../of/phandle.ts";
import { OF_IRQCHIPS } from "../of/platform.ts";
import type { DeviceTree } from "../of/tree.ts";
import { GIC_PPI } from "../../uapi/irq.ts";

/** One thing that was looked at. */
export interface InterruptStep {
  /** Where. */
  readonly path: string;
  /** What, as a sentence without its subject. */
  readonly text: string;
  /** A row of a map that was not taken. */
  readonly rejected?: boolean;
}

/** An interrupt of a node and where it leads. */
export interface InterruptExplanation {
  /** Path of the node. */
  readonly path: string;
  /** Which of its interrupts. */
  readonly index: number;
  /** What was looked at, in order. */
  readonly steps: readonly InterruptStep[];
  /** The controller and the cells that it gets. */
  readonly controller: { readonly path: string; readonly args: readonly number[] } | undefined;
  /** What the cells mean to a GIC: `SPI 47`, its own number of the line, and how it signals. */
  readonly line:
    | { readonly name: string; readonly hwirq: number; readonly trigger: "edge" | "level" }
    | undefined;
  /** What Linux returns when there is none. */
  readonly error: Errno | undefined;
  /** Why there is none. */
  readonly problem: string | undefined;
}

function cellsText(cells: readonly number[]): string {
  return `<${cells.map((cell) => cell > 9 ? `0x${cell.toString(16)}` : cell).join(" ")}>`;
}

function stepOf(event: IrqTraceEvent): InterruptStep {
  const path = event.np?.path ?? "?";
  switch (event.kind) {
    case "extended":
      return { path, text: `is named by interrupts-extended, with ${cellsText(event.args)}` };
    case "parent": {
      const by = event.by === "tree" ? "is above" : "is the interrupt-parent of";
      if (event.np === undefined) {
        const why = event.by === "tree" ? "is the root" : "has an interrupt-parent that no node is";
        return { path: event.child.path, text: why, rejected: true };
      }
      const has = event.np.properties.has("#interrupt-cells");
      const end = has ? "and has #interrupt-cells" : "but has no #interrupt-cells";
      return { path, text: `${by} ${event.child.path}, ${end}` };
    }
    case "interrupts":
      return {
        path,
        text: `takes ${event.args.length} cells of interrupts: ${cellsText(event.args)}`,
      };
    case "row":
      return rowStep(event);
    case "circle":
      return { path, text: "is reached a second time: the maps lead in a circle", rejected: true };
    case "controller":
      return { path, text: `is the controller, and gets ${cellsText(event.args)}` };
  }
}

function rowStep(event: IrqTraceEvent & { kind: "row" }): InterruptStep {
  const { np, row, wanted, cells, mask, parent, args, matches } = event;
  const looked = `row ${row} of interrupt-map: ${cellsText(cells)} & ${cellsText(mask)}`;
  const step = (text: string, rejected: boolean) => ({ path: np.path, text, rejected });
  if (parent === undefined) return step(`${looked} leads nowhere: it is malformed`, true);
  if (!matches) return step(`${looked} is not ${cellsText(wanted)}`, true);
  if (!ofDeviceIsAvailable(parent)) {
    return step(`${looked} matches, but ${parent.path} is not available`, true);
  }
  return step(`${looked} matches: on to ${parent.path} with ${cellsText(args)}`, false);
}

function problemOf(np: DeviceNode, error: Errno, steps: readonly InterruptStep[]): string {
  const last = steps.at(-1);
  const has = np.properties.has("interrupts");
  if (!has && !np.properties.has("interrupts-extended")) return "it has no interrupts";
  if (error === "EOVERFLOW") return "interrupts ends before it";
  if (!has) return "interrupts-extended has no usable entry for it";
  if (last === undefined || last.text.startsWith("is the root")) {
    return "no node above has #interrupt-cells";
  }
  if (last.rejected === true) return `${last.path}: ${last.text}`;
  return error === "ENOENT" ? "no controller follows" : "the map has no row for it";
}

/**
 * Where interrupt `index` of a node leads, by the functions with which Linux finds it.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { embedded, explainInterrupt, unflattenDeviceTree } from "../../mod.ts";
 * await using machine = embedded();
 * const tree = unflattenDeviceTree(machine.dtb);
 * const { controller, line } = explainInterrupt(tree, tree.find("/virtio_mmio@a003e00").node!, 0);
 * assertEquals(controller, { path: "/intc@8000000", args: [0, 47, 1] });
 * assertEquals(line, { name: "SPI 47", hwirq: 79, trigger: "edge" });
 * ```
 */
export function explainInterrupt(
  tree: DeviceTree,
  np: DeviceNode,
  index: number,
): InterruptExplanation {
  const steps: InterruptStep[] = [];
  const found = tryIrqParseOne(
    tree,
    np,
    index,
    (event) => void steps.push(stepOf(event)) as undefined,
  );
  const common = { path: np.path, index, steps };
  if (isErrno(found)) {
    const problem = problemOf(np, found, steps);
    return { ...common, controller: undefined, line: undefined, error: found, problem };
  }
  const controller = { path: found.np.path, args: found.args };
  return {
    ...common,
    controller,
    line: lineOf(found.np, found.args),
    error: undefined,
    problem: undefined,
  };
}

function lineOf(np: DeviceNode, args: readonly number[]): InterruptExplanation["line"] {
  if (ofMatchNode(OF_IRQCHIPS, np) === undefined || args.length !== 3) return undefined;
  const name = `${args[0] === GIC_PPI ? "PPI" : "SPI"} ${args[1]}`;
  return { name, ...gicTranslate(args) };
}

/** Number of interrupts that a node lists, usable or not; at least one if it has the property. */
export function countInterrupts(tree: DeviceTree, np: DeviceNode): number {
  if (!np.properties.has("interrupts") && !np.properties.has("interrupts-extended")) return 0;
  let count = 0;
  while (count < INTERRUPTS_MAX && !isErrno(tryIrqParseOne(tree, np, count))) count++;
  return Math.max(count, 1);
}

/** More are not explained. */
const INTERRUPTS_MAX = 32;
