/**
 * Input devices and those who listen to them.
 *
 * Linux: drivers/input/input.c
 *
 * @module
 */
import {
  ABS_CNT,
  ABS_MT_SLOT,
  ABS_MT_TRACKING_ID,
  EV_ABS,
  EV_CNT,
  EV_KEY,
  EV_LED,
  EV_MSC,
  EV_REL,
  EV_REP,
  EV_SND,
  EV_SW,
  EV_SYN,
  INPUT_PROP_CNT,
  KEY_CNT,
  LED_CNT,
  MSC_CNT,
  REL_CNT,
  REP_DELAY,
  REP_PERIOD,
  SND_CNT,
  SW_CNT,
  SYN_CONFIG,
  SYN_MT_REPORT,
  SYN_REPORT,
} from "../../uapi/input_event_codes.ts";
import { deviceAdd, deviceDel } from "../base/core.ts";
import { Device } from "../base/device.ts";
import { errnoOf } from "../errors.ts";
import type { Kernel } from "../kernel.ts";
import type { Timer } from "../timers.ts";
import { Slot } from "../slot.ts";
import { Bitmap } from "./bitmap.ts";
import { isMtValue, MtSlots } from "./mt.ts";
import { INPUT_CLASS, INPUT_TYPE } from "./input_show.ts";

/** One change: a key, an axis, a lamp. Linux: struct input_value */
export interface InputValue {
  /** The kind of change: `EV_KEY` is 1, `EV_REL` 2, `EV_ABS` 3. */
  readonly type: number;
  /** Which key or axis: `KEY_A` is 30. */
  readonly code: number;
  /** Where it is now, or how far it went; for a key 1 down, 0 up, 2 repeated. */
  readonly value: number;
}

/** Who made a device. Linux: struct input_id */
export interface InputId {
  bustype: number;
  vendor: number;
  product: number;
  version: number;
}

/** What an absolute axis can say. Linux: struct input_absinfo */
export interface InputAbsInfo {
  value: number;
  minimum: number;
  maximum: number;
  fuzz: number;
  flat: number;
  resolution: number;
}

/** Number of force feedback effects; no device here has any. */
const FF_CNT = 0x80;
/** Tracking ids of fingers go round here. Linux: TRKID_MAX */
const TRACKING_ID_MAX = 0xffff;
/** Milliseconds before a held key repeats, and between repetitions. Linux: input_enable_softrepeat() */
const REPEAT_DELAY_MS = 250;
const REPEAT_PERIOD_MS = 33;
/** Events that a report has room for beside axes: keys and others. Linux: input_estimate_events_per_packet() */
const PACKET_SPARE = 7;
const NS_PER_MS = 1_000_000;

/** A connection of a device and a listener. Linux: struct input_handle */
export interface InputHandle {
  readonly dev: InputDev;
  readonly handler: InputHandler;
  /** `event0`, `kbd`: what `/proc/bus/input/devices` lists. */
  readonly name: string;
  /** Hears the values of one report. Atomic context. */
  events?(values: readonly InputValue[]): undefined;
}

/** Somebody who listens to devices. Linux: struct input_handler */
export interface InputHandler {
  readonly name: string;
  /** It may swallow events, and hears them first. */
  readonly filter?: boolean;
  /** First number of its device files. */
  readonly minor?: number;
  match(dev: InputDev): boolean;
  /** Starts listening; `undefined` when it does not want to. */
  connect(dev: InputDev): Promise<InputHandle | undefined>;
  disconnect(handle: InputHandle): Promise<undefined>;
}

/** A device that people press, move or look at. Linux: struct input_dev */
export class InputDev extends Device {
  /** The name for people. */
  label = "";
  phys = "";
  uniq: string | undefined;
  readonly id: InputId = { bustype: 0, vendor: 0, product: 0, version: 0 };
  readonly propbit = new Bitmap(INPUT_PROP_CNT);
  readonly evbit = new Bitmap(EV_CNT);
  readonly keybit = new Bitmap(KEY_CNT);
  readonly relbit = new Bitmap(REL_CNT);
  readonly absbit = new Bitmap(ABS_CNT);
  readonly mscbit = new Bitmap(MSC_CNT);
  readonly ledbit = new Bitmap(LED_CNT);
  readonly sndbit = new Bitmap(SND_CNT);
  readonly ffbit = new Bitmap(FF_CNT);
  readonly swbit = new Bitmap(SW_CNT);
  /** Keys, lamps, sounds and switches that are on now. */
  readonly key = new Bitmap(KEY_CNT);
  readonly led = new Bitmap(LED_CNT);
  readonly snd = new Bitmap(SND_CNT);
  readonly sw = new Bitmap(SW_CNT);
  readonly absinfo = new Map<number, InputAbsInfo>();
  /** Fingers, where the device tells them apart. */
  mt: MtSlots | undefined;
  /** Milliseconds: delay and period of repetition. */
  readonly rep = [0, 0];
  /** Takes what is sent to the device: lamps, sounds. Atomic context. */
  event: ((type: number, code: number, value: number) => undefined) | undefined;
  /** Those who listen, filters first. */
  readonly handles: InputHandle[] = [];
  /** Nothing it says is heard. */
  inhibited = false;

