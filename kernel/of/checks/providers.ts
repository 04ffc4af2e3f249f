/** Checks of properties that refer to providers by phandle, each with cells of the provider's number. */
import type { CompileNode } from "../compile_node.ts";
import type { CompileProperty } from "../compile_property.ts";
import type { Check, CheckRun } from "./check.ts";
import { phandleReferences } from "./references.ts";
import { isCell, isMultiple, isPhandle } from "./values.ts";

/** Name of the checks, property, property of the provider, and whether that may be missing. */
const PROVIDERS: readonly (readonly [string, string, string, "optional"?])[] = [
  ["clocks", "clocks", "#clock-cells"],
  ["cooling_device", "cooling-device", "#cooling-cells"],
  ["dmas", "dmas", "#dma-cells"],
  ["hwlocks", "hwlocks", "#hwlock-cells"],
  ["interrupts_extended", "interrupts-extended", "#interrupt-cells"],
  ["io_channels", "io-channels", "#io-channel-cells"],
  ["iommus", "iommus", "#iommu-cells"],
  ["mboxes", "mboxes", "#mbox-cells"],
  ["msi_parent", "msi-parent", "#msi-cells", "optional"],
  ["mux_controls", "mux-controls", "#mux-control-cells"],
  ["phys", "phys", "#phy-cells"],
  ["power_domains", "power-domains", "#power-domain-cells"],
  ["pwms", "pwms", "#pwm-cells"],
  ["resets", "resets", "#reset-cells"],
  ["sound_dai", "sound-dai", "#sound-dai-cells"],
  ["thermal_sensors", "thermal-sensors", "#thermal-sensor-cells"],
];

/** For each provider `X_property` and `X_is_cell`. dtc: WARNING_PROPERTY_PHANDLE_CELLS() */
export const providerChecks: readonly Check[] = PROVIDERS.flatMap(
  ([name, property, cells, optional]) => {
    const cellCheck = isCell(`${name}_is_cell`, cells);
    const propertyCheck: Check = {
      name: `${name}_property`,
      level: "warning",
      requires: [cellCheck, phandleReferences],
      on: [property],
      checkProperty: (run, node, property) =>
        checkPhandleArgs(run, node, property, cells, optional !== undefined),
    };
    return [propertyCheck, cellCheck];
  },
);

/** `#interrupt-cells` is a cell: others build on it. */
export const interruptsExtendedIsCell: Check = providerChecks.find(({ name }) =>
  name === "interrupts_extended_is_cell"
)!;

/** Walks the entries of a list of phandles with arguments. dtc: check_property_phandle_args() */
function checkPhandleArgs(
  run: CheckRun,
  node: CompileNode,
  property: CompileProperty,
  cells: string,
  optional: boolean,
): void {
  const { length } = property;
  if (!isMultiple(length, 4)) {
    run.failProperty(
      node,
      property,
      `property size (${length}) is invalid, expected multiple of 4`,
    );
    return;
  }
  const references = referencesOf(property);
  for (let index = 0; 4 * index < length;) {
    const phandle = property.cell(index);
    // A hole in a list whose places have meanings; in an overlay, something that is not known yet.
    if (!isPhandle(phandle)) {
      if (run.tree.plugin) return;
      index++;
      continue;
    }
    // In source text, a phandle that is a bare number is probably something else.
    if (references?.has(4 * index) === false) {
      run.failProperty(node, property, `cell ${index} is not a phandle reference`);
    }
    const count = argumentCount(run, node, property, index, cells, optional);
    if (count === undefined) return;
    if (4 * (index + count + 1) > length) {
      const message = `property size (${length}) too small for cell size ${count}`;
      return run.failProperty(node, property, message);
    }
    index += count + 1;
  }
}

/** Where a value refers to nodes; `undefined` if nothing is known of how it was written. */
function referencesOf(property: CompileProperty): ReadonlySet<number> | undefined {
  if (!property.isMarked) return undefined;
  const offsets = new Set<number>();
  property.eachMarker("phandle", (offset) => offsets.add(offset));
  return offsets;
}

/** Cells behind the phandle at `index`; `undefined`, with a finding, if nobody knows. */
function argumentCount(
  run: CheckRun,
  node: CompileNode,
  property: CompileProperty,
  index: number,
  cells: string,
  optional: boolean,
): number | undefined {
  const provider = run.tree.byPhandle.get(property.cell(index));
  if (provider === undefined) {
    run.failProperty(node, property, `could not get phandle node for (cell ${index})`);
    return undefined;
  }
  const count = provider.cell(cells) ?? (optional ? 0 : undefined);
  if (count !== undefined) return count;
  const where =
    `in node ${provider.path} or bad phandle (referred from ${property.name}[${index}])`;
  const related = provider.places.slice(0, 1)
    .map(({ nameSpan: span }) => ({ span, text: "this is the provider" }));
  run.fail(node, `missing property '${cells}' ${where}`, {
    span: property.place?.nameSpan,
    related,
  });
  return undefined;
}

/** Which property of a provider says how many cells follow its phandle, for a list that checks know. */
export function cellsOfList(name: string): string | undefined {
  if (isGpio(name)) return "#gpio-cells";
  return PROVIDERS.find(([, property]) => property === name)?.[2];
}

function isGpio(name: string): boolean {
  return /(^|-)gpios?$/.test(name) && !name.endsWith(",nr-gpios");
}

/** `gpios`, `X-gpios` and their old forms without `s`, except those of hogs. */
export const gpiosProperty: Check = {
  name: "gpios_property",
  level: "warning",
  requires: [phandleReferences],
  on: isGpio,
  checkProperty: (run, node, property) => {
    if (node.has("gpio-hog")) return;
    checkPhandleArgs(run, node, property, "#gpio-cells", false);
  },
};

/** `gpio` and `X-gpio`. */
export const deprecatedGpioProperty: Check = {
  name: "deprecated_gpio_property",
  level: "off",
  on: (name) => isGpio(name) && name.endsWith("gpio"),
  checkProperty: (run, node, property) =>
    run.failProperty(node, property, "'[*-]gpio' is deprecated, use '[*-]gpios' instead"),
};
