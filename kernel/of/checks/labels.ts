/** The check of labels. */

import type { CompileNode } from "../compile_node.ts";
import type { CompileProperty } from "../compile_property.ts";
import type { CompileTree } from "../compile_tree.ts";
import type { Span } from "../dts/source.ts";
import type { Check } from "./check.ts";

/** A label and what it stands at: a node, a property, or a place in a value. */
interface Owner {
  readonly name: string;
  readonly span: Partial<Span> | undefined;
  readonly node: CompileNode;
  readonly property: CompileProperty | undefined;
  /** Offset in the value, `undefined` outside. */
  readonly offset: number | undefined;
}

/** One label at two places. Labels of nodes count as first, then those of properties. */
export const duplicateLabel: Check = {
  name: "duplicate_label",
  level: "error",
  checkTree: (run) => {
    const inProperties = [...propertyLabels(run.tree)];
    if (!run.tree.sharesLabels && inProperties.length === 0) return;
    const first = new Map<string, Owner>();
    for (const owner of [...nodeLabels(run.tree), ...inProperties]) {
      const other = first.get(owner.name);
      if (other === undefined) first.set(owner.name, owner);
      else if (!isSame(owner, other)) {
        const message = `duplicate label '${owner.name}' on ${name(owner)} and ${name(other)}`;
        const span = place(owner);
        const there = place(other);
        const related = there && [{ span: there, text: "first defined here" }];
        run.fail(owner.node, message, { span, related });
      }
    }
  },
};

function* nodeLabels(tree: CompileTree): Generator<Owner> {
  for (const node of tree.labelledNodes) {
    for (const { name, span, deleted } of node.labels) {
      if (!deleted) yield { name, span, node, property: undefined, offset: undefined };
    }
  }
}

function* propertyLabels(tree: CompileTree): Generator<Owner> {
  const inValues: Owner[] = [];
  for (const { node, property } of tree.labelledProperties) {
    for (const { name, span, deleted } of property.labels) {
      if (!deleted) yield { name, span, node, property, offset: undefined };
    }
    for (const marker of property.markers) {
      if (marker.kind !== "label") continue;
      inValues.push({ name: marker.text, span: marker, node, property, offset: marker.offset });
    }
  }
  yield* inValues;
}

function isSame(a: Owner, b: Owner): boolean {
  return a.node === b.node && a.property?.row === b.property?.row && a.offset === undefined &&
    b.offset === undefined;
}

function name({ node, property, offset }: Owner): string {
  if (property === undefined) return node.path;
  return `${offset === undefined ? "" : "value of "}'${property.name}' in ${node.path}`;
}

function place({ span }: Owner): Span | undefined {
  const { start = -1, end = -1 } = span ?? {};
  return start < 0 ? undefined : { start, end };
}
