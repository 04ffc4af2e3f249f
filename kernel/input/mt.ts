/**
 * Several fingers at once: each has a slot with a value of its own for each axis.
 *
 * Linux: drivers/input/input-mt.c, Documentation/input/multi-touch-protocol.rst (type B)
 *
 * @module
 */
import { ABS_MT_TOOL_Y, ABS_MT_TOUCH_MAJOR } from "../../uapi/input_event_codes.ts";
import { ABS_MT_TRACKING_ID } from "../../uapi/input_event_codes.ts";

/** A slot that no finger is in. */
const NO_FINGER = -1;

/** True for an axis that each slot has by itself. Linux: input_is_mt_value() */
export function isMtValue(axis: number): boolean {
  return axis >= ABS_MT_TOUCH_MAJOR && axis <= ABS_MT_TOOL_Y;
}

/** The slots of one device. Linux: struct input_mt */
export class MtSlots {
  /** The slot that values go to from now on. */
  current = 0;
  readonly #values: Int32Array;

  constructor(readonly count: number) {
    this.#values = new Int32Array(count * (ABS_MT_TOOL_Y - ABS_MT_TOUCH_MAJOR + 1));
    for (let slot = 0; slot < count; slot++) {
      this.#values[index(slot, ABS_MT_TRACKING_ID)] = NO_FINGER;
    }
  }

  /** The last value of an axis in a slot. Linux: input_mt_get_value() */
  get(slot: number, axis: number): number {
    return this.#values[index(slot, axis)];
  }

  /** Keeps the value of an axis in the current slot. */
  set(axis: number, value: number): undefined {
    this.#values[index(this.current, axis)] = value;
  }
}

function index(slot: number, axis: number): number {
  return slot * (ABS_MT_TOOL_Y - ABS_MT_TOUCH_MAJOR + 1) + axis - ABS_MT_TOUCH_MAJOR;
}
