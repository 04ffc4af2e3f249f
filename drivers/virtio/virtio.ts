/**
 * The virtio bus: devices get numbers, drivers get devices, features get settled.
 *
 * Linux: drivers/virtio/virtio.c
 *
 * @module
 */
import {
  VIRTIO_CONFIG_S_ACKNOWLEDGE,
  VIRTIO_CONFIG_S_DRIVER,
  VIRTIO_CONFIG_S_DRIVER_OK,
  VIRTIO_CONFIG_S_FAILED,
  VIRTIO_CONFIG_S_FEATURES_OK,
  VIRTIO_DEV_ANY_ID,
  VIRTIO_F_VERSION_1,
  VIRTIO_TRANSPORT_F_END,
  VIRTIO_TRANSPORT_F_START,
} from "../../uapi/virtio_config.ts";
import { busRegister, busToJoin, type BusType } from "../../kernel/base/bus.ts";
import { deviceAdd, deviceUnregister } from "../../kernel/base/core.ts";
import { devErr, Device } from "../../kernel/base/device.ts";
import {
  DeviceDriver,
  driverRegister,
  driverUnregister,
  type RegisteredDriver,
} from "../../kernel/base/driver.ts";
import { KernelBug, KernelError } from "../../kernel/errors.ts";
import { Ida } from "../../kernel/ida.ts";
import type { Initcall } from "../../kernel/initcall.ts";
import type { Kernel } from "../../kernel/kernel.ts";
import type { AttributeGroup } from "../../kernel/kobject.ts";
import type { Module } from "../../kernel/module.ts";
import { ofAvailableChildren, ofDeviceIsCompatible } from "../../kernel/of/base.ts";
import { Slot } from "../../kernel/slot.ts";
import type { VirtioDevice as DriverView, VirtioDeviceId, VirtioDriver } from "./driver.ts";
import {
  virtioBreakDevice,
  type VirtioConfigOps,
  virtioDeviceReady,
  virtioResetDevice,
} from "./virtio_config.ts";
import type { Virtqueue } from "./virtio_ring.ts";

/** A device on the virtio bus. Linux: struct virtio_device */
export class VirtioDevice extends Device implements DriverView {
  /** The number in its name. */
  index = -1;
  id: VirtioDeviceId = { device: 0, vendor: 0 };
  /** Features that driver and device agreed on, by value `1n << bit`. */
  features = 0n;
  /** Queues that are set up, in order of creation. */
  readonly vqs: Virtqueue[] = [];
  /** The driver's own data. */
  priv: unknown;
  /** It had failed when it was frozen. */
  failed = false;
  /** Changes of the configuration reach the driver. */
  configEnabled = false;
  /** One came while they did not. */
  configChangePending = false;

  constructor(kernel: Kernel, readonly config: VirtioConfigOps) {
    super(kernel);
  }

  /** True when the device follows the standard, false for a legacy one. */
  get isModern(): boolean {
    return (this.features >> BigInt(VIRTIO_F_VERSION_1) & 1n) === 1n;
  }
}

/** Numbers of devices. Linux: virtio_index_ida */
const VIRTIO_INDEX_IDA: Slot<Ida> = new Slot("virtio", (kernel) => new Ida(kernel, "virtio"));

function hex(value: number, digits: number): string {
  return value.toString(16).padStart(digits, "0");
}

function modalias({ id }: VirtioDevice): string {
  return `virtio:d${hex(id.device, 8).toUpperCase()}v${hex(id.vendor, 8).toUpperCase()}`;
}

/** One character for each bit, bit 0 first. */
function featureString(features: bigint): string {
  return [...features.toString(2).padStart(64, "0")].reverse().join("");
}

