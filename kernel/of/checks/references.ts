/** The checks that fill in references, and leave out what nothing refers to. */

import { ByteBuffer } from "../byte_buffer.ts";
import { writeBe32 } from "../bytes.ts";
import type { CompileNode } from "../compile_node.ts";
import type { CompileMarker, CompileProperty } from "../compile_property.ts";
import { nearest } from "../dts/suggest.ts";
import { assignPhandle } from "../phandles.ts";
import type { Check, CheckRun } from "./check.ts";
import { duplicateNodeNames } from "./names.ts";
import { explicitPhandles } from "./phandles.ts";

/** Fills in the phandles of nodes that values refer to. Overlays leave what they do not have. */
export const phandleReferences: Check = {
  name: "phandle_references",
  level: "error",
  requires: [duplicateNodeNames, explicitPhandles],
  checkTree: (run) => {
    for (const { node, property } of run.tree.referrers) fillPhandles(run, node, property);
  },
};

function fillPhandles(run: CheckRun, node: CompileNode, property: CompileProperty): void {
  const references = property.markers.filter(({ kind }) => kind === "phandle");
  if (references.length === 0) return;
  const { values } = run.tree;
  values.append(property.data, property.start, property.end);
  values.finish(property);
  for (const marker of references) {
    const target = run.tree.nodeByRef(marker.text);
    if (target !== undefined) {
      target.referenced = true;
      const phandle = assignPhandle(run.tree, target, run.settings.phandleFormat);
      writeBe32(property.data, property.start + marker.offset, phandle);
    } else if (run.tree.plugin) {
      writeBe32(property.data, property.start + marker.offset, 0xffffffff);
    } else reportMissing(run, node, property, marker);
  }
}

function reportMissing(
  run: CheckRun,
  node: CompileNode,
  property: CompileProperty,
  { text, start, end }: CompileMarker,
): void {
  const span = start === undefined || end === undefined ? undefined : { start, end };
  const similar = text.includes("/") ? undefined : nearest(text, run.tree.nodeLabels);
  const help = similar === undefined ? undefined : `did you mean &${similar}?`;
  const message = `reference to non-existent node or label "${text}"`;
  run.failProperty(node, property, message, { span, help });
}

/** Puts in the paths of nodes that values refer to outside of cells. */
export const pathReferences: Check = {
  name: "path_references",
  level: "error",
  requires: [duplicateNodeNames],
  checkTree: (run) => {
    for (const { node, property } of run.tree.referrers) {
      if (property.markers.some(({ kind }) => kind === "path")) insertPaths(run, node, property);
    }
  },
};

/** Puts the text of each path where its marker is, and moves what follows. */
function insertPaths(run: CheckRun, node: CompileNode, property: CompileProperty): void {
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
    if (target === undefined) {
      reportMissing(run, node, property, marker);
      continue;
    }
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
    if (run.settings.symbols && node.labels.length > 0) return;
    if (node.omitIfNoRef && !node.referenced) run.tree.deleteNode(node);
  },
};
