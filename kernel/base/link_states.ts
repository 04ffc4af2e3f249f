/**
 * What happens to links when drivers come and go.
 *
 * Linux: device_links_check_suppliers() and its neighbours in drivers/base/core.c
 *
 * @module
 */
import type { Device } from "./device.ts";
import {
  consumersOf,
  type DeviceLink,
  deviceLinkDropManaged,
  DL_FLAG_AUTOPROBE_CONSUMER,
  DL_FLAG_AUTOREMOVE_CONSUMER,
  DL_FLAG_AUTOREMOVE_SUPPLIER,
  DL_FLAG_INFERRED,
  DL_FLAG_MANAGED,
  DL_FLAG_SYNC_STATE_ONLY,
  suppliersOf,
} from "./links.ts";
import { syncStateForget, syncStateQueue } from "./sync_state.ts";

/** The links that the core looks after; a list of their own, as some may go meanwhile. */
function managed(links: readonly DeviceLink[]): DeviceLink[] {
  return links.filter((link) => link.has(DL_FLAG_MANAGED));
}

/** A link whose consumer has no driver any more. */
function rest(link: DeviceLink): undefined {
  link.setState(link.supplier.linkStatus === "bound" ? "available" : "dormant");
}

/** Whether a device is probed although a supplier is missing that only the device tree names and no driver has. Linux: dev_is_best_effort() */
export function linkIsOptional({ consumer, supplier, flags }: DeviceLink): boolean {
  const inferred = (flags & DL_FLAG_INFERRED) !== 0;
  return inferred && !supplier.canMatch && consumer.fwnode?.bestEffort === true;
}

/**
 * The first supplier that is not there yet and that the device cannot do without. If there is none, the others
 * stay until the probe has ended.
 *
 * Linux: device_links_check_suppliers()
 */
export function linksMissing(dev: Device): Device | undefined {
  const { kernel } = dev;
  dev.linkStatus = "probing";
  for (const link of managed(suppliersOf(dev))) {
    kernel.access?.("devlink", link.name, "read");
    if (link.state !== "available" && !link.has(DL_FLAG_SYNC_STATE_ONLY)) {
      if (linkIsOptional(link)) continue;
      for (const other of suppliersOf(dev)) if (other.state === "consumer probing") rest(other);
      return link.supplier;
    }
    link.setState("consumer probing");
    kernel.found("supplier", link.supplier.name, link.supplier.linkStatus);
  }
  return undefined;
}

/** Who has to hear that a driver was bound. */
export interface BoundNews {
  /** Consumers that may be tried now. */
  readonly probe: readonly Device[];
  /** Suppliers all of whose consumers are there. */
  readonly sync: readonly Device[];
}

/** A probe succeeded: consumers may come, suppliers are in use. Linux: device_links_driver_bound() */
export function linksDriverBound(dev: Device): BoundNews {
  const probe: Device[] = [];
  for (const link of managed(consumersOf(dev))) {
    // Made while both were being probed.
    if (link.state === "consumer probing" || link.state === "active") continue;
    link.setState("available");
    if (link.has(DL_FLAG_AUTOPROBE_CONSUMER)) probe.push(link.consumer);
  }
  const sync = syncStateQueue([dev]);
  for (const link of managed(suppliersOf(dev))) {
    const skipped = link.state !== "consumer probing" && linkIsOptional(link);
    if (skipped || link.has(DL_FLAG_SYNC_STATE_ONLY)) deviceLinkDropManaged(link);
    else link.setState("active");
    sync.push(...syncStateQueue([link.supplier]));
  }
  dev.linkStatus = "bound";
  return { probe, sync };
}

/** Linux: __device_links_no_driver() */
function forgetSuppliers(dev: Device): undefined {
  for (const link of managed(suppliersOf(dev)).reverse()) {
    if (link.has(DL_FLAG_AUTOREMOVE_CONSUMER)) deviceLinkDropManaged(link);
    else if (link.state === "consumer probing" || link.state === "active") rest(link);
  }
  dev.linkStatus = "no driver";
}

/** A probe failed. Linux: device_links_no_driver() */
export function linksNoDriver(dev: Device): undefined {
  for (const link of managed(consumersOf(dev))) {
    if (link.state === "consumer probing" || link.state === "active") link.setState("dormant");
  }
  forgetSuppliers(dev);
}

/** A driver let go. Linux: device_links_driver_cleanup() */
export function linksDriverCleanup(dev: Device): undefined {
  for (const link of managed(consumersOf(dev))) {
    const goes = link.state === "supplier unbinding" && link.has(DL_FLAG_AUTOREMOVE_SUPPLIER);
    if (goes) deviceLinkDropManaged(link);
    link.setState("dormant");
  }
  syncStateForget(dev);
  forgetSuppliers(dev);
}

/** True when a consumer is in use or on its way; else nobody can use the device from now on. Linux: device_links_busy() */
export function linksBusy(dev: Device): boolean {
  let busy = false;
  for (const link of managed(consumersOf(dev))) {
    busy = link.state === "consumer probing" || link.state === "active";
    if (busy) break;
    link.setState("supplier unbinding");
  }
  dev.linkStatus = "unbinding";
  return busy;
}

/**
 * Makes the drivers of all consumers let go.
 *
 * Linux: device_links_unbind_consumers()
 *
 * @param release Makes a driver let go of a device.
 * @param settle Sleeps until nothing is being probed.
 */
export async function linksUnbindConsumers(
  dev: Device,
  release: (dev: Device) => Promise<undefined>,
  settle: () => Promise<undefined>,
): Promise<undefined> {
  for (;;) {
    const link = managed(consumersOf(dev)).find((link) =>
      !link.has(DL_FLAG_SYNC_STATE_ONLY) && link.state !== "supplier unbinding"
    );
    if (link === undefined) return;
    const { state, consumer } = link;
    if (state === "consumer probing") await settle();
    else link.setState("supplier unbinding");
    if (state === "active") await release(consumer);
  }
}
