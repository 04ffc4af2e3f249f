/**
 * Events for user space: what udev would hear.
 *
 * Linux: lib/kobject_uevent.c
 *
 * @module
 */
import { Slot } from "../slot.ts";

/** Why an event is sent. */
export type UeventAction =
  | "add"
  | "remove"
  | "change"
  | "move"
  | "online"
  | "offline"
  | "bind"
  | "unbind";

/** One event. */
export interface Uevent {
  readonly action: UeventAction;
  /** Path of the object below `/sys`. */
  readonly devpath: string;
  readonly subsystem: string;
  /** `KEY=value` words in order, `SEQNUM` last. */
  readonly env: readonly string[];
  readonly seqnum: number;
}

/** All events of one kernel. */
export class Uevents {
  /** The events so far, oldest first. */
  readonly sent: Uevent[] = [];
  /** Hears each event when it is sent. */
  listener: ((event: Uevent) => undefined) | undefined;
  /** False drops events, but counts them. */
  enabled = true;
  seqnum = 0;

  /**
   * Sends an event.
   *
   * Linux: kobject_uevent_env()
   *
   * @param extra Words of the caller, before the object's own.
   * @param keys Makes the object's own words; not called when nobody listens.
   */
  send(
    action: UeventAction,
    devpath: string,
    subsystem: string,
    extra: readonly string[],
    keys: () => readonly string[],
  ): undefined {
    const seqnum = ++this.seqnum;
    if (!this.enabled) return;
    const own = action === "unbind" ? keys().filter((key) => !key.startsWith("MODALIAS=")) : keys();
    const env = [
      `ACTION=${action}`,
      `DEVPATH=${devpath}`,
      `SUBSYSTEM=${subsystem}`,
      ...extra,
      ...own,
      `SEQNUM=${seqnum}`,
    ];
    const event = { action, devpath, subsystem, env, seqnum };
    this.sent.push(event);
    this.listener?.(event);
  }
}

/** The events of a kernel. */
export const UEVENTS: Slot<Uevents> = new Slot("uevents", (kernel) => {
  const uevents = new Uevents();
  uevents.enabled = kernel.log.enabled;
  return uevents;
});
