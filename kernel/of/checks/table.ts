import { alwaysFail } from "./always_fail.ts";
import type { Check } from "./check.ts";
import { duplicateLabel } from "./labels.ts";
import {
  duplicateNodeNames,
  duplicatePropertyNames,
  nameIsString,
  nameProperties,
  nodeNameChars,
  nodeNameFormat,
  nodeNameNotEmpty,
  propertyNameChars,
} from "./names.ts";
import { explicitPhandles } from "./phandles.ts";
import { omitUnusedNodes, pathReferences, phandleReferences } from "./references.ts";

/** All checks, in the order in which they run. dtc: check_table */
export const CHECKS: readonly Check[] = [
  duplicateNodeNames,
  duplicatePropertyNames,
  nodeNameChars,
  nodeNameFormat,
  nodeNameNotEmpty,
  propertyNameChars,
  nameIsString,
  nameProperties,
  duplicateLabel,
  explicitPhandles,
  phandleReferences,
  pathReferences,
  omitUnusedNodes,
  alwaysFail,
];
