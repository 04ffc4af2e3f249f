/** Checks of unit addresses, the part of a node's name behind the `@`. */
import type { CompileNode } from "../compile_node.ts";
import { NAME } from "../known_names.ts";
import { avoidDefaultAddrSize, ownAddressCells, ownSizeCells } from "./cells.ts";
import type { Check, CheckRun } from "./check.ts";
import { nodeNameFormat } from "./names.ts";
import { pciBridge } from "./pci.ts";
import { simpleBusBridge } from "./simple_bus.ts";
import { firstText, misspelt } from "./values.ts";

/** Of so many nodes at one address the rest is not paired any more. */
const PAIRED_MAX = 64;

/** A unit address and a `reg` or `ranges` go together. */
export const unitAddressVsReg: Check = {
  name: "unit_address_vs_reg",
  level: "warning",
  checkNode: (run, node) => {
    if (node.children.length > 0 && node.child("__overlay__") !== undefined) return;
    const ranges = node.property(NAME.ranges);
    const addressed = node.has(NAME.reg) || (ranges?.length ?? 0) > 0;
    const named = node.unitAddress !== "";
    if (addressed && !named) {
      run.fail(node, "node has a reg or ranges property, but no unit name", {
        help: "put `@` and the first address behind its name",
      });
    } else if (!addressed && named) {
      run.fail(node, "node has a unit name, but no reg or ranges property", misspelt(node, "reg"));
    }
  },
};

/** Hexadecimal digits without `0x` and without zeros in front, unless the bus has its own form. */
export const unitAddressFormat: Check = {
  name: "unit_address_format",
  level: "warning",
  requires: [nodeNameFormat, pciBridge, simpleBusBridge],
  named: ({ unitAddress }) => /^0[0-9a-fA-Fx]/.test(unitAddress),
  checkNode: (run, node) => {
    if (node.parent !== undefined && run.buses.has(node.parent)) return;
    let address = node.unitAddress;
    if (address.startsWith("0x")) {
      run.fail(node, 'unit name should not have leading "0x"');
      address = address.slice(2);
    }
    if (/^0[0-9a-fA-F]/.test(address)) run.fail(node, "unit name should not have leading 0s");
  },
};

/** No two children at one address. */
export const uniqueUnitAddress: Check = {
  name: "unique_unit_address",
  level: "warning",
  requires: [avoidDefaultAddrSize],
  checkTree: (run) => checkUnique(run, () => true),
};

/** No two children at one address that are not disabled. */
export const uniqueUnitAddressIfEnabled: Check = {
  name: "unique_unit_address_if_enabled",
  level: "off",
  requires: [avoidDefaultAddrSize],
  checkTree: (run) =>
    checkUnique(run, (child) => firstText(child.property(NAME.status)) !== "disabled"),
};

function checkUnique(run: CheckRun, counts: (child: CompileNode) => boolean): void {
  // The last bus with a node at each address. One map for all: most have the same addresses.
  const seen = new Map<string, { bus: CompileNode; nodes: CompileNode[] }>();
  run.tree.eachNamed("#address-cells", (node) => {
    if (ownAddressCells(node) === undefined || ownSizeCells(node) === undefined) return;
    for (const child of node.children) {
      const address = child.unitAddress;
      if (child.deleted || address === "" || !counts(child)) continue;
      const others = seen.get(address);
      if (others?.bus === node) reportPairs(run, others.nodes, child);
      else seen.set(address, { bus: node, nodes: [child] });
    }
  });
}

function reportPairs(run: CheckRun, others: CompileNode[], child: CompileNode): void {
  for (const other of others) {
    const related = child.places.length === 0
      ? undefined
      : [{ span: child.places[0].nameSpan, text: "and here" }];
    run.fail(other, `duplicate unit-address (also used in node ${child.path})`, { related });
  }
  if (others.length < PAIRED_MAX) others.push(child);
}
