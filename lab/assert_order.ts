/**
 * For tests: what must be so in every order.
 *
 * @module
 */
import { whyText } from "./explore/explain.ts";
import type { Scenario } from "./explore/scenario.ts";
import { explore, type ExploreOptions } from "./order.ts";
import { counted, differenceLines } from "./order_text.ts";
import type { OrderOutcome, OrderResult } from "./result.ts";

/** What must hold in every order does not. The message tells the smallest change, the pair of runs, and why. */
export class OrderDependenceError extends Error {
  /** The name of the class. */
  override name = "OrderDependenceError";

  /**
   * Made by the assertions.
   *
   * @internal
   */
  constructor(
    message: string,
    /** All that came of the exploration. */
    readonly result: OrderResult,
    /** The first outcome that is not as it should be. */
    readonly outcome: OrderOutcome,
  ) {
    super(message);
  }
}

/** How orders are explored for an assertion. */
export interface AssertOrderOptions extends Omit<ExploreOptions, "views"> {
  /** Who looks: `"names"`. Default: all that the scenario has. */
  readonly view?: string;
}

/**
 * Asserts that a scenario ends alike in every order.
 *
 * @returns What came of the exploration, for who wants to look at its coverage.
 * @throws {OrderDependenceError} With the smallest change that leads to another end, two runs that differ in two
 *   neighbours only, and how to make them again.
 *
 * @example
 * ```ts
 * import { assertOrderInvariant, bootScenario, embeddedModel } from "../mod.ts";
 * const card = embeddedModel("-netdev user,id=n0 -device virtio-net-device,netdev=n0");
 * const modules = ["virtio_mmio", "virtio_net"];
 * await assertOrderInvariant(bootScenario(card, { modules }), { vary: ["modules"], view: "names" });
 * ```
 */
export async function assertOrderInvariant(
  scenario: Scenario,
  { view, ...options }: AssertOrderOptions = {},
): Promise<OrderResult> {
  const views = view === undefined ? {} : { views: [view] };
  const result = await explore(scenario, { ...options, ...views });
  const other = result.outcomes[1];
  if (other === undefined) return result;
  const who = view === undefined ? "" : ` to the ${view}`;
  throw failure(`the order matters${who}`, result, other, options);
}

/**
 * Asserts that a device, and all that it brings along, has its driver in every order.
 *
 * @param device Its name as the view `bindings` has it: `"a003e00.virtio_mmio"`. Devices without a place of their own
 *   have that of the one they hang on, since their numbers depend on the order.
 * @throws {ViewError} When the scenario has no view `bindings`: only boots have.
 * @throws {OrderDependenceError} As {@linkcode assertOrderInvariant}.
 * @throws {RangeError} When the default order knows no such device.
 *
 * @example
 * ```ts
 * import { assertRejects } from "@std/assert";
 * import { assertBindsInAllOrders, bootScenario, embeddedModel, OrderDependenceError } from "../mod.ts";
 * const card = bootScenario(embeddedModel("-netdev user,id=n0 -device virtio-net-device,netdev=n0"));
 * const vary = ["levels=virtio_net_driver_init"];
 * await assertRejects(
 *   () => assertBindsInAllOrders(card, "a003e00.virtio_mmio", { vary }),
 *   OrderDependenceError,
 *   "virtio_net_driver_init looks at bus",
 * );
 * ```
 */
export async function assertBindsInAllOrders(
  scenario: Scenario,
  device: string,
  options: Omit<ExploreOptions, "views"> = {},
): Promise<OrderResult> {
  const result = await explore(scenario, { ...options, views: ["bindings"] });
  const [usual] = result.outcomes;
  const wanted = [...bindingsOf(usual, device).keys()];
  if (wanted.length === 0) {
    const bound = (usual.views.bindings ?? "").split("\n").map((line) => line.split(": "))
      .filter(([, driver]) => driver !== NO_DRIVER).map(([name]) => name);
    throw new RangeError(
      `${scenario.name}: the default order has no device '${device}'; bound are ${
        bound.join(", ")
      }`,
    );
  }
  const unbound = result.outcomes.find((outcome) => {
    const bindings = bindingsOf(outcome, device);
    return wanted.some((name) => (bindings.get(name) ?? NO_DRIVER) === NO_DRIVER);
  });
  if (unbound === undefined) return result;
  throw failure(`${device} is not bound in every order`, result, unbound, options);
}

const NO_DRIVER = "no driver";

/** The lines of the view `bindings` about a device and what hangs on it: their drivers by their names. */
function bindingsOf({ views }: OrderOutcome, device: string): Map<string, string> {
  const lines = (views.bindings ?? "").split("\n").map((line) =>
    line.split(": ") as [string, string]
  );
  return new Map(lines.filter(([name]) => name === device || name.startsWith(`${device} `)));
}

/** True when a device, and all that hangs on it, has a driver in this outcome. */
export function bindsDevice(outcome: OrderOutcome, device: string): boolean {
  const drivers = [...bindingsOf(outcome, device).values()];
  return drivers.length > 0 && drivers.every((driver) => driver !== NO_DRIVER);
}

function failure(
  what: string,
  result: OrderResult,
  outcome: OrderOutcome,
  { vary }: ExploreOptions,
): OrderDependenceError {
  const { title, coverage, orders, outcomes: [usual] } = result;
  const all = orders === undefined ? "" : `${counted(orders, "order")}, `;
  const question = vary === undefined ? "" : `, ${JSON.stringify({ vary })}`;
  const again = (id: string) => `replay(scenario, "${id}"${question})`;
  const { change, neighbour, replayId } = outcome;
  const lines = [
    `${title}: ${what} (${all}${coverage.text})`,
    ...differenceLines(outcome, usual),
    `smallest change: ${change.length === 0 ? "none, it is the default order" : change.join(", ")}`,
    ...neighbour === undefined ? [] : [`why: ${whyText(neighbour)}`],
    `this run:      await ${again(replayId)}`,
    ...neighbour === undefined ? [] : [`the other way: await ${again(neighbour.replayId)}`],
  ];
  return new OrderDependenceError(lines.join("\n"), result, outcome);
}
