/** The checks that fill in references, and leave out what nothing refers to. */

import { ByteBuffer } from "../byte_buffer.ts";
import { writeBe32 } from "../bytes.ts";
import type { CompileNode } from "../compile_node.ts";
import type { CompileProperty } from "../compile_property.ts";
import type { CompileMarker } from "../markers.ts";
import { nearest } from "../dts/suggest.ts";
import { assignPhandle } from "../phandles.ts";
import { NO_ROW } from "../rows.ts";
import type { Check, CheckRun } from "./check.ts";
import { duplicateNodeNames } from "./names.ts";
import { explicitPhandles } from "./phandles.ts";

/** Fills in the phandles of nodes that values refer to. Overlays leave what they do not have. */
export const phandleReferences: Check = {
  name: "phandle_references",
  level: "error",
  requires: [duplicateNodeNames, explicitPhandles],
  checkTree: (run) => {
    run.tree.eachReferrer((node, property) => {
      if (property.hasMarker("phandle")) fillPhandles(run, node, property);
    });
  },
};

function fillPhandles(run: CheckRun, node: CompileNode, property: CompileProperty): void {
  const { tree, settings } = run;
  const { markers } = node.table.properties;
  tree.values.append(property.data, property.start, property.end);
  tree.values.finish(property);
  const { data, start } = property;
  property.eachMarker("phandle", (offset, row) => {
    const target = tree.nodeByRefName(markers.nameAt(row));
    if (target !== undefined) {
      target.referenced = true;
      writeBe32(data, start + offset, assignPhandle(tree, target, settings.phandleFormat));
    } else if (tree.plugin) writeBe32(data, start + offset, 0xffffffff);
    else reportMissing(run, node, property, row);
  });
}

function reportMissing(
  run: CheckRun,
  node: CompileNode,
  property: CompileProperty,
  row: number,
): void {
  const { properties: { markers }, names } = node.table;
  const text = names.text(markers.nameAt(row));
  const similar = text.includes("/") ? undefined : nearest(text, run.tree.nodeLabels);
  const help = similar === undefined ? undefined : `did you mean &${similar}?`;
  const message = `reference to non-existent node or label "${text}"`;
  run.failProperty(node, property, message, { span: markers.spanAt(row), help });
}

/** Puts in the paths of nodes that values refer to outside of cells. */
export const pathReferences: Check = {
  name: "path_references",
  level: "error",
  requires: [duplicateNodeNames],
  checkTree: (run) => {
    run.tree.eachReferrer((node, property) => {
      if (property.hasMarker("path")) insertPaths(run, node, property);
    });
  },
};

/** Puts the text of each path where its marker is, and moves what follows. */
function insertPaths(run: CheckRun, node: CompileNode, property: CompileProperty): void {
  const table = node.table.properties.markers;
  property.eachMarker("path", (_, row) => {
    const missing = run.tree.nodeByRefName(table.nameAt(row)) === undefined;
    if (missing) reportMissing(run, node, property, row);
  });
  const out = new ByteBuffer();
  const moved: CompileMarker[] = [];
  const { value } = property;
  let taken = 0;
  for (const marker of property.markers) {
    out.append(value, taken, marker.offset);
    taken = marker.offset;
    moved.push({ ...marker, offset: out.length });
    if (marker.kind !== "path") continue;
    const target = run.tree.nodeByRef(marker.text);
    if (target === undefined) continue;
    target.referenced = true;
    out.text(target.path);
  }
  out.append(value, taken);
  property.value = out.view();
  property.markers = moved;
}

/** Leaves out nodes that are marked so and that nothing refers to. */
export const omitUnusedNodes: Check = {
  name: "omit_unused_nodes",
  level: "error",
  requires: [phandleReferences, pathReferences],
  checkNode: (run, node) => {
    if (run.settings.symbols && node.labelList !== NO_ROW) return;
    if (node.omitIfNoRef && !node.referenced) run.tree.deleteNode(node);
  },
};
