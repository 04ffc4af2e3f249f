/** Checks of simple buses and what is on them. */
import type { CompileNode } from "../compile_node.ts";
import { NAME } from "../known_names.ts";
import { addressCells, addrSizeCells, regFormat } from "./cells.ts";
import type { Check } from "./check.ts";
import { cellAt, compatibleIsStringList, isCompatible } from "./values.ts";

const SIMPLE_BUS = "simple-bus";

/** Takes note of simple buses. */
export const simpleBusBridge: Check = {
  name: "simple_bus_bridge",
  level: "warning",
  requires: [addrSizeCells, compatibleIsStringList],
  on: ["compatible"],
  checkProperty: (run, node, compatible) => {
    if (isCompatible(compatible, SIMPLE_BUS)) run.buses.set(node, SIMPLE_BUS);
  },
};

/** The unit address is the first address of `reg`, or the parent's of `ranges`. */
export const simpleBusReg: Check = {
  name: "simple_bus_reg",
  level: "warning",
  requires: [regFormat, simpleBusBridge],
  onBus: SIMPLE_BUS,
  checkNode: (run, node) => {
    const parent = node.parent!;
    const expected = firstAddress(node, addressCells(parent));
    if (expected !== undefined) {
      if (node.unitAddress === expected) return;
      run.fail(node, `simple-bus unit address format error, expected "${expected}"`);
    } else if (parent.parent !== undefined && run.buses.get(node) !== SIMPLE_BUS) {
      run.fail(node, "missing or empty reg/ranges property");
    }
  },
};

/** The address of the first entry, its last 64 bits, in hexadecimal; `undefined` if there is none. */
function firstAddress(node: CompileNode, cells: number): string | undefined {
  const reg = node.property(NAME.reg);
  const property = reg ?? node.property(NAME.ranges);
  if (property === undefined || property.length === 0) return undefined;
  const start = property === reg ? 0 : addressCells(node);
  const low = cells > 0 ? cellAt(property, start + cells - 1) : 0;
  const high = cells > 1 ? cellAt(property, start + cells - 2) : 0;
  if (high === 0) return low.toString(16);
  return high.toString(16) + low.toString(16).padStart(8, "0");
}