  /** How many events one report may have; set at registration. */
  eventsPerPacket = Infinity;

  #values: InputValue[] = [];
  #repeatKey = 0;
  #repeatTimer: Timer | undefined;

  constructor(kernel: Kernel) {
    super(kernel);
    this.cls = INPUT_CLASS;
    this.type = INPUT_TYPE;
  }

  /**
   * The hardware says something. Values reach the listeners with the report that ends them.
   *
   * Linux: input_event(). Atomic context.
   */
  inputEvent(type: number, code: number, value: number): undefined {
    if (type < this.evbit.size && this.evbit.has(type)) this.#handle(type, code, value);
  }

  /** A listener says something, for example to a lamp. Linux: input_inject_event(). Atomic context. */
  inject(type: number, code: number, value: number): undefined {
    if (this.evbit.has(type)) this.#handle(type, code, value);
  }

  /** Linux: input_handle_event() */
  #handle(type: number, code: number, value: number): undefined {
    if (this.inhibited) return;
    if (type === EV_SYN) {
      if (code === SYN_REPORT) this.#flush(value);
      else if (code === SYN_CONFIG || code === SYN_MT_REPORT) {
        this.#values.push({ type, code, value });
      }
      return;
    }
    const settled = this.#settle(type, code, value);
    if (settled === undefined) return;
    if (type === EV_LED || type === EV_SND || type === EV_MSC || type === EV_REP) {
      this.event?.(type, code, value);
    }
    this.#values.push({ type, code, value: settled });
    // A report that never ends is cut.
    if (this.#values.length >= this.eventsPerPacket) this.#flush(1);
  }

