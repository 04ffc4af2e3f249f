import { assertEquals, assertMatch, assertRejects } from "@std/assert";
import {
  assertBindsInAllOrders,
  assertOrderInvariant,
  OrderDependenceError,
} from "./assert_order.ts";
import { ViewError } from "./explore/scenario.ts";
import { busInit, devicesInit, driverInit, driverOutcome } from "./explore/driver_model.ts";
import { modelScenario, type ModelTask } from "./explore/tasks.ts";
import { replay } from "./order.ts";

const BUS = busInit("bus_init", "pci");
const DEVICE = devicesInit("add_card", [{ name: "card", bus: "pci", kind: "net" }]);
const DRIVER = driverInit("e1000_init", { name: "e1000", bus: "pci", kind: "net" });

function machine(name: string, tasks: readonly ModelTask[], ready = false) {
  const prepare = ready
    ? { prepare: (shared: Parameters<ModelTask["steps"][0]>[0]) => shared.set("bus", "pci", true) }
    : {};
  return modelScenario({ name, tasks, outcome: driverOutcome, ...prepare });
}

Deno.test("what ends alike in every order passes, and the result says how many those were", async () => {
  const scenario = machine("bus is there", [DEVICE, DRIVER], true);
  const { orders, coverage } = await assertOrderInvariant(scenario);
  assertEquals([orders, coverage.kind], [2n, "exhaustive"]);
  await assertBindsInAllOrders(scenario, "card");
});

Deno.test("assertOrderInvariant() fails with two runs that differ in two neighbours, and why", async () => {
  const scenario = machine("three", [BUS, DEVICE, DRIVER]);
  const error = await assertRejects(
    () => assertOrderInvariant(scenario, { view: "errors" }),
    OrderDependenceError,
  ) as OrderDependenceError;
  const [first] = error.message.split("\n");
  assertEquals(
    first,
    "three: the order matters to the errors (6 orders, exhaustive: all 5 classes)",
  );
  assertMatch(error.message, /why: \w+ looks at bus "pci" before bus_init changes it/);
  const ids = [...error.message.matchAll(/replay\(scenario, "([^"]+)"/g)].map(([, id]) => id);
  const [bad, good] = [await replay(scenario, ids[0]), await replay(scenario, ids[1])];
  assertEquals(good.outcome.errors, "");
  assertEquals(bad.outcome.errors, error.outcome.views.errors);
  const differing = bad.steps.filter((step, i) => step !== good.steps[i]);
  assertEquals(differing.length, 2);
});

Deno.test("assertBindsInAllOrders() names the order without the driver, and knows who is asked for", async () => {
  const scenario = machine("three", [BUS, DEVICE, DRIVER]);
  const error = await assertRejects(
    () => assertBindsInAllOrders(scenario, "card"),
    OrderDependenceError,
    "card is not bound in every order",
  ) as OrderDependenceError;
  assertEquals(error.outcome.views.bindings, "");
  await assertRejects(
    () => assertBindsInAllOrders(scenario, "cart"),
    RangeError,
    "no device 'cart'; bound are card",
  );
});

Deno.test("the assertions name a view that the scenario does not have", async () => {
  const outcome = () => ({ end: "" });
  const scenario = modelScenario({ name: "no bindings", tasks: [BUS], outcome });
  const says = "no bindings: no view 'bindings'; there are end";
  await assertRejects(() => assertBindsInAllOrders(scenario, "card"), ViewError, says);
  await assertRejects(() => assertOrderInvariant(scenario, { view: "bindings" }), ViewError, says);
});