const VIRTIO_DEV_GROUP: AttributeGroup<VirtioDevice> = {
  attrs: [
    { name: "device", mode: 0o444, show: (vdev) => `0x${hex(vdev.id.device, 4)}\n` },
    { name: "vendor", mode: 0o444, show: (vdev) => `0x${hex(vdev.id.vendor, 4)}\n` },
    { name: "status", mode: 0o444, show: (vdev) => `0x${hex(vdev.config.getStatus(), 8)}\n` },
    { name: "modalias", mode: 0o444, show: (vdev) => `${modalias(vdev)}\n` },
    { name: "features", mode: 0o444, show: (vdev) => `${featureString(vdev.features)}\n` },
  ],
};

function opsOf(dev: Device): VirtioDriver {
  return (dev.driver as DeviceDriver).ops as VirtioDriver;
}

/** What every device shares with drivers for all of them. */
const ANY_KEY = "any";

/** Linux: virtio_bus */
export const VIRTIO_BUS: BusType = {
  name: "virtio",
  devGroups: [VIRTIO_DEV_GROUP as AttributeGroup<never>],
  match: (dev, driver) => virtioDevMatch(dev as VirtioDevice, driver.ops as VirtioDriver),
  probe: (dev) => virtioDevProbe(dev as VirtioDevice),
  remove: (dev) => virtioDevRemove(dev as VirtioDevice),
  shutdown: (dev) => virtioDevShutdown(dev as VirtioDevice),
  uevent: (dev) => [`MODALIAS=${modalias(dev as VirtioDevice)}`],
  deviceKeys: (dev) => [String((dev as VirtioDevice).id.device), ANY_KEY],
  driverKeys: ({ ops }) =>
    (ops as VirtioDriver).idTable.map(({ device }) =>
      device === VIRTIO_DEV_ANY_ID ? ANY_KEY : String(device)
    ),
};

/** Linux: virtio_dev_match(), virtio_id_match() */
function virtioDevMatch({ id }: VirtioDevice, driver: VirtioDriver): boolean {
  return driver.idTable.some(({ device, vendor }) =>
    (device === id.device || device === VIRTIO_DEV_ANY_ID) &&
    (vendor === VIRTIO_DEV_ANY_ID || vendor === id.vendor)
  );
}

/** Adds bits to the status. Linux: virtio_add_status() */
export function virtioAddStatus(vdev: VirtioDevice, status: number): undefined {
  vdev.config.setStatus(vdev.config.getStatus() | status);
}

function bits(table: readonly number[]): bigint {
  return table.reduce((sum, bit) => sum | 1n << BigInt(bit), 0n);
}

/** Features of the transport; what it cannot do it drops in `finalizeFeatures()`. */
const TRANSPORT_FEATURES = (1n << BigInt(VIRTIO_TRANSPORT_F_END)) -
  (1n << BigInt(VIRTIO_TRANSPORT_F_START));

/** Brings driver and device together. VIRTIO 1.4, 3.1.1. Linux: virtio_dev_probe() */
async function virtioDevProbe(vdev: VirtioDevice): Promise<undefined> {
  const driver = opsOf(vdev);
  // We have a driver.
  virtioAddStatus(vdev, VIRTIO_CONFIG_S_DRIVER);
  try {
    await negotiate(vdev, driver);
    await driver.probe(vdev);
    // The driver may have done it already, when it needed the device during probe.
    if ((vdev.config.getStatus() & VIRTIO_CONFIG_S_DRIVER_OK) === 0) virtioDeviceReady(vdev);
    await driver.scan?.(vdev);
    virtioConfigEnable(vdev);
  } catch (error) {
    virtioAddStatus(vdev, VIRTIO_CONFIG_S_FAILED);
    throw error;
  }
}

