/** The check that tests of the switches use. */

import type { Check } from "./check.ts";

/** Fails at every node. */
export const alwaysFail: Check = {
  name: "always_fail",
  level: "off",
  checkNode: (run, node) => run.fail(node, "always_fail check"),
};
