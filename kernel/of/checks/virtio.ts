/** Checks of virtio nodes, by the bindings that Linux documents. dtc has no such checks. */
import type { CompileNode } from "../compile_node.ts";
import type { CompileProperty } from "../compile_property.ts";
import { NAME } from "../known_names.ts";
import { addressCells, sizeCells } from "./cells.ts";
import type { Check, CheckRun } from "./check.ts";
import { compatibleIsStringList, firstText, isCompatible, misspelt } from "./values.ts";

/** Properties with a meaning of their own in `virtio,mmio`; every node may have the others. */
const REQUIRED = ["reg", "interrupts"] as const;

/** Whether a node is what the kernel takes for a device. Linux: of_device_is_available() */
function isAvailable(node: CompileNode): boolean {
  const status = node.property(NAME.status);
  return !node.deleted && (status === undefined || ["ok", "okay"].includes(firstText(status)));
}

function onCompatible(
  name: string,
  compatible: string,
  look: (run: CheckRun, node: CompileNode) => void,
): Check {
  return {
    name,
    level: "warning",
    requires: [compatibleIsStringList],
    on: ["compatible"],
    checkProperty: (run, node, property) => {
      if (isCompatible(property, compatible)) look(run, node);
    },
  };
}

/** `#iommu-cells` of a virtio-iommu is 1. */
function checkIommuCells(run: CheckRun, node: CompileNode, property: CompileProperty): void {
  if (property.onlyCell === 1) return;
  run.failProperty(node, property, "a virtio-iommu has one cell: #iommu-cells = <1>");
}

function checkOneReg(run: CheckRun, node: CompileNode, reg: CompileProperty): void {
  const { parent } = node;
  if (parent === undefined || reg.length === 4 * (addressCells(parent) + sizeCells(parent))) return;
  run.failProperty(node, reg, "a virtio device has one range of registers");
}

/** A slot has one range of registers, one interrupt, and at most one device below it. */
export const virtioMmio: Check = onCompatible("virtio_mmio", "virtio,mmio", (run, node) => {
  for (const name of REQUIRED) {
    const extended = name === "interrupts" && node.has(NAME["interrupts-extended"]);
    if (node.has(name) || extended) continue;
    run.fail(node, `virtio,mmio needs \`${name}\``, misspelt(node, name));
  }
  const reg = node.property(NAME.reg);
  if (reg !== undefined) checkOneReg(run, node, reg);
  const iommuCells = node.property("#iommu-cells");
  if (iommuCells !== undefined) checkIommuCells(run, node, iommuCells);
  const children = node.children.filter(isAvailable);
  if (children.length > 1) {
    run.fail(node, `virtio,mmio has ${children.length} available children, at most 1 is allowed`, {
      help: "Linux refuses the slot's device (EINVAL)",
    });
  }
});

/** What stands below a slot names its device: `virtio,device` and the type in lower hexadecimal. */
export const virtioDevice: Check = onCompatible("virtio_device", "virtio,mmio", (run, node) => {
  for (const child of node.children) {
    if (child.deleted) continue;
    const compatible = child.property(NAME.compatible);
    const text = firstText(compatible);
    if (/^virtio,device[1-9a-f][0-9a-f]{0,7}$/.test(text)) continue;
    const message = compatible === undefined
      ? "the child of a virtio transport needs `compatible`"
      : `"${text}" is not \`virtio,device\` and a type in lower hexadecimal without leading zeros`;
    const details = { help: "Linux leaves the node alone; a disk would be `virtio,device2`" };
    if (compatible === undefined) run.fail(child, message, details);
    else run.failProperty(child, compatible, message, details);
  }
});

/** A virtio-iommu on PCI. */
export const virtioPciIommu: Check = onCompatible(
  "virtio_pci_iommu",
  "virtio,pci-iommu",
  (run, node) => {
    for (const name of ["reg", "#iommu-cells"]) {
      if (node.has(name)) continue;
      run.fail(node, `virtio,pci-iommu needs \`${name}\``, misspelt(node, name));
    }
    const iommuCells = node.property("#iommu-cells");
    if (iommuCells !== undefined) checkIommuCells(run, node, iommuCells);
    const iommus = node.property("iommus");
    if (iommus !== undefined) run.failProperty(node, iommus, "an iommu is not behind another");
  },
);