/** From what both sides can do to what they will do. */
async function negotiate(vdev: VirtioDevice, driver: VirtioDriver): Promise<undefined> {
  const offered = vdev.config.getFeatures();
  vdev.kernel.found("features", "offered", offered);
  const modern = (offered >> BigInt(VIRTIO_F_VERSION_1) & 1n) === 1n;
  const known = modern ? driver.featureTable : driver.featureTableLegacy ?? driver.featureTable;
  vdev.features = offered & (bits(known) | TRANSPORT_FEATURES);
  vdev.config.finalizeFeatures();
  if (driver.validate !== undefined) {
    const before = vdev.features;
    await driver.validate(vdev);
    if (vdev.features !== before) vdev.config.finalizeFeatures();
  }
  vdev.kernel.found("features", "wanted", vdev.features);
  virtioFeaturesOk(vdev);
}

/** Asks the device to agree; believes only what it reads back. Linux: virtio_features_ok() */
function virtioFeaturesOk(vdev: VirtioDevice): undefined {
  if (!vdev.isModern) return;
  virtioAddStatus(vdev, VIRTIO_CONFIG_S_FEATURES_OK);
  const status = vdev.config.getStatus();
  if ((status & VIRTIO_CONFIG_S_FEATURES_OK) !== 0) return;
  devErr(vdev, `virtio: device refuses features: ${hex(status, 1)}`);
  throw new KernelError("ENODEV", `${vdev.name}: the device refuses the features`);
}

/** Linux: virtio_dev_remove() */
async function virtioDevRemove(vdev: VirtioDevice): Promise<undefined> {
  virtioConfigDisable(vdev);
  await opsOf(vdev).remove(vdev);
  if (vdev.config.getStatus() !== 0) {
    throw new KernelBug(`${vdev.name}: its driver has not reset it on removal`);
  }
  virtioAddStatus(vdev, VIRTIO_CONFIG_S_ACKNOWLEDGE);
}

/** The machine goes off: the device must not touch memory any more. Linux: virtio_dev_shutdown() */
async function virtioDevShutdown(vdev: VirtioDevice): Promise<undefined> {
  if (vdev.driver === undefined) return;
  // Some devices do not survive a kick after the reset.
  virtioBreakDevice(vdev);
  virtioResetDevice(vdev);
}

/** Changes of the configuration wait from now on. Linux: virtio_config_disable() */
export function virtioConfigDisable(vdev: VirtioDevice): undefined {
  vdev.configEnabled = false;
}

/** Changes of the configuration reach the driver, also one that waited. Linux: virtio_config_enable() */
export function virtioConfigEnable(vdev: VirtioDevice): undefined {
  vdev.configEnabled = true;
  if (vdev.configChangePending) virtioConfigChanged(vdev);
}

/** The device says that its configuration changed. Atomic context. Linux: virtio_config_changed() */
export function virtioConfigChanged(vdev: VirtioDevice): undefined {
  vdev.configChangePending = !vdev.configEnabled;
  if (vdev.configEnabled) (vdev.driver?.ops as VirtioDriver | undefined)?.configChanged?.(vdev);
}

/**
 * Finds the node that describes the device below its transport's.
 *
 * Linux: virtio_device_of_init()
 *
 * @throws {KernelError} `EINVAL` when the transport has more than one child node.
 */
function virtioDeviceOfInit(vdev: VirtioDevice): undefined {
  const above = vdev.parentDevice?.ofNode;
  if (above === undefined) return;
  const children = ofAvailableChildren(above);
  if (children.length === 0) return;
  if (children.length > 1) {
    // Linux warns here with a stack, which is not modelled.
    throw new KernelError("EINVAL", `${above.pOF}: has more than one child node`);
  }
  if (ofDeviceIsCompatible(children[0], `virtio,device${hex(vdev.id.device, 1)}`) > 0) {
    vdev.ofNode = children[0];
  }
}

/**
 * Gives a device its number and name and looks for a driver.
 *
 * Linux: register_virtio_device()
 *
 * @throws {KernelError} `ENOMEM`, `EINVAL`; nothing is left behind then.
 */
