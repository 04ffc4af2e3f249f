/** Checks of interrupts, their parents and their maps. */
import type { CompileNode } from "../compile_node.ts";
import type { CompileProperty } from "../compile_property.ts";
import { NAME } from "../known_names.ts";
import { addrSizeCells, ownAddressCells } from "./cells.ts";
import type { Check, CheckRun, PropertyCheck } from "./check.ts";
import { interruptsExtendedIsCell } from "./providers.ts";
import { phandleReferences } from "./references.ts";
import { isMultiple, isPhandle } from "./values.ts";

/** dtc: node_is_interrupt_provider() */
function isProvider(node: CompileNode): boolean {
  return node.has(NAME["interrupt-controller"]) ||
    node.has(NAME["interrupt-map"]);
}

const INTERRUPTS_PROPERTY: PropertyCheck = {
  name: "interrupts_property",
  level: "warning",
  on: ["interrupts"],
  checkProperty: (run, node, interrupts) => {
    const { length } = interrupts;
    if (!isMultiple(length, 4)) {
      run.failProperty(node, interrupts, `size (${length}) is invalid, expected multiple of 4`);
    }
    const controller = interruptParent(run, node);
    const cells = controller?.property(NAME["#interrupt-cells"]);
    const entry = 4 * (cells?.onlyCell ?? 0);
    if (cells === undefined || isMultiple(length, entry)) return;
    // dtc names the property that the number comes from.
    run.failProperty(node, cells, `size is (${length}), expected multiple of ${entry}`, {
      span: interrupts.place?.nameSpan,
      related: cells.place && [{ span: cells.place.nameSpan, text: "the number comes from here" }],
    });
  },
};

/** `interrupts` of a size that the controller's cells make, as 1.6 has it: it requires nothing. */
export const interruptsProperty16: Check = { ...INTERRUPTS_PROPERTY, only: "1.6" };
/** `interrupts` of a size that the controller's cells make. */
export const interruptsProperty: Check = {
  ...INTERRUPTS_PROPERTY,
  requires: [phandleReferences],
  only: "1.8",
};

/** Who takes a node's interrupts; `undefined`, with a finding where it is due, if nobody is found. */
function interruptParent(run: CheckRun, node: CompileNode): CompileNode | undefined {
  for (let at: CompileNode | undefined = node; at !== undefined; at = at.parent) {
    if (at !== node && isProvider(at)) return at;
    const property = at.property(NAME["interrupt-parent"]);
    if (property !== undefined) return namedParent(run, node, at, property);
  }
  run.fail(node, "missing interrupt-parent");
  return undefined;
}

function namedParent(
  run: CheckRun,
  node: CompileNode,
  at: CompileNode,
  property: CompileProperty,
): CompileNode | undefined {
  const phandle = property.onlyCell ?? 0;
  if (!isPhandle(phandle)) {
    if (run.tree.plugin) return undefined;
    run.failProperty(at, property, "invalid phandle");
    run.fail(node, "missing interrupt-parent");
    return undefined;
  }
  const controller = run.tree.byPhandle.get(phandle);
  if (controller === undefined) run.failProperty(at, property, "bad phandle");
  else if (!isProvider(controller)) {
    run.fail(controller, "missing interrupt-controller or interrupt-map property");
  }
  return controller;
}

/** Who takes interrupts says how many cells one has, and how many an address, as 1.6 has it. */
export const interruptProvider16: Check = {
  name: "interrupt_provider",
  level: "warning",
  only: "1.6",
  having: ["interrupt-controller", "interrupt-map"],
  checkNode: (run, node) => {
    if (!isProvider(node)) return;
    for (const name of ["#interrupt-cells", "#address-cells"]) {
      if (node.has(name)) continue;
      run.fail(node, `missing ${name} in interrupt provider`);
    }
  },
};

/** Who takes interrupts says how many cells one has, and nobody else does. */
export const interruptProvider: Check = {
  name: "interrupt_provider",
  level: "warning",
  requires: [interruptsExtendedIsCell],
  only: "1.8",
  having: ["interrupt-controller", "interrupt-map", "#interrupt-cells"],
  checkNode: (run, node) => {
    const provider = isProvider(node);
    const cells = node.property(NAME["#interrupt-cells"]);
    if (provider && cells === undefined) {
      run.fail(node, "missing '#interrupt-cells' in interrupt provider");
    } else if (!provider && cells !== undefined) {
      run.fail(node, "'#interrupt-cells' found, but node is not an interrupt provider");
    }
  },
};

/** Rows of an interrupt map are whole. */
export const interruptMap: Check = {
  name: "interrupt_map",
  level: "warning",
  requires: [phandleReferences, addrSizeCells, interruptProvider],
  only: "1.8",
  on: ["interrupt-map"],
  checkProperty: (run, node, map) => {
    const address = ownAddressCells(node);
    if (address === undefined) {
      return run.fail(node, "missing '#address-cells' in interrupt-map provider");
    }
    const cells = address + (node.cell(NAME["#interrupt-cells"]) ?? 0);
    const mask = node.property("interrupt-map-mask");
    if (mask !== undefined && mask.length !== 4 * cells) {
      const message = `property size (${mask.length}) is invalid, expected ${4 * cells}`;
      run.failProperty(node, mask, message);
    }
    if (isMultiple(map.length, 4)) return checkRows(run, node, map, cells);
    const message = `property size (${map.length}) is invalid, expected multiple of 4`;
    run.failProperty(node, map, message);
  },
};

function checkRows(
  run: CheckRun,
  node: CompileNode,
  map: CompileProperty,
  childCells: number,
): void {
  const count = map.length / 4;
  for (let index = 0; index < count;) {
    if (index + childCells >= count) {
      const expected = `expected > ${4 * (index + childCells)}`;
      run.failProperty(node, map, `property size (${map.length}) too small, ${expected}`);
      return;
    }
    index += childCells;
    const parent = parentCells(run, node, map, index);
    if (parent === undefined) return;
    index += 1 + parent;
    if (index <= count) continue;
    const expected = `expected ${4 * index}`;
    run.failProperty(node, map, `property size (${map.length}) mismatch, ${expected}`);
  }
}

/** Cells behind the phandle at `index` of a map; `undefined`, with a finding, if nobody knows. */
function parentCells(
  run: CheckRun,
  node: CompileNode,
  map: CompileProperty,
  index: number,
): number | undefined {
  const phandle = map.cell(index);
  const fail = (message: string) => run.failProperty(node, map, message);
  if (!isPhandle(phandle)) {
    if (!run.tree.plugin) fail(`cell ${index} is not a phandle(${phandle | 0})`);
    return undefined;
  }
  const parent = run.tree.byPhandle.get(phandle);
  if (parent === undefined) {
    fail(`could not get phandle(${phandle | 0}) node for (cell ${index})`);
    return undefined;
  }
  const cells = parent.cell(NAME["#interrupt-cells"]);
  if (cells === undefined) {
    const where = `in node ${parent.path} or bad phandle (referred from interrupt-map[${index}])`;
    run.fail(node, `missing property '#interrupt-cells' ${where}`);
    return undefined;
  }
  const address = parent.cell(NAME["#address-cells"]);
  if (address === undefined) {
    fail(`missing property '#address-cells' in node ${parent.path}, using 0 as fallback`);
  }
  return cells + (address ?? 0);
}
