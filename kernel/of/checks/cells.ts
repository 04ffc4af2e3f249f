/** Checks of what `#address-cells` and `#size-cells` say about the values of children. */
import type { CompileNode } from "../compile_node.ts";
import type { CompileProperty } from "../compile_property.ts";
import { NAME } from "../known_names.ts";
import type { Check, CheckRun } from "./check.ts";
import { isCell, isMultiple, misspelt } from "./values.ts";

/** What counts where `#address-cells` is missing. */
const DEFAULT_ADDRESS_CELLS = 2;
/** What counts where `#size-cells` is missing. */
const DEFAULT_SIZE_CELLS = 1;

/** Cells of an address below a node as it says itself, `undefined` if it does not. dtc: node->addr_cells */
export function ownAddressCells(node: CompileNode): number | undefined {
  return declared(node, NAME["#address-cells"]);
}

/** Cells of a size below a node as it says itself, `undefined` if it does not. dtc: node->size_cells */
export function ownSizeCells(node: CompileNode): number | undefined {
  return declared(node, NAME["#size-cells"]);
}

/** All ones mean nothing: dtc takes them for its own mark of a missing property. */
function declared(node: CompileNode, name: number): number | undefined {
  const cell = node.cell(name);
  return cell === 0xffffffff ? undefined : cell;
}

/** Cells of an address below a node. dtc: node_addr_cells() */
export function addressCells(node: CompileNode): number {
  return ownAddressCells(node) ?? DEFAULT_ADDRESS_CELLS;
}

/** Cells of a size below a node. dtc: node_size_cells() */
export function sizeCells(node: CompileNode): number {
  return ownSizeCells(node) ?? DEFAULT_SIZE_CELLS;
}

/** `#address-cells` is a cell. */
export const addressCellsIsCell: Check = isCell("address_cells_is_cell", "#address-cells");
/** `#size-cells` is a cell. */
export const sizeCellsIsCell: Check = isCell("size_cells_is_cell", "#size-cells");

/** Both are cells: what all checks of addresses build on. dtc: fixup_addr_size_cells() */
export const addrSizeCells: Check = {
  name: "addr_size_cells",
  level: "warning",
  requires: [addressCellsIsCell, sizeCellsIsCell],
  checkTree: () => {},
};

/** `reg` consists of whole entries. */
export const regFormat: Check = {
  name: "reg_format",
  level: "warning",
  requires: [addrSizeCells],
  on: ["reg"],
  checkProperty: (run, node, property) => {
    if (node.parent === undefined) return run.fail(node, 'root node has a "reg" property');
    if (property.length === 0) run.failProperty(node, property, "property is empty");
    const address = addressCells(node.parent);
    const size = sizeCells(node.parent);
    if (isMultiple(property.length, 4 * (address + size))) return;
    const counts = `#address-cells == ${address}, #size-cells == ${size}`;
    const length = `property has invalid length (${property.length} bytes)`;
    run.failProperty(node, property, `${length} (${counts})`, hintAt(node.parent));
  },
};

/** Where the numbers of cells come from, if they stand somewhere. */
function hintAt(parent: CompileNode): { related?: { span: CellPlace; text: string }[] } {
  const places = ["#address-cells", "#size-cells"]
    .map((name) => parent.property(name)?.place)
    .filter((place) => place !== undefined);
  return { related: places.map((span) => ({ span, text: "the parent says so here" })) };
}

type CellPlace = NonNullable<CompileProperty["place"]>;

/** `ranges` consists of whole entries, or is empty where both sides have the same cells. */
export const rangesFormat: Check = rangesCheck("ranges_format", "ranges");
/** The same for `dma-ranges`. */
export const dmaRangesFormat: Check = rangesCheck("dma_ranges_format", "dma-ranges");

function rangesCheck(name: string, on: string): Check {
  return {
    name,
    level: "warning",
    requires: [addrSizeCells],
    on: [on],
    checkProperty: (run, node, property) => {
      if (node.parent === undefined) {
        run.failProperty(node, property, `root node has a "${on}" property`);
      } else if (property.length === 0) checkEmpty(run, node, node.parent, property);
      else checkEntries(run, node, node.parent, property);
    },
  };
}

function checkEmpty(
  run: CheckRun,
  node: CompileNode,
  parent: CompileNode,
  property: CompileProperty,
): void {
  const compare = (cells: string, own: number, above: number) => {
    if (own === above) return;
    const differs = `${cells} (${own}) differs from ${parent.path} (${above})`;
    run.failProperty(node, property, `empty "${property.name}" property but its ${differs}`);
  };
  compare("#address-cells", addressCells(node), addressCells(parent));
  compare("#size-cells", sizeCells(node), sizeCells(parent));
}

function checkEntries(
  run: CheckRun,
  node: CompileNode,
  parent: CompileNode,
  property: CompileProperty,
): void {
  const above = addressCells(parent);
  const own = addressCells(node);
  const size = sizeCells(node);
  if (isMultiple(property.length, 4 * (above + own + size))) return;
  const counts =
    `parent #address-cells == ${above}, child #address-cells == ${own}, #size-cells == ${size}`;
  const length = `"${property.name}" property has invalid length (${property.length} bytes)`;
  run.failProperty(node, property, `${length} (${counts})`);
}

/** The parent of something with addresses says how many cells these have. */
export const avoidDefaultAddrSize: Check = {
  name: "avoid_default_addr_size",
  level: "warning",
  requires: [addrSizeCells],
  having: ["reg", "ranges"],
  checkNode: (run, node) => {
    const { parent } = node;
    if (parent === undefined) return;
    if (!node.has(NAME.reg) && !node.has(NAME.ranges)) return;
    if (ownAddressCells(parent) === undefined) failDefault(run, node, parent, "#address-cells");
    if (ownSizeCells(parent) === undefined) failDefault(run, node, parent, "#size-cells");
  },
};

function failDefault(run: CheckRun, node: CompileNode, parent: CompileNode, name: string): void {
  run.fail(node, `relying on default ${name} value`, {
    help: `give \`${name}\` in ${parent.path}`,
    ...misspelt(parent, name),
  });
}

/** Nobody gives numbers of cells that no child needs. */
export const avoidUnnecessaryAddrSize: Check = {
  name: "avoid_unnecessary_addr_size",
  level: "warning",
  requires: [avoidDefaultAddrSize],
  having: ["#address-cells"],
  checkNode: (run, node) => {
    const old = run.settings.version === "1.6";
    const has = (other: CompileNode, ...names: string[]) => names.some((name) => other.has(name));
    if (node.parent === undefined || node.children.length === 0) return;
    if (ownAddressCells(node) === undefined || ownSizeCells(node) === undefined) return;
    if (has(node, "ranges") || !old && has(node, "dma-ranges")) return;
    const used = (child: CompileNode) =>
      !child.deleted && (has(child, "reg") || !old && has(child, "ranges"));
    if (node.children.some(used)) return;
    const without = old
      ? '"ranges" or child "reg" property'
      : '"ranges", "dma-ranges" or child "reg" or "ranges" property';
    run.fail(node, `unnecessary #address-cells/#size-cells without ${without}`);
  },
};
