/**
 * How an address of a node becomes the CPU's: each `ranges` on the way, and the row that was used.
 *
 * @module
 */
import { type AddressHop, OF_BAD_ADDR, ofGetAddress, ofTranslateAddress } from "../of/address.ts";
import { tryAddressToResource } from "../of/address.ts";
import { IORESOURCE_IO, IORESOURCE_MEM, matchBus, validAddressCells } from "../of/bus.ts";
import { ofReadNumber, readCells } from "../of/bytes.ts";
import type { DeviceNode } from "../of/node.ts";

/** What became of an address at one bus. */
export interface AddressStep {
  /** The bus. */
  readonly bus: string;
  /** Linux's name for its kind: `default`, `pci`, `isa`, `default-flags`. */
  readonly kind: AddressHop["bus"]["name"];
  /** Its children's `#address-cells` and `#size-cells`. */
  readonly addressCells: number;
  /** See {@linkcode addressCells}. */
  readonly sizeCells: number;
  /** The cells of the address as its children write it. */
  readonly address: readonly number[];
  /** What was found there. */
  readonly found: AddressHop["found"];
  /** The row of `ranges` that was used, from 0. */
  readonly row?: number | undefined;
  /** The cells of that row: child's address, address above, size. */
  readonly rowCells?: readonly number[] | undefined;
  /** The cells of the address above. */
  readonly mapped?: readonly number[] | undefined;
}

/** An address of a node and how it is translated. */
export interface AddressExplanation {
  /** Path of the node. */
  readonly path: string;
  /** Which of its addresses. */
  readonly index: number;
  /** The property that lists them. */
  readonly property: "reg" | "assigned-addresses";
  /** Length in bytes. */
  readonly size: bigint;
  /** Each bus on the way up. */
  readonly steps: readonly AddressStep[];
  /** First and last address as the CPU sees them, and the resource's name. */
  readonly resource:
    | { readonly start: bigint; readonly end: bigint; readonly name: string }
    | undefined;
  /** Why there is no resource. */
  readonly problem: string | undefined;
}

function cellsOf(bytes: Uint8Array, count: number): number[] {
  return readCells(bytes, 0, Math.min(count, bytes.length >> 2));
}

function stepOf(hop: AddressHop): AddressStep {
  const { np, bus, cells: { na, ns }, above } = hop;
  const pna = above?.cells.na ?? 0;
  const ranges = np.get("ranges") ?? new Uint8Array(0);
  const length = na + pna + ns;
  return {
    bus: np.path,
    kind: bus.name,
    addressCells: na,
    sizeCells: ns,
    address: cellsOf(hop.address, na),
    found: hop.found,
    row: hop.row,
    rowCells: hop.row === undefined ? undefined : readCells(ranges, hop.row * length, length),
    mapped: hop.mapped && cellsOf(hop.mapped, pna),
  };
}

/** Cells as one number in hexadecimal, with its flag cells in front. */
export function addressText(cells: readonly number[], kind: AddressStep["kind"]): string {
  const flags = kind === "default" ? 0 : 1;
  const bytes = new Uint8Array(4 * cells.length);
  cells.forEach((cell, at) => new DataView(bytes.buffer).setUint32(4 * at, cell));
  const number = ofReadNumber(bytes, 4 * flags, cells.length - flags);
  const front = cells.slice(0, flags).map((cell) => `${cell.toString(16).padStart(8, "0")} `);
  return `${front.join("")}0x${number.toString(16)}`;
}

function problemOf(step: AddressStep | undefined): string {
  if (step === undefined) return "the root has no bus above it";
  const { bus, addressCells, sizeCells } = step;
  switch (step.found) {
    case "bad-cells":
    case "bad-cells-above":
      if (sizeCells <= 0 && step.found === "bad-cells") {
        return `${bus} has #size-cells = <${sizeCells}>: addresses below it are no places in memory`;
      }
      return step.found === "bad-cells"
        ? `${bus} has #address-cells = <${addressCells}>; Linux translates 1 to 4`
        : `the bus above ${bus} has #address-cells or #size-cells that Linux cannot translate`;
    case "no-ranges":
      return `${bus} has no ranges, so that nothing below it is in the CPU's address space; ` +
        "write 'ranges;' if its addresses are the CPU's";
    case "no-row":
      return `no row of ${bus}'s ranges holds ${addressText(step.address, step.kind)}`;
    default:
      return `${bus} is reached a second time`;
  }
}

/** Why there is no address at all. */
function missing(np: DeviceNode, index: number): string | undefined {
  const parent = np.parent;
  if (parent === undefined) return "the root has no bus above it";
  const bus = matchBus(parent);
  const { na, ns } = bus.cells(np);
  const value = np.get(bus.addresses);
  if (value === undefined) return `it has no ${bus.addresses}`;
  if (!validAddressCells(na)) {
    return `${parent.path} has #address-cells = <${na}>; Linux reads 1 to 4`;
  }
  if (ofGetAddress(np, index) !== undefined) return undefined;
  const [has, takes] = [value.length >> 2, na + ns];
  return `its ${bus.addresses} has ${has} cells; each address takes ${takes} ` +
    `(#address-cells ${na}, #size-cells ${ns} of ${parent.path})`;
}

/**
 * How address `index` of a node is translated, as Linux does it when it makes a device of the node.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { explainAddress, parseDts } from "../../mod.ts";
 * const tree = parseDts(`/dts-v1/;
 * / { #address-cells = <1>; #size-cells = <1>;
 *     soc { #address-cells = <1>; #size-cells = <1>; ranges = <0x0 0x40000000 0x1000>;
 *           dev@10 { reg = <0x10 4>; }; };
 * };`);
 * const { steps, resource } = explainAddress(tree.find("/soc/dev@10").node!, 0);
 * assertEquals(steps.map(({ bus, found, row }) => [bus, found, row]), [
 *   ["/soc", "row", 0],
 *   ["/", "root", undefined],
 * ]);
 * assertEquals(resource?.start, 0x40000010n);
 * ```
 */
export function explainAddress(np: DeviceNode, index: number): AddressExplanation {
  const steps: AddressStep[] = [];
  const found = ofGetAddress(np, index);
  let problem = missing(np, index);
  if (found !== undefined) {
    const start = ofTranslateAddress(
      np,
      found.address,
      (hop) => void steps.push(stepOf(hop)) as undefined,
    );
    if (start === OF_BAD_ADDR) problem = problemOf(steps.at(-1));
    else if ((found.flags & IORESOURCE_IO) !== 0) problem = "it is an I/O port, and no bus has any";
    else if ((found.flags & IORESOURCE_MEM) === 0) problem = "its flags name no memory";
  }
  const resource = problem === undefined ? tryAddressToResource(np, index) : undefined;
  const property = np.parent === undefined ? "reg" : matchBus(np.parent).addresses;
  return { path: np.path, index, property, size: found?.size ?? 0n, steps, resource, problem };
}
