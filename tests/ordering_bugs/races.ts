/**
 * Interrupts, timers, work and hot-plug at the wrong moment: races of the driver core and of drivers.
 *
 * @module
 */
import type { CoreBench } from "../../lab/core_bench.ts";
import { devices, type SeededBug, unbound, unless, type Variant } from "./bug.ts";

/** A device comes while its driver registers. */
function hotplug(profile: string): Variant {
  return {
    kernel: { profile },
    initcalls: [],
    tasks: {
      hotplug: (bench) => bench.addDevice("card.1"),
      modprobe: (bench) => bench.addDriver({ name: "card-drv", fits: ["card"] }),
    },
  };
}

/** A consumer sees that its supplier is missing, and says so a little later. */
const CONSUMER = { name: "consumer-drv", fits: ["consumer"], needs: "supply", pauses: true };

function trigger(profile: string): Variant {
  return {
    kernel: { profile },
    initcalls: [
      devices("supplier"),
      ["consumer_init", "device", (bench) => bench.addDriver(CONSUMER)],
    ],
    tasks: {
      "hotplug": (bench) => bench.addDevice("consumer"),
      "modprobe supplier": (bench) =>
        bench.addDriver({ name: "supplier-drv", fits: ["supplier"], provides: "supply" }),
    },
  };
}

const BUFFERS = 2;

/** A driver that takes buffers until there are none, then asks to be told of the next one. */
async function takeBuffers(bench: CoreBench, looksAgain: boolean): Promise<undefined> {
  const { facts } = bench;
  let taken = 0;
  const someLeft = () => (facts.get("used") ?? 0) as number > taken;
  bench.onInterrupt(() => bench.tell("kick"));
  bench.tell("ready");
  while (taken < BUFFERS) {
    facts.delete("kicks wanted");
    while (someLeft()) taken++;
    await bench.pause();
    facts.set("kicks wanted", true);
    if (taken === BUFFERS || (looksAgain && someLeft())) continue;
    await bench.until("kick");
    facts.delete("kick");
  }
}

/** A device that uses buffers, and only interrupts those who want to hear of it. */
async function useBuffers(bench: CoreBench): Promise<undefined> {
  await bench.until("ready");
  for (let used = 1; used <= BUFFERS; used++) {
    bench.facts.set("used", used);
    if (bench.facts.has("kicks wanted")) bench.interrupt();
    await bench.pause();
  }
}

function ring(looksAgain: boolean): Variant {
  return {
    initcalls: [],
    tasks: { driver: (bench) => takeBuffers(bench, looksAgain), device: useBuffers },
  };
}

/** A driver that reads the configuration, and hears of changes once it is ready. */
async function readConfig(bench: CoreBench, keepsPending: boolean): Promise<undefined> {
  const { facts } = bench;
  const read = () => facts.set("seen", facts.get("capacity"));
  bench.onInterrupt(() => {
    if (facts.has("config enabled")) read();
    else if (keepsPending) facts.set("change pending", true);
  });
  bench.tell("capacity", "old");
  read();
  bench.tell("features ok");
  await bench.pause();
  facts.set("config enabled", true);
  if (facts.has("change pending")) read();
}

function config(keepsPending: boolean): Variant {
  return {
    initcalls: [],
    tasks: {
      driver: (bench) => readConfig(bench, keepsPending),
      host: async (bench) => {
        await bench.until("features ok");
        bench.facts.set("capacity", "new");
        bench.interrupt();
      },
    },
  };
}

/** A driver is unbound by hand while it is being probed beside other work. */
function unbind(waits: boolean): Variant {
  return {
    initcalls: [
      devices("card"),
      [
        "card_init",
        "device",
        (bench) => bench.addDriver({ name: "card-drv", fits: ["card"], async: true }),
      ],
      ["init starts", "late_sync", async (bench) => {
        if (waits) await bench.waitForProbes();
        await bench.unbind("card");
      }],
    ],
  };
}

/** Races. */
export const RACES: readonly SeededBug[] = [
  {
    name: "a device is added while its driver registers",
    after: "commit 190888ac01d0: the driver joined the list after it had looked for devices",
    vary: { task: true },
    wrong: unbound("card.1"),
    broken: hotplug("3.2"),
    fixed: hotplug("6.1"),
  },
  {
    name: "the supplier is bound while the consumer is being put off",
    after: "deferred_trigger_count of drivers/base/dd.c",
    vary: { task: true, work: true },
    wrong: unbound("consumer"),
    broken: trigger("3.2"),
    fixed: trigger("6.1"),
  },
  {
    name: "a kick is lost between the last look and asking for kicks",
    after: "virtqueue_enable_cb(), whose result says that the driver must look again",
    vary: { task: true, irq: true },
    wrong: (_bench, stuck) => stuck.join(),
    broken: ring(false),
    fixed: ring(true),
  },
  {
    name: "a configuration change before DRIVER_OK is dropped",
    after: "config_change_pending of drivers/virtio/virtio.c",
    vary: { task: true, irq: true },
    wrong: unless("seen", "new"),
    broken: config(false),
    fixed: config(true),
  },
  {
    name: "a device is unbound by hand before its probe has begun",
    after: "driver_detach(), which waits for asynchronous probes; sysfs does not",
    vary: { async: true },
    wrong: (bench) => bench.driverOf("card") === undefined ? "" : "card is bound again",
    broken: unbind(false),
    fixed: unbind(true),
  },
];
