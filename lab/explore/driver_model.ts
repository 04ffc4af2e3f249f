/**
 * Buses, drivers, devices and classes as tasks on shared objects: what initcalls do to each other, without
 * a kernel. Many thousand orders a second.
 *
 * @module
 */
import type { Outcome } from "./scenario.ts";
import type { ModelTask, Shared, TaskModel } from "./tasks.ts";

/** What a driver of the model does with a device. */
export interface ModelDriver {
  readonly name: string;
  /** The bus that it registers with. */
  readonly bus: string;
  /** It fits devices of this kind. */
  readonly kind: string;
  /** The class that its probe puts something into; the probe fails without it. */
  readonly class?: string;
  /** Names what its probe makes: with `"vd"` the first is `vd0`. */
  readonly names?: string;
  /** The device that must be bound before; the probe is deferred until then. */
  readonly supplier?: string;
  /** The device that its probe adds, by the device that is probed. */
  readonly adds?: Readonly<Record<string, ModelDevice>>;
}

/** A device of the model. */
export interface ModelDevice {
  /** Its name; with a `*` at the end the next number of that name takes its place. */
  readonly name: string;
  readonly bus: string;
  readonly kind: string;
}

/** An initcall that makes a bus known. */
export function busInit(name: string, bus: string, level?: number): ModelTask {
  return initcall(name, level, (shared) => shared.set("bus", bus, true));
}

/** An initcall that makes a class known. */
export function classInit(name: string, cls: string, level?: number): ModelTask {
  return initcall(name, level, (shared) => shared.set("class", cls, true));
}

/** An initcall that registers a driver. */
export function driverInit(name: string, driver: ModelDriver, level?: number): ModelTask {
  return initcall(name, level, (shared) => registerDriver(shared, driver));
}

/** An initcall that adds devices. */
export function devicesInit(
  name: string,
  devices: readonly ModelDevice[],
  level?: number,
): ModelTask {
  return initcall(name, level, (shared) => {
    for (const device of devices) addDevice(shared, device);
  });
}

function initcall(
  name: string,
  level: number | undefined,
  step: (shared: Shared) => undefined,
): ModelTask {
  return { name, steps: [step], ...level === undefined ? {} : { level } };
}

/** A driver without its bus is refused; it is in the list before it looks for devices. */
function registerDriver(shared: Shared, driver: ModelDriver): undefined {
  if (shared.get("bus", driver.bus) !== true) return fail(shared, driver.name, "no bus");
  const key = `${driver.bus} ${driver.kind}`;
  shared.push("drivers", key, driver);
  for (const device of shared.list<ModelDevice>("devices", key)) probe(shared, driver, device);
}

function addDevice(shared: Shared, made: ModelDevice): undefined {
  if (shared.get("bus", made.bus) !== true) return fail(shared, made.name, "no bus");
  const name = made.name.replace(/\*$/, (_) => `${shared.take("number", made.name)}`);
  const device = { ...made, name };
  const key = `${made.bus} ${made.kind}`;
  shared.push("devices", key, device);
  for (const driver of shared.list<ModelDriver>("drivers", key)) probe(shared, driver, device);
}

function probe(shared: Shared, driver: ModelDriver, device: ModelDevice): undefined {
  const { class: cls, names, supplier, adds } = driver;
  if (shared.get("bound", device.name) !== undefined) return;
  if (supplier !== undefined && shared.get("bound", supplier) === undefined) {
    return shared.push("deferred", "", { driver, device });
  }
  if (cls !== undefined && shared.get("class", cls) !== true) {
    return fail(shared, device.name, "no class");
  }
  const made = names === undefined ? "" : ` ${names}${shared.take("number", names)}`;
  shared.set("bound", device.name, driver.name + made);
  const child = adds?.[device.name];
  if (child !== undefined) addDevice(shared, child);
  retry(shared);
}

/** Whenever something is bound, everything that was put off is tried again. */
function retry(shared: Shared): undefined {
  const waiting = shared.list<{ driver: ModelDriver; device: ModelDevice }>("deferred");
  if (waiting.length === 0) return;
  shared.set("deferred", "", []);
  for (const { driver, device } of waiting) probe(shared, driver, device);
}

function fail(shared: Shared, who: string, why: string): undefined {
  shared.set("error", who, why);
}

/** What is seen of such a model: what is bound to what and under which name, and what failed. */
export function driverOutcome(shared: Shared): Outcome {
  const lines = (object: string) =>
    [...shared.all.get(object) ?? []].map(([key, value]) => `${key}: ${value}`).sort().join("\n");
  const waiting = (shared.all.get("deferred")?.get("") ?? []) as { device: ModelDevice }[];
  return {
    bindings: lines("bound"),
    errors: lines("error"),
    deferred: waiting.map(({ device }) => device.name).sort().join("\n"),
  };
}

/** One kind of virtio device in {@linkcode virtioModel}. */
export interface VirtioKind {
  readonly kind: string;
  readonly driverInit: string;
  readonly classInit: string;
  readonly names: string;
}

/** What a kernel has for the four kinds of devices that the experiments use. */
export const VIRTIO_KINDS: readonly VirtioKind[] = [
  { kind: "blk", driverInit: "virtio_blk_init", classInit: "genhd_device_init", names: "vd" },
  { kind: "net", driverInit: "virtio_net_driver_init", classInit: "net_dev_init", names: "eth" },
  { kind: "console", driverInit: "virtio_console_init", classInit: "tty_class_init", names: "hvc" },
  {
    kind: "input",
    driverInit: "virtio_input_driver_init",
    classInit: "input_init",
    names: "input",
  },
];

/**
 * The initcalls of a kernel with virtio-mmio slots, free of their levels: three, and two for each kind.
 *
 * @param slots The kind of device in each slot, in the order in which they are made.
 */
export function virtioModel(slots: readonly string[]): TaskModel {
  const kinds = VIRTIO_KINDS.filter(({ kind }) => slots.includes(kind));
  const adds = Object.fromEntries(
    slots.map((kind, i) => [`slot${i}`, { name: "virtio*", bus: "virtio", kind }]),
  );
  const devices = slots.map((_, i) => ({ name: `slot${i}`, bus: "platform", kind: "mmio" }));
  const mmio = { name: "virtio-mmio", bus: "platform", kind: "mmio", adds };
  const tasks = [
    busInit("virtio_init", "virtio"),
    devicesInit("of_platform_default_populate_init", devices),
    ...kinds.map(({ classInit: name, kind }) => classInit(name, kind)),
    driverInit("virtio_mmio_init", mmio),
    ...kinds.map(({ kind, names, driverInit: name }) =>
      driverInit(name, { name: `virtio_${kind}`, bus: "virtio", kind, class: kind, names })
    ),
  ];
  return {
    name: `virtio ${slots.join(" ")}`,
    tasks,
    prepare: (shared) => shared.set("bus", "platform", true),
    outcome: driverOutcome,
  };
}
