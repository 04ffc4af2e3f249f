/** Checks of I2C and SPI buses and the devices on them. */
import type { CompileNode } from "../compile_node.ts";
import type { CompileProperty } from "../compile_property.ts";
import { NAME } from "../known_names.ts";
import { addressCells, addrSizeCells, regFormat, sizeCells } from "./cells.ts";
import type { Check, CheckRun } from "./check.ts";
import { cellAt } from "./values.ts";

const I2C_BUS = "i2c-bus";
const SPI_BUS = "spi-bus";
/** In `reg`: the address is the bus's own. */
const I2C_OWN_SLAVE_ADDRESS = 2 ** 30;
/** In `reg`: the address has ten bits. */
const I2C_TEN_BIT_ADDRESS = 2 ** 31;

function liveChildren(node: CompileNode): CompileNode[] {
  return node.children.filter(({ deleted }) => !deleted);
}

function checkCells(run: CheckRun, node: CompileNode, bus: string, address: number): void {
  if (addressCells(node) !== address) run.fail(node, `incorrect #address-cells for ${bus} bus`);
  if (sizeCells(node) !== 0) run.fail(node, `incorrect #size-cells for ${bus} bus`);
}

/** Takes note of I2C buses by their names, and looks at their cells. */
export const i2cBusBridge: Check = {
  name: "i2c_bus_bridge",
  level: "warning",
  requires: [addrSizeCells],
  named: ({ base }) => ["i2c", "i2c-bus", "i2c-arb"].includes(base),
  checkNode: (run, node) => {
    const hasBus = liveChildren(node).some(({ baseName }) => baseName === "i2c-bus");
    // dtc 1.6 meant to leave such a node alone, too.
    if (node.baseName === "i2c" && hasBus && run.settings.version !== "1.6") return;
    run.buses.set(node, I2C_BUS);
    if (node.children.length > 0) checkCells(run, node, "I2C", 1);
  },
};

/** The addresses of I2C devices have seven or ten bits, and the first one is the unit address. */
export const i2cBusReg: Check = {
  name: "i2c_bus_reg",
  level: "warning",
  requires: [regFormat, i2cBusBridge],
  onBus: I2C_BUS,
  checkNode: (run, node) => {
    const reg = node.property(NAME.reg);
    if (reg === undefined || reg.length === 0) {
      return run.fail(node, "missing or empty reg property");
    }
    const expected = i2cAddress(reg, 0).toString(16);
    if (node.unitAddress !== expected) {
      run.fail(node, `I2C bus unit address format error, expected "${expected}"`);
    }
    for (let index = 0; 4 * index < reg.length; index++) checkI2cAddress(run, node, reg, index);
  },
};

function i2cAddress(reg: CompileProperty, index: number): number {
  return (cellAt(reg, index) & ~I2C_OWN_SLAVE_ADDRESS) >>> 0;
}

function checkI2cAddress(
  run: CheckRun,
  node: CompileNode,
  reg: CompileProperty,
  index: number,
): void {
  const address = i2cAddress(reg, index);
  const got = `got "0x${address.toString(16)}"`;
  const tenBits = address >= I2C_TEN_BIT_ADDRESS;
  if (tenBits && address - I2C_TEN_BIT_ADDRESS > 0x3ff) {
    run.failProperty(node, reg, `I2C address must be less than 10-bits, ${got}`);
  } else if (address > 0x7f && !(tenBits && run.settings.version !== "1.6")) {
    run.failProperty(node, reg, `I2C address must be less than 7-bits, ${got}`, {
      help: "set bit 31 (I2C_TEN_BIT_ADDRESS) for addresses of ten bits",
    });
  }
}

/** Takes note of SPI buses, by their names or by what their children need, and looks at their cells. */
export const spiBusBridge: Check = {
  name: "spi_bus_bridge",
  level: "warning",
  requires: [addrSizeCells],
  checkNode: (run, node) => {
    if (node.baseName !== "spi") {
      if (sizeCells(node) !== 0 || addressCells(node) !== 1) return;
      if (!liveChildren(node).some(isSpiDevice)) return;
      if (node.has(NAME.reg)) {
        run.fail(node, "node name for SPI buses should be 'spi'");
      }
    }
    run.buses.set(node, SPI_BUS);
    if (node.children.length === 0) return;
    checkCells(run, node, "SPI", !node.has(NAME["spi-slave"]) ? 1 : 0);
  },
};

function isSpiDevice(node: CompileNode): boolean {
  return node.properties.some(({ name, deleted }) => !deleted && name.startsWith("spi-"));
}

/** The unit address of an SPI device is its chip select. */
export const spiBusReg: Check = {
  name: "spi_bus_reg",
  level: "warning",
  requires: [regFormat, spiBusBridge],
  onBus: SPI_BUS,
  checkNode: (run, node) => {
    if (node.parent!.has(NAME["spi-slave"])) return;
    const reg = node.property(NAME.reg);
    if (reg === undefined || reg.length === 0) {
      return run.fail(node, "missing or empty reg property");
    }
    const expected = cellAt(reg, 0).toString(16);
    if (node.unitAddress === expected) return;
    run.fail(node, `SPI bus unit address format error, expected "${expected}"`);
  },
};
