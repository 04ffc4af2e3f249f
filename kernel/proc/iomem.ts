import { hex8, type Region } from "../io.ts";

/** Deepest level that gets an indent of its own. Linux: MAX_IORES_LEVEL */
const MAX_LEVEL = 5;

/**
 * The lines below `root`, two blanks deeper per level.
 *
 * Linux: r_show()
 */
export function showResources(root: Region, level = 0): string {
  const indent = " ".repeat(2 * Math.min(level, MAX_LEVEL));
  return root.children.map((region) =>
    `${indent}${hex8(region.start)}-${hex8(region.end)} : ${region.name}\n` +
    showResources(region, level + 1)
  ).join("");
}