export async function registerVirtioDevice(vdev: VirtioDevice): Promise<undefined> {
  const { kernel } = vdev;
  const numbers = kernel.get(VIRTIO_INDEX_IDA);
  vdev.bus = busToJoin(kernel, VIRTIO_BUS.name);
  try {
    vdev.index = numbers.alloc();
    vdev.name = `virtio${vdev.index}`;
    virtioDeviceOfInit(vdev);
    // We always start by resetting the device, in case a previous driver messed it up.
    virtioResetDevice(vdev);
    virtioAddStatus(vdev, VIRTIO_CONFIG_S_ACKNOWLEDGE);
    await deviceAdd(vdev);
  } catch (error) {
    if (vdev.index >= 0) numbers.free(vdev.index);
    virtioAddStatus(vdev, VIRTIO_CONFIG_S_FAILED);
    throw error;
  }
}

/** Linux: unregister_virtio_device() */
export async function unregisterVirtioDevice(vdev: VirtioDevice): Promise<undefined> {
  await deviceUnregister(vdev);
  vdev.kernel.get(VIRTIO_INDEX_IDA).free(vdev.index);
}

/**
 * Makes a driver known and binds it to every device that it fits, now or when it comes. Most modules leave this to
 * {@linkcode moduleVirtioDriver}.
 *
 * Linux: register_virtio_driver()
 *
 * @param module The module that its init function got.
 * @throws {KernelError} `EINVAL` before the bus is there, `EBUSY` when the name is taken.
 */
export function registerVirtioDriver(
  kernel: Kernel,
  driver: VirtioDriver,
  module?: Module,
): Promise<RegisteredDriver> {
  return driverRegister(kernel, VIRTIO_BUS.name, driver, module);
}

/**
 * Takes a driver away from all its devices and from its bus.
 *
 * Linux: unregister_virtio_driver()
 *
 * @param driver What {@linkcode registerVirtioDriver} gave.
 */
export function unregisterVirtioDriver(driver: RegisteredDriver): Promise<undefined> {
  if (driver instanceof DeviceDriver) return driverUnregister(driver);
  throw new KernelBug(`${driver.name}: is no registered driver`);
}

/** Puts a device to sleep. Linux: virtio_device_freeze() */
export async function virtioDeviceFreeze(vdev: VirtioDevice): Promise<undefined> {
  virtioConfigDisable(vdev);
  vdev.failed = (vdev.config.getStatus() & VIRTIO_CONFIG_S_FAILED) !== 0;
  const driver = vdev.driver?.ops as VirtioDriver | undefined;
  try {
    await driver?.freeze?.(vdev);
  } catch (error) {
    virtioConfigEnable(vdev);
    throw error;
  }
}

/** Wakes a device up, with the features it had. Linux: virtio_device_restore() */
export async function virtioDeviceRestore(vdev: VirtioDevice): Promise<undefined> {
  virtioResetDevice(vdev);
  virtioAddStatus(vdev, VIRTIO_CONFIG_S_ACKNOWLEDGE);
  if (vdev.failed) virtioAddStatus(vdev, VIRTIO_CONFIG_S_FAILED);
  const driver = vdev.driver?.ops as VirtioDriver | undefined;
  if (driver === undefined) return;
  virtioAddStatus(vdev, VIRTIO_CONFIG_S_DRIVER);
  try {
    vdev.config.finalizeFeatures();
    virtioFeaturesOk(vdev);
    await driver.restore?.(vdev);
    if ((vdev.config.getStatus() & VIRTIO_CONFIG_S_DRIVER_OK) === 0) virtioDeviceReady(vdev);
    virtioConfigEnable(vdev);
  } catch (error) {
    virtioAddStatus(vdev, VIRTIO_CONFIG_S_FAILED);
    throw error;
  }
}

/** Linux: virtio_init() */
async function virtioInit(kernel: Kernel): Promise<number> {
  busRegister(kernel, VIRTIO_BUS);
  return 0;
}

/** The bus comes to life before anything that sits on it. */
export const VIRTIO_INITCALLS: readonly Initcall[] = [
  { name: "virtio_init", level: "core", fn: virtioInit },
];
