/**
 * Events for user space: what udev would hear.
 *
 * Linux: lib/kobject_uevent.c
 *
 * @module
 */
import { KernelError } from "../errors.ts";
import type { Kernel } from "../kernel.ts";
import { Slot } from "../slot.ts";

/** Why events are sent. Linux: kobject_actions */
const UEVENT_ACTIONS = [
  "add",
  "remove",
  "change",
  "move",
  "online",
  "offline",
  "bind",
  "unbind",
] as const;

/** Why an event is sent. */
export type UeventAction = (typeof UEVENT_ACTIONS)[number];

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

  /** Sends an event about an object with words of its own; it is not looked at when nobody listens. */
  sendAbout(source: UeventSource, action: UeventAction, extra: readonly string[]): undefined {
    if (!this.enabled) this.seqnum++;
    else this.send(action, source.path, source.subsystem, extra, () => source.ueventKeys?.() ?? []);
  }
}

/** The events of a kernel. */
export const UEVENTS: Slot<Uevents> = new Slot("uevents", (kernel) => {
  const uevents = new Uevents();
  uevents.enabled = kernel.log.enabled;
  return uevents;
});

/** Who an event is about, as far as events go. */
export interface UeventSource {
  readonly kernel: Kernel;
  /** Path of the object below `/sys`. */
  readonly path: string;
  readonly subsystem: string;
  /** Words of the object's own. */
  ueventKeys?(): readonly string[];
  /** The object sends no events. */
  readonly ueventSuppress?: boolean;
}

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/i;
const ARGUMENT = /^[0-9a-z]+=[0-9a-z]+$/i;

/** `UUID KEY=VALUE ...`: words for the event, `undefined` when they are malformed. Linux: kobject_action_args() */
function parseArguments(args: string): string[] | undefined {
  const uuid = UUID.exec(args)?.[0];
  if (uuid === undefined) return undefined;
  const rest = args.slice(uuid.length);
  if (rest === "") return [`SYNTH_UUID=${uuid}`];
  if (!rest.startsWith(" ")) return undefined;
  const words = rest.slice(1).split(" ");
  if (!words.every((word) => ARGUMENT.test(word))) return undefined;
  return [`SYNTH_UUID=${uuid}`, ...words.map((word) => `SYNTH_ARG_${word}`)];
}

/**
 * Sends the event that somebody wrote to a `uevent` file: `ACTION [UUID [KEY=VALUE ...]]`.
 *
 * Linux: kobject_synth_uevent()
 *
 * @throws {KernelError} `EINVAL` when that is no action, or what follows is malformed.
 */
export function kobjectSynthUevent(source: UeventSource, written: string): undefined {
  const text = /[\n\0]$/.test(written) ? written.slice(0, -1) : written;
  const blank = text.indexOf(" ");
  const word = blank < 0 ? text : text.slice(0, blank);
  const action = UEVENT_ACTIONS.find((known) => known === word);
  const extra = blank < 0 ? ["SYNTH_UUID=0"] : parseArguments(text.slice(blank + 1));
  if (action === undefined || extra === undefined) {
    const why = action === undefined
      ? "unknown uevent action string"
      : "incorrect uevent action arguments";
    source.kernel.warn(`synth uevent: ${source.path}: ${why}`);
    throw new KernelError("EINVAL", `${source.path}: ${why}`);
  }
  if (source.subsystem === "" || source.ueventSuppress === true) return;
  source.kernel.get(UEVENTS).sendAbout(source, action, extra);
}
