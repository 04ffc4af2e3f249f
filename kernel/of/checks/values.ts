/** Checks that properties of certain names hold values of certain types. */
import { latin1, readBe32 } from "../bytes.ts";
import type { CompileNode } from "../compile_node.ts";
import type { CompileProperty } from "../compile_property.ts";
import { nearest } from "../dts/suggest.ts";
import type { Check } from "./check.ts";

/** Whether a value is one string: not empty, with a NUL at its end and nowhere else. */
export function isOneString({ data, start, end }: CompileProperty): boolean {
  return end > start && nulAt(data, start, end) === end - 1;
}

/** Position of the first NUL, `end` if there is none. */
function nulAt(data: Uint8Array, start: number, end: number): number {
  let at = start;
  while (at < end && data[at] !== 0) at++;
  return at;
}

/** Help if a property that a node lacks is most likely there, but misspelt. */
export function misspelt(node: CompileNode, name: string): { help?: string } {
  const names = node.properties.filter(({ deleted }) => !deleted).map(({ name }) => name);
  const found = nearest(name, names);
  return found === undefined
    ? {}
    : { help: `did you mean \`${name}\` where it says \`${found}\`?` };
}

/** The text of a value up to the first NUL, empty without a property. */
export function firstText(property: CompileProperty | undefined): string {
  if (property === undefined) return "";
  const { data, start, end } = property;
  return latin1(data, start, nulAt(data, start, end));
}

/** Whether one of the strings of a `compatible` is this one. dtc: node_is_compatible() */
export function isCompatible(property: CompileProperty, compatible: string): boolean {
  const { data, end } = property;
  for (let at = property.start; at < end; at++) {
    if (startsWith(data, at, end, compatible)) return true;
    at = nulAt(data, at, end);
  }
  return false;
}

/** Whether `text` stands at `start`, up to a NUL or the end. */
function startsWith(data: Uint8Array, start: number, end: number, text: string): boolean {
  if (start + text.length > end) return false;
  for (let at = 0; at < text.length; at++) {
    if (data[start + at] !== text.charCodeAt(at)) return false;
  }
  return start + text.length === end || data[start + text.length] === 0;
}

/** The cell at `index`, 0 behind the end of the value. */
export function cellAt(property: CompileProperty, index: number): number {
  const at = property.start + 4 * index;
  return at + 4 <= property.end ? readBe32(property.data, at) : 0;
}

/** Whether a phandle can be one: not 0, not all ones. dtc: phandle_is_valid() */
export function isPhandle(cell: number): boolean {
  return cell !== 0 && cell !== 0xffffffff;
}

/** Whether a length is made of whole entries; entries of no length make up only nothing. */
export function isMultiple(length: number, entry: number): boolean {
  return entry === 0 ? length === 0 : length % entry === 0;
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

/** A check that properties are lists of strings, each with a NUL behind it. dtc: check_is_string_list() */
export function isStringList(
  name: string,
  on: readonly string[] | ((property: string) => boolean),
): Check {
  return {
    name,
    level: "warning",
    on,
    checkProperty: (run, node, property) => {
      const { data, end, length } = property;
      if (length === 0 || data[end - 1] === 0) return;
      run.failProperty(node, property, "property is not a string list");
    },
  };
}

/** A check that properties are one cell. dtc: check_is_cell() */
export function isCell(name: string, property: string): Check {
  return {
    name,
    level: "warning",
    on: [property],
    checkProperty: (run, node, property) => {
      if (property.length === 4) return;
      run.failProperty(node, property, "property is not a single cell", {
        help: `it has ${property.length} bytes; a cell has 4`,
      });
    },
  };
}

/** `device_type` is a string. */
export const deviceTypeIsString: Check = isString(
  "device_type_is_string",
  "device_type",
  "warning",
);
/** `model` is a string. */
export const modelIsString: Check = isString("model_is_string", "model", "warning");
/** `status` is a string. */
export const statusIsString: Check = isString("status_is_string", "status", "warning");
/** `label` is a string. */
export const labelIsString: Check = isString("label_is_string", "label", "warning");
/** `compatible` is a list of strings. */
export const compatibleIsStringList: Check = isStringList("compatible_is_string_list", [
  "compatible",
]);
/** Properties that end in `-names` are lists of strings. */
export const namesIsStringList: Check = isStringList(
  "names_is_string_list",
  (name) => name.endsWith("-names"),
);
