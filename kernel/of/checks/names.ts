/** Checks of names: characters, format, duplicates. */

import { latin1 } from "../bytes.ts";
import type { CompileNode } from "../compile_node.ts";
import type { CompileProperty } from "../compile_property.ts";
import { NAME } from "../known_names.ts";
import type { Check, CheckRun, FindingDetails } from "./check.ts";
import { NO_ROW } from "../rows.ts";
import { isString } from "./values.ts";

const BAD_IN_NODE_NAME = /[^a-zA-Z0-9,._+@-]/;
const NOT_RECOMMENDED = /[^a-zA-Z0-9,-]/;
const BAD_IN_PROPERTY_NAME = /[^a-zA-Z0-9,._+*#?-]/;

/** A live node before another entry of its name, even one that deletes it. */
export const duplicateNodeNames: Check = {
  name: "duplicate_node_names",
  level: "error",
  checkTree: (run) => {
    // The last parent of each name. One list for all nodes: nearly all have names of their own.
    const parents = new Int32Array(run.tree.root.table.names.count).fill(NO_ROW);
    const { nodes } = run.tree;
    for (let at = 0; at < nodes.length; at++) {
      const node = nodes[at];
      for (let index = 0; index < node.children.length; index++) {
        const child = node.children[index];
        const number = child.nameNumber;
        if (parents[number] === node.row) checkDuplicate(run, node, child);
        else parents[number] = node.row;
      }
    }
  },
};

function checkDuplicate(run: CheckRun, node: CompileNode, child: CompileNode): void {
  const first = node.childSlot(child.nameNumber)!;
  const live = first.deleted ? node.child(child.name) : first;
  if (live === undefined || live === child) return;
  if (live !== first && node.children.indexOf(live) > node.children.indexOf(child)) return;
  run.fail(child, "duplicate node name", firstPlace(live));
}

function firstPlace(node: CompileNode): FindingDetails {
  if (node.places.length === 0) return {};
  return { related: [{ span: node.places[0].nameSpan, text: "first defined here" }] };
}

/** Two properties of one name. */
export const duplicatePropertyNames: Check = {
  name: "duplicate_property_names",
  level: "error",
  checkTree: (run) => {
    for (const { node, property } of run.tree.duplicateProperties) {
      const first = node.property(property.name)?.place;
      const related = first && [{ span: first.nameSpan, text: "first defined here" }];
      run.failProperty(node, property, "duplicate property name", { related });
    }
  },
};

/** Characters that names of nodes must not have. */
export const nodeNameChars: Check = {
  name: "node_name_chars",
  level: "error",
  named: ({ text }) => BAD_IN_NODE_NAME.test(text),
  checkNode: (run, node) => {
    const bad = BAD_IN_NODE_NAME.exec(node.name)?.[0];
    run.fail(node, `bad character '${bad}' in node name`);
  },
};

/** More than one `@`. */
export const nodeNameFormat: Check = {
  name: "node_name_format",
  level: "error",
  requires: [nodeNameChars],
  named: ({ unitAddress }) => unitAddress.includes("@"),
  checkNode: (run, node) => run.fail(node, "multiple '@' characters in node name"),
};

/** Characters that names of nodes should not have, in front of the `@`. */
export const nodeNameCharsStrict: Check = {
  name: "node_name_chars_strict",
  level: "off",
  named: ({ base }) => NOT_RECOMMENDED.test(base),
  checkNode: (run, node) => {
    const bad = NOT_RECOMMENDED.exec(node.baseName)?.[0];
    run.fail(node, `character '${bad}' not recommended in node name`);
  },
};

/** A node and a property of one name: old firmware has both in one place. */
export const nodeNameVsPropertyName: Check = {
  name: "node_name_vs_property_name",
  level: "warning",
  requires: [nodeNameChars],
  checkNode: (run, node) => {
    const property = node.parent?.property(node.nameNumber);
    if (property === undefined) return;
    const place = property.place?.nameSpan;
    run.fail(node, "node name and property name conflict", {
      related: place && [{ span: place, text: "the property is here" }],
    });
  },
};

/** Nothing in front of the `@`, or no name at all. */
export const nodeNameNotEmpty: Check = {
  name: "node_name_not_empty",
  level: "error",
  requires: [nodeNameChars],
  only: "1.8",
  named: ({ base }) => base === "",
  checkNode: (run, node) => {
    if (node.parent !== undefined) run.fail(node, "empty node name");
  },
};

/** Characters that names of properties must not have. */
export const propertyNameChars: Check = {
  name: "property_name_chars",
  level: "error",
  on: (name) => BAD_IN_PROPERTY_NAME.test(name),
  checkProperty: (run, node, property) => {
    const bad = BAD_IN_PROPERTY_NAME.exec(property.name)?.[0];
    run.failProperty(node, property, `bad character '${bad}' in property name`);
  },
};

/** Characters that names of properties should not have. */
export const propertyNameCharsStrict: Check = {
  name: "property_name_chars_strict",
  level: "off",
  on: (name) => notRecommended(name) !== undefined,
  checkProperty: (run, node, property) => {
    const bad = notRecommended(property.name);
    run.failProperty(node, property, `character '${bad}' not recommended in property name`);
  },
};

/** The first such character; `#` may stand at the start, and behind the vendor's comma. */
function notRecommended(name: string): string | undefined {
  if (name === "device_type") return undefined;
  const first = NOT_RECOMMENDED.exec(name);
  if (first === null) return undefined;
  const leading = first[0] === "#" && (first.index === 0 || name[first.index - 1] === ",");
  return leading ? NOT_RECOMMENDED.exec(name.slice(first.index + 1))?.[0] : first[0];
}

/** A property `name` that is no string. */
export const nameIsString: Check = isString("name_is_string", "name", "error");

/** A property `name` must repeat the node's name, and is left out then. */
export const nameProperties: Check = {
  name: "name_properties",
  level: "error",
  requires: [nameIsString],
  having: ["name"],
  checkNode: (run, node) => checkName(run, node, node.slot(NAME.name)!),
};

function checkName(run: CheckRun, node: CompileNode, property: CompileProperty): void {
  const { data, start, end } = property;
  const { baseName } = node;
  if (end - start === baseName.length + 1 && latin1(data, start, end - 1) === baseName) {
    run.tree.dropProperty(node, property);
    return;
  }
  const help = "leave it out: the node's name says the same";
  run.failProperty(node, property, `"name" property is not the base node name "${baseName}"`, {
    help,
  });
}
