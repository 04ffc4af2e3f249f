import {
  uniqueUnitAddress,
  uniqueUnitAddressIfEnabled,
  unitAddressFormat,
  unitAddressVsReg,
} from "./addresses.ts";
import { alwaysFail } from "./always_fail.ts";
import {
  addressCellsIsCell,
  addrSizeCells,
  avoidDefaultAddrSize,
  avoidUnnecessaryAddrSize,
  dmaRangesFormat,
  rangesFormat,
  regFormat,
  sizeCellsIsCell,
} from "./cells.ts";
import type { Check } from "./check.ts";
import {
  aliasPaths,
  chosenNodeBootargs,
  chosenNodeIsRoot,
  chosenNodeStdoutPath,
  obsoleteChosenInterruptController,
} from "./chosen.ts";
import { graphChildAddress, graphEndpoint, graphNodes, graphPort } from "./graph.ts";
import {
  interruptMap,
  interruptProvider,
  interruptProvider16,
  interruptsProperty,
  interruptsProperty16,
} from "./interrupts.ts";
import { duplicateLabel } from "./labels.ts";
import {
  duplicateNodeNames,
  duplicatePropertyNames,
  nameIsString,
  nameProperties,
  nodeNameChars,
  nodeNameCharsStrict,
  nodeNameFormat,
  nodeNameNotEmpty,
  nodeNameVsPropertyName,
  propertyNameChars,
  propertyNameCharsStrict,
} from "./names.ts";
import { pciBridge, pciDeviceBusNum, pciDeviceReg } from "./pci.ts";
import { explicitPhandles } from "./phandles.ts";
import { deprecatedGpioProperty, gpiosProperty, providerChecks } from "./providers.ts";
import { omitUnusedNodes, pathReferences, phandleReferences } from "./references.ts";
import { i2cBusBridge, i2cBusReg, spiBusBridge, spiBusReg } from "./serial_buses.ts";
import { simpleBusBridge, simpleBusReg } from "./simple_bus.ts";
import {
  compatibleIsStringList,
  deviceTypeIsString,
  labelIsString,
  modelIsString,
  namesIsStringList,
  statusIsString,
} from "./values.ts";
import { virtioDevice, virtioMmio, virtioPciIommu } from "./virtio.ts";

/** All checks, in the order in which they run: dtc's, then ours. dtc: check_table */
export const CHECKS: readonly Check[] = [
  ...[duplicateNodeNames, duplicatePropertyNames],
  ...[nodeNameChars, nodeNameFormat, nodeNameNotEmpty, propertyNameChars],
  ...[nameIsString, nameProperties, nodeNameVsPropertyName],
  ...[duplicateLabel, explicitPhandles, phandleReferences, pathReferences, omitUnusedNodes],
  ...[addressCellsIsCell, sizeCellsIsCell],
  ...[deviceTypeIsString, modelIsString, statusIsString, labelIsString],
  ...[compatibleIsStringList, namesIsStringList],
  ...[propertyNameCharsStrict, nodeNameCharsStrict],
  ...[addrSizeCells, regFormat, rangesFormat, dmaRangesFormat],
  ...[unitAddressVsReg, unitAddressFormat],
  ...[pciBridge, pciDeviceReg, pciDeviceBusNum],
  ...[simpleBusBridge, simpleBusReg],
  ...[i2cBusBridge, i2cBusReg, spiBusBridge, spiBusReg],
  ...[avoidDefaultAddrSize, avoidUnnecessaryAddrSize],
  ...[uniqueUnitAddress, uniqueUnitAddressIfEnabled],
  obsoleteChosenInterruptController,
  ...[chosenNodeIsRoot, chosenNodeBootargs, chosenNodeStdoutPath],
  ...providerChecks,
  ...[deprecatedGpioProperty, gpiosProperty],
  ...[interruptsProperty16, interruptsProperty],
  ...[interruptProvider16, interruptProvider, interruptMap],
  aliasPaths,
  ...[graphNodes, graphChildAddress, graphPort, graphEndpoint],
  alwaysFail,
  ...[virtioMmio, virtioDevice, virtioPciIommu],
];
