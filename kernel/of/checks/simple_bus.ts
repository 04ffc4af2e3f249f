/** Checks of simple buses and what is on them. */
import type { CompileNode } from "../compile_node.ts";
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
  checkProperty: (run, node) => {
    if (isCompatible(node, SIMPLE_BUS)) run.buses.set(node, SIMPLE_BUS);
  },
};

/** The unit address is the first address of `reg`, or the parent's of `ranges`. */
export const simpleBusReg: Check = {
  name: "simple_bus_reg",
  level: "warning",
  requires: [regFormat, simpleBusBridge],
  checkNode: (run, node) => {
    const { parent } = node;
    if (parent === undefined || run.buses.get(parent) !== SIMPLE_BUS) return;
    const address = firstAddress(node, addressCells(parent));
    if (address !== undefined) {
      const expected = address.toString(16);
      if (node.unitAddress === expected) return;
      run.fail(node, `simple-bus unit address format error, expected "${expected}"`);
    } else if (parent.parent !== undefined && run.buses.get(node) !== SIMPLE_BUS) {
      run.fail(node, "missing or empty reg/ranges property");
    }
  },
};

/** The address of the first entry, its last 64 bits; `undefined` if there is none. */
function firstAddress(node: CompileNode, cells: number): bigint | undefined {
  const reg = node.property("reg");
  const property = reg ?? node.property("ranges");
  if (property === undefined || property.length === 0) return undefined;
  const start = property === reg ? 0 : addressCells(node);
  let address = 0n;
  for (let index = Math.max(0, cells - 2); index < cells; index++) {
    address = address << 32n | BigInt(cellAt(property, start + index));
  }
  return address;
}
