import { assert, assertEquals, assertThrows } from "@std/assert";
import { EmbeddedModel } from "../hypervisor/embedded/machine.ts";
import { type BootScenario, bootScenario, type BootScenarioOptions } from "./boot_scenario.ts";
import { ViewError } from "./explore/scenario.ts";
import { explore, replay } from "./order.ts";
import { Objects } from "./explore/access.ts";
import { explainGroup } from "./explore/explain.ts";
import { collectOutcomes } from "./explore/collect_outcomes.ts";
import { type Limits, Naive } from "./explore/naive.ts";
import { parseReplayId } from "./explore/replay_id.ts";
import { execute } from "./explore/run.ts";
import { Follow, Replay } from "./explore/schedule.ts";
import type { Scenario } from "./explore/scenario.ts";

const DISK = [
  ...["-drive", "if=none,id=d0,file=disk.img,format=raw"],
  ...["-device", "virtio-blk-device,drive=d0"],
];

const MODEL = new EmbeddedModel(DISK, { images: { "disk.img": new Uint8Array(1 << 16) } });

/** A small kernel on a machine with a disk. */
function scenario(options: Partial<BootScenarioOptions>, model = MODEL): BootScenario {
  return bootScenario(model, {
    vary: {},
    append: "",
    only: [
      ...["virtio_init", "bdi_class_init", "genhd_device_init"],
      ...["virtio_mmio_init", "virtio_blk_init"],
    ],
    ...options,
  });
}

async function naive(
  scenario: Scenario,
  limits: Limits = {},
): Promise<{ orders: number; outcomes: Set<string> }> {
  const strategy = new Naive(limits);
  const objects = new Objects();
  const outcomes = new Set<string>();
  let orders = 0;
  for (; strategy.begin(); orders++) {
    const { outcome } = await execute(scenario, strategy, objects);
    outcomes.add(JSON.stringify(outcome));
  }
  return { orders, outcomes };
}

const CASES: Readonly<Record<string, Partial<BootScenarioOptions>>> = {
  "initcalls of one level in any order": { vary: { initcall: true } },
  "two initcalls at any level": {
    vary: {
      initcall: { only: ["virtio_mmio_init", "virtio_blk_init"], levels: "ignored" },
    },
  },
};

for (const [name, options] of Object.entries(CASES)) {
  Deno.test(`real boots, ${name}: all outcomes are found and all orders counted`, async () => {
    const expected = await naive(scenario(options));
    const { classes, views } = await collectOutcomes(scenario(options));
    const groups = [...(views.get("all") ?? [...views.values()][0]).values()];
    assertEquals(groups.length, expected.outcomes.size);
    const orders = groups.reduce((sum, group) => sum + group.orders!, 0n);
    assertEquals(orders, BigInt(expected.orders));
    assert(classes * 3 < expected.orders, `${classes} classes of ${expected.orders} orders`);
  });
}

const INTERLEAVED: readonly BootScenarioOptions["vary"][] = [
  { async: true },
  { async: true, irq: true },
  { async: true, irq: true, work: true, timer: true, task: true },
];

for (const vary of INTERLEAVED) {
  const kinds = Object.keys(vary ?? {}).join(", ");
  Deno.test(`real boots, two disks probed beside the boot, free ${kinds}: as one by one`, async () => {
    const disk = (id: string) => [
      ...["-drive", `if=none,id=${id},file=disk.img,format=raw`],
      ...["-device", `virtio-blk-device,drive=${id}`],
    ];
    const images = { "disk.img": new Uint8Array(1 << 16) };
    const model = new EmbeddedModel([...disk("d0"), ...disk("d1")], { images, slots: 2 });
    const append = "driver_async_probe=virtio_blk";
    const disks = scenario({ vary, append, views: ["names"] }, model);
    const expected = await naive(disks);
    const groups = [...(await collectOutcomes(disks)).views.get("names")!.values()];
    assertEquals(groups.length, 2);
    assertEquals(groups.length, expected.outcomes.size);
    const orders = groups.reduce((sum, group) => sum + group.orders!, 0n);
    assertEquals(orders, BigInt(expected.orders));
  });
}

Deno.test("an input device is listened to whether it comes before its handlers or after", async () => {
  const model = new EmbeddedModel(["-device", "virtio-keyboard-device"], { slots: 1 });
  const handlers = ["input_leds_init", "virtio_input_driver_init"];
  const keyboard = scenario({
    only: ["virtio_init", "input_init", "leds_init", "virtio_mmio_init", ...handlers],
    vary: { initcall: { only: handlers, levels: "ignored" } },
    views: ["bindings", "uevents"],
  }, model);
  const expected = await naive(keyboard);
  const { views } = await collectOutcomes(keyboard);
  assertEquals(views.get("all")!.size, expected.outcomes.size);
});