  /** What of a value is news; `undefined` when nothing is. Linux: input_get_disposition() */
  #settle(type: number, code: number, value: number): number | undefined {
    if (type === EV_KEY) {
      if (!this.keybit.has(code)) return undefined;
      return value === 2 || toggles(this.key, code, value) ? value : undefined;
    }
    if (type === EV_REL) return this.relbit.has(code) && value !== 0 ? value : undefined;
    if (type === EV_ABS) return this.absbit.has(code) ? this.#settleAbs(code, value) : undefined;
    if (type === EV_MSC) return this.mscbit.has(code) ? value : undefined;
    if (type === EV_SW) {
      return this.swbit.has(code) && toggles(this.sw, code, value) ? value : undefined;
    }
    if (type === EV_LED) {
      return this.ledbit.has(code) && toggles(this.led, code, value) ? value : undefined;
    }
    if (type === EV_SND) {
      if (!this.sndbit.has(code)) return undefined;
      // The device hears of a sound also when nothing changes.
      toggles(this.snd, code, value);
      return value;
    }
    if (type === EV_REP && code < 2 && value >= 0 && this.rep[code] !== value) {
      this.rep[code] = value;
      return value;
    }
    return undefined;
  }

  /** Linux: input_handle_abs_event(), input_defuzz_abs_event() */
  #settleAbs(code: number, value: number): number | undefined {
    const { mt } = this;
    if (code === ABS_MT_SLOT) {
      // Which finger it is matters only when something is said about it.
      if (mt !== undefined && value >= 0 && value < mt.count) mt.current = value;
      return undefined;
    }
    const info = this.absinfo.get(code);
    if (!isMtValue(code)) {
      if (info === undefined) return value;
      const settled = defuzz(value, info.value, info.fuzz);
      if (settled === info.value) return undefined;
      info.value = settled;
      return settled;
    }
    if (mt === undefined) return value;
    const old = mt.get(mt.current, code);
    const settled = defuzz(value, old, info?.fuzz ?? 0);
    if (settled === old) return undefined;
    mt.set(code, settled);
    this.#nameSlot(mt);
    return settled;
  }

  /** Says which finger the next value is about, if that is another one than before. */
  #nameSlot(mt: MtSlots): undefined {
    const slot = this.absinfo.get(ABS_MT_SLOT);
    if (slot === undefined || slot.value === mt.current) return;
    slot.value = mt.current;
    this.#values.push({ type: EV_ABS, code: ABS_MT_SLOT, value: mt.current });
  }

  /**
   * Ends a report; an empty one is not heard.
   *
   * Linux: input_pass_values()
   *
   * @param value 1 when nobody outside ended it: a repetition, or a cut.
   */
  #flush(value: number): undefined {
    const values = this.#values;
    if (values.length === 0) return;
    values.push({ type: EV_SYN, code: SYN_REPORT, value });
    this.#values = [];
    for (const handle of this.handles) handle.events?.(values);
    if (this.evbit.has(EV_REP) && this.evbit.has(EV_KEY)) this.#autorepeat(values);
  }

  #autorepeat(values: readonly InputValue[]): undefined {
    for (const { type, code, value } of values) {
      if (type !== EV_KEY || value === 2) continue;
      if (value !== 0) this.#startRepeat(code);
      else this.stopRepeat();
    }
  }

  #startRepeat(code: number): undefined {
    if (this.rep[REP_PERIOD] === 0 || this.rep[REP_DELAY] === 0) return;
    this.stopRepeat();
    this.#repeatKey = code;
    this.#armRepeat(this.rep[REP_DELAY]);
  }

  #armRepeat(ms: number): undefined {
    const { sched, clock } = this.kernel;
    const atNs = clock.nowNs + ms * NS_PER_MS;
    this.#repeatTimer = sched.addTimer(atNs, "input_repeat_key", () => this.#repeat());
  }

  /** Linux: input_repeat_key() */
  #repeat(): undefined {
    const key = this.#repeatKey;
    this.#repeatTimer = undefined;
    if (!this.key.has(key) || this.inhibited) return;
    this.inputEvent(EV_KEY, key, 2);
    this.inputEvent(EV_SYN, SYN_REPORT, 1);
    if (this.rep[REP_PERIOD] > 0) this.#armRepeat(this.rep[REP_PERIOD]);
  }

  /** No key repeats any more. Linux: input_stop_autorepeat() */
  stopRepeat(): undefined {
    if (this.#repeatTimer !== undefined) this.kernel.sched.deleteTimer(this.#repeatTimer);
    this.#repeatTimer = undefined;
  }

  /** Lets go of all keys, as when the device goes away. Linux: input_dev_release_keys() */
  releaseKeys(): undefined {
    this.stopRepeat();
    for (const code of [...this.key.values()]) this.inputEvent(EV_KEY, code, 0);
    this.inputEvent(EV_SYN, SYN_REPORT, 1);
  }

  /** Keys are let go, lamps and sounds go off. Linux: input_dev_suspend() */
  suspend(): undefined {
    for (const _key of this.key.values()) {
      this.releaseKeys();
      break;
    }
    this.#toggle(EV_LED, this.ledbit, this.led, false);
    this.#toggle(EV_SND, this.sndbit, this.snd, false);
  }

  /** Lamps and sounds are as they were; the device hears again how keys repeat. Linux: input_dev_resume() */
  resume(): undefined {
    this.#toggle(EV_LED, this.ledbit, this.led, true);
    this.#toggle(EV_SND, this.sndbit, this.snd, true);
    if (!this.evbit.has(EV_REP)) return;
    for (const code of [REP_PERIOD, REP_DELAY]) this.event?.(EV_REP, code, this.rep[code]);
  }

  /** Linux: INPUT_DO_TOGGLE() */
  #toggle(type: number, codes: Bitmap, active: Bitmap, on: boolean): undefined {
    if (!this.evbit.has(type)) return;
    for (const code of codes.values()) {
      const is = active.has(code);
      if (is || on) this.event?.(type, code, on && is ? 1 : 0);
    }
  }
}

/** Linux: input_estimate_events_per_packet() */
function estimateEventsPerPacket({ absbit, relbit }: InputDev): number {
  return 1 + [...absbit.values()].length + [...relbit.values()].length + PACKET_SPARE;
}

/** Sets a bit as `value` says; true when that changes it. */
function toggles(bits: Bitmap, code: number, value: number): boolean {
  const on = value !== 0;
  if (bits.has(code) === on) return false;
  if (on) bits.add(code);
  else bits.delete(code);
  return true;
}

/** Smooths a value that trembles. Linux: input_defuzz_abs_event() */
export function defuzz(value: number, old: number, fuzz: number): number {
  if (fuzz === 0) return value;
  const distance = Math.abs(value - old);
  if (distance < Math.trunc(fuzz / 2)) return old;
  if (distance < fuzz) return Math.trunc((old * 3 + value) / 4);
  if (distance < fuzz * 2) return Math.trunc((old + value) / 2);
  return value;
}

/** The devices and listeners of one kernel. */
export class InputCore {
  /** Oldest first. */
  readonly devices: InputDev[] = [];
  readonly handlers: InputHandler[] = [];
  /** Numbers are never used again. */
  nextNumber = 0;
}

