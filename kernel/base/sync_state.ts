/**
 * Telling a supplier that all who need it are there: until then it keeps what the boot loader left switched on.
 *
 * Linux: the sync_state() part of drivers/base/core.c
 *
 * @module
 */
import type { Kernel } from "../kernel.ts";
import { Slot } from "../slot.ts";
import { type Device, hasSyncState } from "./device.ts";
import { consumersOf, DL_FLAG_MANAGED } from "./links.ts";

/** Who must still be told. */
class SyncStates {
  /** How many parts of the boot hold all back. It ends in late_initcall and late_initcall_sync. */
  pauses = 1;
  /** Looked at when nobody holds back any more, oldest first. Linux: deferred_sync */
  readonly deferred = new Set<Device>();
}

const SYNC_STATES: Slot<SyncStates> = new Slot("sync states", () => new SyncStates());

/** Nobody is told for now: more devices are about to be made. Linux: device_links_supplier_sync_state_pause() */
export function syncStatePause(kernel: Kernel): undefined {
  kernel.get(SYNC_STATES).pauses++;
}

/** Undoes {@linkcode syncStatePause}; the last one tells who may be told. Linux: device_links_supplier_sync_state_resume() */
export async function syncStateResume(kernel: Kernel): Promise<undefined> {
  const states = kernel.get(SYNC_STATES);
  if (states.pauses === 0) return kernel.warn("Unmatched sync_state pause/resume!");
  if (--states.pauses > 0) return;
  const waiting = [...states.deferred];
  states.deferred.clear();
  await syncStateFlush(waiting.filter(isToBeTold));
}

/** True when all who need the device are there, and it does not know; from now on it does. Linux: __device_links_queue_sync_state() */
function isToBeTold(dev: Device): boolean {
  if (!hasSyncState(dev) || dev.stateSynced) return false;
  const missing = consumersOf(dev).some((link) =>
    link.has(DL_FLAG_MANAGED) && link.state !== "active"
  );
  dev.stateSynced = !missing;
  return !missing;
}

/** A consumer is there, or a supplier: those of the devices that are to be told now; nobody while all are held back. */
export function syncStateQueue(devices: readonly Device[]): Device[] {
  return devices.filter((dev) => {
    const { pauses, deferred } = dev.kernel.get(SYNC_STATES);
    if (pauses === 0) return isToBeTold(dev);
    if (hasSyncState(dev)) deferred.add(dev);
    return false;
  });
}

/** The device's driver is gone: there is nobody to tell. */
export function syncStateForget(dev: Device): undefined {
  dev.kernel.get(SYNC_STATES).deferred.delete(dev);
}

/** Tells them. Linux: device_links_flush_sync_list() */
export async function syncStateFlush(devices: readonly Device[]): Promise<undefined> {
  for (const dev of devices) {
    const tell = dev.bus?.type.syncState ?? dev.driver?.ops.syncState;
    await tell?.(dev);
  }
}