Deno.test("the order of input handlers counts where a view shows it: as one by one", async () => {
  const model = new EmbeddedModel(["-device", "virtio-keyboard-device"], { slots: 1 });
  const free = ["evdev_init", "input_leds_init", "virtio_input_driver_init"];
  const only = ["virtio_init", "input_init", "leds_init", "virtio_mmio_init", ...free];
  const classes: number[] = [];
  for (const views of [["names"], ["uevents"]]) {
    const keyboard = scenario({ only, vary: { initcall: { only: free } }, views }, model);
    const expected = await naive(keyboard);
    const found = await collectOutcomes(keyboard);
    const groups = [...found.views.get(views[0])!.values()];
    assertEquals(groups.length, expected.outcomes.size);
    const orders = groups.reduce((sum, group) => sum + group.orders!, 0n);
    assertEquals(orders, BigInt(expected.orders));
    classes.push(found.classes);
  }
  assert(classes[0] < classes[1], `${classes}`);
});

Deno.test("a replay id gives the same log byte for byte", async () => {
  const small = scenario(CASES["two initcalls at any level"]);
  const { views, baseline, order } = await collectOutcomes(small);
  const group = [...views.get("errors")!.values()].find(({ witness }) => witness.distance > 0)!;
  const question = { scenario: small, view: "errors", group, expected: baseline.errors, order };
  const { replayId: id, schedule } = await explainGroup(question);
  const log = async (strategy: Replay | Follow) => {
    let text = "";
    const replayed: Scenario = {
      ...small,
      run: (steering) =>
        small.run(steering, (kernel) => void (text = kernel.log.dmesg()) as undefined),
    };
    await execute(replayed, strategy, new Objects());
    return text;
  };
  const first = await log(new Replay(parseReplayId(small, id)));
  assert(first.includes("virtio_blk"));
  assertEquals(await log(new Replay(parseReplayId(small, id))), first);
  assertEquals(await log(new Follow(schedule)), first);
});

Deno.test("bootScenario() names a view that does not exist", () => {
  const error = assertThrows(() => scenario({ views: ["colours"] }), ViewError);
  assertEquals(
    error.message,
    "no view 'colours'; there are bindings, names, errors, console, shutdown, uevents, log",
  );
});

Deno.test("modules in any order: all outcomes are found and all orders counted", async () => {
  const modules = ["virtio_mmio", "virtio_blk", "failover", "net_failover"];
  const loaded = scenario({
    modules,
    only: [
      ...["virtio_init", "bdi_class_init", "genhd_device_init", "virtio_mmio_init"],
      ...["virtio_blk_init", "failover_init", "net_failover_init"],
    ],
    vary: { module: true },
  });
  const expected = await naive(loaded);
  const { views } = await collectOutcomes(loaded);
  assertEquals(expected.orders, 24);
  assertEquals(views.get("all")!.size, expected.outcomes.size);
  assertEquals([...views.get("all")!.values()].reduce((sum, { orders }) => sum + orders!, 0n), 24n);
});

/** Two disks and a mouse in five slots. */
function threeDevices(): EmbeddedModel {
  const disk = (id: string) => [
    ...["-drive", `if=none,id=${id},file=${id}.img`, "-device", `virtio-blk-device,drive=${id}`],
  ];
  const images = { "a.img": new Uint8Array(1 << 16), "b.img": new Uint8Array(1 << 16) };
  const args = [...disk("a"), "-device", "virtio-mouse-device", ...disk("b")];
  return new EmbeddedModel(args, { images, slots: 5 });
}

Deno.test("slots change places: those with a device, unless others are named", async () => {
  const orders = async (vary: readonly string[]) => {
    const result = await explore(bootScenario(threeDevices()), { vary, views: ["names"] });
    return [result.orders, result.outcomes.length];
  };
  assertEquals(await orders(["slots"]), [6n, 6]);
  const [empty, disk] = ["a000000.virtio_mmio", "a000800.virtio_mmio"];
  assertEquals(await orders([`slots=${empty},${disk}`]), [2n, 2]);
  assertEquals(await orders([`slots=${empty},a000200.virtio_mmio`]), [2n, 1]);
});

Deno.test("devices anywhere in the tree's order: all outcomes are found and all orders counted", async () => {
  const model = threeDevices();
  const only = ["9030000.pl061", "gpio-keys"];
  const anywhere = bootScenario(model, { vary: { slot: { only } }, views: ["names", "shutdown"] });
  const expected = await naive(anywhere);
  const { orders, outcomes } = await explore(anywhere);
  assertEquals(orders, BigInt(expected.orders));
  assertEquals(outcomes.length, expected.outcomes.size);
});

Deno.test("one operation fails: all outcomes are found", async () => {
  const failing = scenario({ vary: { fault: true } });
  const expected = await naive(failing, { inversions: 1 });
  const { outcomes, coverage } = await explore(failing, { bound: 1 });
  assert(expected.outcomes.size > 1);
  assertEquals(outcomes.length, expected.outcomes.size);
  assertEquals(coverage.kind, "bounded");
  for (const { replayId, views } of outcomes.slice(0, 3)) {
    assertEquals((await replay(failing, replayId)).outcome, views);
  }
});