/** The input core of a kernel. */
export const INPUT: Slot<InputCore> = new Slot("input", () => new InputCore());

/** A listener that cannot connect is logged and left out. Linux: input_attach_handler() */
async function attach(dev: InputDev, handler: InputHandler): Promise<undefined> {
  if (!handler.match(dev)) return;
  let handle: InputHandle | undefined;
  try {
    handle = await handler.connect(dev);
  } catch (error) {
    const errno = errnoOf(error);
    dev.kernel.err(
      `input: failed to attach handler ${handler.name} to device ${dev.name}, error: -${errno}`,
    );
  }
  if (handle === undefined) return;
  if (handler.filter === true) dev.handles.unshift(handle);
  else dev.handles.push(handle);
}

async function detach(handle: InputHandle): Promise<undefined> {
  const { handles } = handle.dev;
  handles.splice(handles.indexOf(handle), 1);
  await handle.handler.disconnect(handle);
}

/**
 * Makes a device known: `/sys/class/input/inputN`, and all listeners that want it.
 *
 * Linux: input_register_device()
 *
 * @throws {KernelError} `ENOMEM`; nothing is left behind then.
 */
export async function inputRegisterDevice(dev: InputDev): Promise<undefined> {
  const { kernel } = dev;
  const core = kernel.get(INPUT);
  dev.evbit.add(EV_SYN);
  dev.keybit.delete(0);
  dev.eventsPerPacket = estimateEventsPerPacket(dev);
  if (dev.rep[REP_DELAY] === 0 && dev.rep[REP_PERIOD] === 0) {
    dev.rep[REP_DELAY] = REPEAT_DELAY_MS;
    dev.rep[REP_PERIOD] = REPEAT_PERIOD_MS;
  }
  kernel.access?.("input", "number", "take");
  kernel.found("number", "input", core.nextNumber);
  dev.name = `input${core.nextNumber++}`;
  await deviceAdd(dev);
  kernel.info(`input: ${dev.label || "Unspecified device"} as ${dev.path}`);
  kernel.access?.("input", "devices", "append");
  core.devices.push(dev);
  kernel.access?.("input", "handlers", "read");
  kernel.access?.("input handler order", "", "read");
  for (const handler of core.handlers) await attach(dev, handler);
}

/** Takes a device away. Linux: input_unregister_device() */
export async function inputUnregisterDevice(dev: InputDev): Promise<undefined> {
  const { devices } = dev.kernel.get(INPUT);
  dev.releaseKeys();
  while (dev.handles.length > 0) await detach(dev.handles[0]);
  dev.kernel.access?.("input", "devices", "write");
  devices.splice(devices.indexOf(dev), 1);
  await deviceDel(dev);
}

/**
 * Makes a listener known and shows it all devices.
 *
 * Linux: input_register_handler()
 */
export async function inputRegisterHandler(
  kernel: Kernel,
  handler: InputHandler,
): Promise<undefined> {
  const core = kernel.get(INPUT);
  // Only in which order devices and messages of handlers come depends on theirs.
  kernel.access?.("input", "handlers", "insert");
  kernel.access?.("input handler order", "", "append");
  core.handlers.push(handler);
  kernel.access?.("input", "devices", "read");
  for (const dev of core.devices) await attach(dev, handler);
}

/** Takes a listener away. Linux: input_unregister_handler() */
export async function inputUnregisterHandler(
  kernel: Kernel,
  handler: InputHandler,
): Promise<undefined> {
  const core = kernel.get(INPUT);
  kernel.access?.("input", "devices", "read");
  for (const dev of core.devices) {
    for (const handle of [...dev.handles]) if (handle.handler === handler) await detach(handle);
  }
  kernel.access?.("input", "handlers", "write");
  kernel.access?.("input handler order", "", "write");
  core.handlers.splice(core.handlers.indexOf(handler), 1);
}

/** Sets what an absolute axis can say. Linux: input_set_abs_params() */
export function inputSetAbsParams(
  dev: InputDev,
  axis: number,
  info: Omit<InputAbsInfo, "value">,
): undefined {
  dev.evbit.add(EV_ABS);
  dev.absbit.add(axis);
  dev.absinfo.set(axis, { value: 0, ...info });
}

/** Gives a device slots for `count` fingers. Linux: input_mt_init_slots() */
export function inputMtInitSlots(dev: InputDev, count: number): undefined {
  if (count <= 0) return;
  dev.mt = new MtSlots(count);
  const rest = { minimum: 0, fuzz: 0, flat: 0, resolution: 0 };
  inputSetAbsParams(dev, ABS_MT_SLOT, { ...rest, maximum: count - 1 });
  inputSetAbsParams(dev, ABS_MT_TRACKING_ID, { ...rest, maximum: TRACKING_ID_MAX });
}
