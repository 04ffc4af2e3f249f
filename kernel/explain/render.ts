/**
 * Explanations as text for people.
 *
 * @module
 */
import { type AddressExplanation, type AddressStep, addressText } from "./address.ts";
import type { DeviceExplanation } from "./device.ts";
import type { InterruptExplanation } from "./interrupt.ts";
import type { OverlayExplanation } from "./overlay.ts";

function hex(value: bigint): string {
  return `0x${value.toString(16)}`;
}

function addressStep(step: AddressStep): string {
  const { bus, kind, addressCells, sizeCells, address, found, row, rowCells = [] } = step;
  const at = `${
    addressText(address, kind)
  } on ${bus} (${kind}, ${addressCells}+${sizeCells} cells)`;
  if (found === "root") return `${at}: the CPU's address`;
  if (found === "identity") return `${at}: ranges is empty, the address stays`;
  if (found !== "row") return `${at}: ends here`;
  const cells = rowCells.map((cell) => `0x${cell.toString(16)}`).join(" ");
  return `${at}: row ${row} of ranges, <${cells}>`;
}

/** An address and its way up, a line each. */
export function renderAddress(address: AddressExplanation): string {
  const { property, index, resource, problem, steps } = address;
  const result = resource === undefined
    ? `none: ${problem}`
    : `${hex(resource.start)}-${hex(resource.end)} "${resource.name}"`;
  const lines = steps.map((step) => `    ${addressStep(step)}\n`);
  return `  address ${index} (${property}): ${result}\n${lines.join("")}`;
}

/** An interrupt and its way to the controller, a line each. */
export function renderInterrupt(interrupt: InterruptExplanation): string {
  const { index, controller, line, error, problem, steps } = interrupt;
  const meaning = line === undefined ? "" : `: ${line.name}, GIC ${line.hwirq}, ${line.trigger}`;
  const result = controller === undefined
    ? `none (${error}): ${problem}`
    : `${controller.path} <${controller.args.join(" ")}>${meaning}`;
  const lines = steps.map(({ path, text }) => `    ${path} ${text}\n`);
  return `  interrupt ${index}: ${result}\n${lines.join("")}`;
}

/** What becomes of a node, and why. */
export function renderDevice(explanation: DeviceExplanation): string {
  const { path, device, steps, drivers, nearMisses, addresses, interrupts } = explanation;
  const lines = [
    device === undefined
      ? `${path} becomes no device`
      : `${path} becomes the ${device.bus} device ${device.name}, below ${
        device.parent ?? "platform"
      }`,
  ];
  for (const step of steps) {
    lines.push(`  ${step.path} ${step.text}`);
    if (step.help !== undefined) lines.push(`    help: ${step.help}`);
  }
  for (const { driver, by, compatible, score } of drivers) {
    const how = by === "of" ? `by "${compatible}", score ${score}` : `by its ${by}`;
    lines.push(`  driver ${driver} fits ${how}`);
  }
  if (drivers.length === 0 && device?.bus !== "amba") lines.push("  no driver of this kernel fits");
  if (device?.bus === "amba") lines.push("  its driver goes by the id in its registers");
  for (const { driver, wanted, has, how } of nearMisses) {
    lines.push(`  driver ${driver} almost fits: it wants "${wanted}", here is "${has}" (${how})`);
  }
  return `${lines.join("\n")}\n${addresses.map(renderAddress).join("")}${
    interrupts.map(renderInterrupt).join("")
  }`;
}

/** What an overlay would do, or why not. */
export function renderOverlay(explanation: OverlayExplanation): string {
  const { labels, fragments, changes, failure } = explanation;
  const lines: string[] = [];
  if (failure !== undefined) {
    lines.push(`the overlay cannot be applied (${failure.error}): ${failure.text}`);
  }
  if (failure?.help !== undefined) lines.push(`  help: ${failure.help}`);
  for (const { label, path } of labels) {
    lines.push(`  label ${label}: ${path ?? "not in the tree"}`);
  }
  for (const { path, target } of fragments) lines.push(`  ${path} is laid over ${target}`);
  for (const { action, path, property } of failure === undefined ? changes : []) {
    const what = action.toLowerCase().replace("_", " ");
    lines.push(`  ${what} ${path}${property === undefined ? "" : `:${property}`}`);
  }
  return `${lines.join("\n")}\n`;
}
