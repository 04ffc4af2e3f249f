/** Checks of PCI buses and the devices on them. */
import type { CompileNode } from "../compile_node.ts";
import type { CompileProperty } from "../compile_property.ts";
import { NAME } from "../known_names.ts";
import { addressCells, addrSizeCells, regFormat, sizeCells } from "./cells.ts";
import type { Check, CheckRun } from "./check.ts";
import { cellAt, deviceTypeIsString, firstText } from "./values.ts";

/** Cells of an address on a PCI bus. */
const PCI_ADDRESS_CELLS = 3;
/** Cells of a size on a PCI bus. */
const PCI_SIZE_CELLS = 2;
const BUS_NUMBER_MAX = 255;

/** Takes note of PCI bridges, and looks at their names, cells and bus numbers. */
export const pciBridge: Check = {
  name: "pci_bridge",
  level: "warning",
  requires: [deviceTypeIsString, addrSizeCells],
  on: ["device_type"],
  checkProperty: (run, node, deviceType) => {
    if (firstText(deviceType) !== "pci") return;
    run.buses.set(node, "PCI");
    if (node.baseName !== "pci" && node.baseName !== "pcie") {
      run.fail(node, 'node name is not "pci" or "pcie"');
    }
    if (!node.has(NAME.ranges)) {
      run.fail(node, "missing ranges for PCI bridge (or not a bridge)");
    }
    if (addressCells(node) !== PCI_ADDRESS_CELLS) {
      run.fail(node, "incorrect #address-cells for PCI bridge");
    }
    if (sizeCells(node) !== PCI_SIZE_CELLS) {
      run.fail(node, "incorrect #size-cells for PCI bridge");
    }
    const busRange = node.property("bus-range");
    if (busRange !== undefined) checkBusRange(run, node, busRange);
  },
};

function checkBusRange(run: CheckRun, node: CompileNode, busRange: CompileProperty): void {
  if (busRange.length !== 8) return run.failProperty(node, busRange, "value must be 2 cells");
  if (busRange.cell(0) > busRange.cell(1)) {
    run.failProperty(node, busRange, "1st cell must be less than or equal to 2nd cell");
  }
  if (busRange.cell(1) > BUS_NUMBER_MAX) {
    run.failProperty(node, busRange, "maximum bus number must be less than 256");
  }
}

/** Looks at the `reg` of devices on PCI buses. */
function onPci(
  name: string,
  look: (run: CheckRun, node: CompileNode, bus: CompileNode, reg: CompileProperty) => void,
): Check {
  return {
    name,
    level: "warning",
    requires: [regFormat, pciBridge],
    on: ["reg"],
    checkProperty: (run, node, reg) => {
      const { parent } = node;
      if (parent !== undefined && run.buses.get(parent) === "PCI") look(run, node, parent, reg);
    },
  };
}

/** The bus number in `reg` is one of the bridge's. */
export const pciDeviceBusNum: Check = onPci("pci_device_bus_num", (run, node, bus, reg) => {
  const number = cellAt(reg, 0) >>> 16 & 0xff;
  const range = bus.property("bus-range");
  const first = range === undefined ? 0 : cellAt(range, 0);
  // dtc 1.6 compares with the first number twice.
  const last = range === undefined ? 0 : cellAt(range, run.settings.version === "1.6" ? 0 : 1);
  if (number >= first && number <= last) return;
  const message = `PCI bus number ${number} out of range, expected (${first} - ${last})`;
  const details = { span: reg.place?.nameSpan };
  // dtc names the property that it looked at last.
  if (range === undefined) run.fail(node, message, details);
  else run.failProperty(node, range, message, details);
});

/** `reg` is an address in configuration space, and the unit address is device and function. */
export const pciDeviceReg: Check = onPci("pci_device_reg", (run, node, _bus, reg) => {
  const fail = (message: string) => run.failProperty(node, reg, message);
  const address = cellAt(reg, 0);
  if (cellAt(reg, 1) !== 0 || cellAt(reg, 2) !== 0) {
    fail("PCI reg config space address cells 2 and 3 must be 0");
  }
  if (address >>> 24 !== 0) fail("PCI reg address is not configuration space");
  if ((address & 0xff) !== 0) {
    fail("PCI reg config space address register number must be 0");
  }
  const device = (address >>> 11 & 0x1f).toString(16);
  const func = address >>> 8 & 7;
  const full = `${device},${func}`;
  if (node.unitAddress === full || func === 0 && node.unitAddress === device) return;
  run.fail(node, `PCI unit address format error, expected "${full}"`);
});
