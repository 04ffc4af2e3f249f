/** Checks of `/chosen` and `/aliases`. */
import type { CompileNode } from "../compile_node.ts";
import { NAME } from "../known_names.ts";
import type { Check, CheckRun } from "./check.ts";
import { firstText, isOneString } from "./values.ts";

/** A check of every node called `chosen`, wherever it is. */
function onChosen(name: string, look: (run: CheckRun, node: CompileNode) => void): Check {
  return {
    name,
    level: "warning",
    named: ({ text }) => text === "chosen",
    checkNode: look,
  };
}

function checkString(run: CheckRun, node: CompileNode, name: string): void {
  const property = node.property(name);
  if (property === undefined || isOneString(property)) return;
  run.failProperty(node, property, "property is not a string");
}

/** An old way to name the interrupt controller. */
export const obsoleteChosenInterruptController: Check = {
  name: "obsolete_chosen_interrupt_controller",
  level: "warning",
  checkTree: (run) => {
    const property = run.tree.nodeByPath("/chosen")?.property(NAME["interrupt-controller"]);
    if (property === undefined) return;
    const message = '/chosen has obsolete "interrupt-controller" property';
    run.failProperty(run.tree.root, property, message);
  },
};

/** `chosen` stands below the root. */
export const chosenNodeIsRoot: Check = onChosen("chosen_node_is_root", (run, node) => {
  if (node.parent !== run.tree.root) run.fail(node, "chosen node must be at root node");
});

/** `bootargs` is a string. */
export const chosenNodeBootargs: Check = onChosen(
  "chosen_node_bootargs",
  (run, node) => checkString(run, node, "bootargs"),
);

/** `stdout-path` is a string, and has its new name. */
export const chosenNodeStdoutPath: Check = onChosen("chosen_node_stdout_path", (run, node) => {
  if (node.has("stdout-path")) return checkString(run, node, "stdout-path");
  const old = node.property("linux,stdout-path");
  if (old === undefined) return;
  run.failProperty(node, old, "use 'stdout-path' instead");
  checkString(run, node, "linux,stdout-path");
});

/** Aliases are paths of nodes, and their names are in lower case. */
export const aliasPaths: Check = {
  name: "alias_paths",
  level: "warning",
  named: ({ text }) => text === "aliases",
  checkNode: (run, node) => {
    const external = run.tree.plugin && run.settings.version !== "1.6";
    for (const property of node.properties) {
      const { name, deleted, length } = property;
      if (deleted || name === "phandle" || name === "linux,phandle") continue;
      const path = firstText(property);
      if (!external && (length === 0 || !isPath(run, path))) {
        run.failProperty(node, property, `aliases property is not a valid node (${path})`);
      } else if (!/^[a-z0-9-]*$/.test(name)) {
        run.fail(node, "aliases property name must include only lowercase and '-'", {
          span: property.place?.nameSpan,
        });
      }
    }
  },
};

/** Whether there is a node; two slashes at the end, and the root's own path, dtc does not accept. */
function isPath(run: CheckRun, path: string): boolean {
  return !/(^|\/)\/$/.test(path) && run.tree.nodeByPath(path) !== undefined;
}
