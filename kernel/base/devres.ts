/**
 * What a driver acquired for a device, given back in reverse order when the driver lets go.
 *
 * Linux: drivers/base/devres.c
 *
 * @module
 */
import type { MightSleep } from "../might_sleep.ts";

/** One thing to give back. */
export interface DevresEntry {
  /** For people: `devm_ioremap`. */
  readonly name: string;
  readonly release: () => MightSleep<undefined>;
}

/** The list of one device. */
export class Devres {
  #entries: DevresEntry[] | undefined;

  /** How many things are held. */
  get size(): number {
    return this.#entries?.length ?? 0;
  }

  /** Notes something to give back. Linux: devres_add(), devm_add_action() */
  add(name: string, release: () => MightSleep<undefined>): DevresEntry {
    const entry = { name, release };
    (this.#entries ??= []).push(entry);
    return entry;
  }

  /** Forgets an entry without giving it back. Linux: devres_remove() */
  remove(entry: DevresEntry): undefined {
    const at = this.#entries?.indexOf(entry) ?? -1;
    if (at >= 0) this.#entries?.splice(at, 1);
  }

  /** Gives everything back, newest first. Linux: devres_release_all() */
  releaseAll(): MightSleep<undefined> {
    let entry: DevresEntry | undefined;
    while ((entry = this.#entries?.pop()) !== undefined) {
      const released = entry.release();
      if (released !== undefined) return released.then(() => this.releaseAll());
    }
  }
}
