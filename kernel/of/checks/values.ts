/** Checks that properties of certain names hold values of certain types. */

import type { CompileProperty } from "../compile_tree.ts";
import type { Check } from "./check.ts";

/** Whether a value is one string: not empty, with a NUL at its end and nowhere else. */
export function isOneString({ data, start, end }: CompileProperty): boolean {
  return end > start && data.indexOf(0, start) === end - 1;
}

/** A check that properties `name` are strings. dtc: check_is_string() */
export function isString(name: string, property: string, level: Check["level"]): Check {
  return {
    name,
    level,
    on: [property],
    checkProperty: (run, node, property) => {
      if (!isOneString(property)) run.failProperty(node, property, "property is not a string");
    },
  };
}
