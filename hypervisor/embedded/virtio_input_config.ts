/**
 * What QEMU's keyboard, mouse and tablet say of themselves: names, ids, and which events they send.
 *
 * QEMU: hw/input/virtio-input-hid.c.
 *
 * @module
 */
import {
  ABS_X,
  ABS_Y,
  BTN_EXTRA,
  BTN_GEAR_DOWN,
  BTN_GEAR_UP,
  BTN_LEFT,
  BTN_MIDDLE,
  BTN_RIGHT,
  BTN_SIDE,
  BUS_VIRTUAL,
  EV_ABS,
  EV_KEY,
  EV_LED,
  EV_REL,
  EV_REP,
  LED_CAPSL,
  LED_NUML,
  LED_SCROLLL,
  REL_WHEEL,
  REL_X,
  REL_Y,
} from "../../uapi/input_event_codes.ts";
import {
  encodeVirtioInputAbsinfo,
  encodeVirtioInputDevids,
  VIRTIO_INPUT_ABSINFO_SIZE,
  VIRTIO_INPUT_CFG_ABS_INFO,
  VIRTIO_INPUT_CFG_EV_BITS,
  VIRTIO_INPUT_CFG_ID_DEVIDS,
  VIRTIO_INPUT_CFG_ID_NAME,
  VIRTIO_INPUT_CFG_ID_SERIAL,
  VIRTIO_INPUT_CONFIG_U_SIZE,
  VIRTIO_INPUT_DEVIDS_SIZE,
} from "../../uapi/virtio_input.ts";
import { QCODE_TO_LINUX } from "./input_keycodes.ts";

/** QEMU's input devices. */
export type InputKind = "virtio-keyboard-device" | "virtio-mouse-device" | "virtio-tablet-device";

/** Linux's codes of the buttons by QEMU's names (`InputButton`). */
export const BUTTON_TO_LINUX: Readonly<Record<string, number>> = {
  left: BTN_LEFT,
  middle: BTN_MIDDLE,
  right: BTN_RIGHT,
  "wheel-up": BTN_GEAR_UP,
  "wheel-down": BTN_GEAR_DOWN,
  side: BTN_SIDE,
  extra: BTN_EXTRA,
  "wheel-left": 0,
  "wheel-right": 0,
};

/** Largest position on an axis of a tablet. QEMU: INPUT_EVENT_ABS_MAX. */
export const ABS_MAX_POSITION = 0x7fff;
/** QEMU's vendor id of input devices. */
const VENDOR = 0x0627;

/** The answers of a device by `select << 8 | subsel`. */
export type InputConfig = ReadonlyMap<number, Uint8Array>;

/** Key of a selection in an {@linkcode InputConfig}. */
export function selection(select: number, subsel: number): number {
  return select << 8 | subsel;
}

/** Returns the smallest bitmap that holds the bits. */
export function bitmap(bits: Iterable<number>): Uint8Array {
  const set = [...bits];
  const bytes = new Uint8Array(Math.floor(Math.max(0, ...set) / 8) + 1);
  for (const bit of set) bytes[bit >> 3] |= 1 << (bit & 7);
  return bytes;
}

function devids(product: number, version: number): Uint8Array {
  const bytes = new Uint8Array(VIRTIO_INPUT_DEVIDS_SIZE);
  encodeVirtioInputDevids(new DataView(bytes.buffer), 0, {
    bustype: BUS_VIRTUAL,
    vendor: VENDOR,
    product,
    version,
  });
  return bytes;
}

function absinfo(): Uint8Array {
  const bytes = new Uint8Array(VIRTIO_INPUT_ABSINFO_SIZE);
  encodeVirtioInputAbsinfo(new DataView(bytes.buffer), 0, {
    min: 0,
    max: ABS_MAX_POSITION,
    fuzz: 0,
    flat: 0,
    res: 0,
  });
  return bytes;
}

function eventBits(bits: Readonly<Record<number, Uint8Array>>): [number, Uint8Array][] {
  return Object.entries(bits).map(([type, bytes]) => [
    selection(VIRTIO_INPUT_CFG_EV_BITS, Number(type)),
    bytes,
  ]);
}

const name = (text: string) => new TextEncoder().encode(`${text}\0`);
const keys = () => bitmap(Object.values(QCODE_TO_LINUX).filter((code) => code !== 0));
const buttons = () => bitmap(Object.values(BUTTON_TO_LINUX).filter((code) => code !== 0));

const NAME = selection(VIRTIO_INPUT_CFG_ID_NAME, 0);
const DEVIDS = selection(VIRTIO_INPUT_CFG_ID_DEVIDS, 0);

/** What the devices answer that have no serial number. The bytes are never written. */
const KINDS: Readonly<Record<InputKind, InputConfig>> = {
  "virtio-keyboard-device": new Map([
    [NAME, name("QEMU Virtio Keyboard")],
    [DEVIDS, devids(1, 1)],
    ...eventBits({
      [EV_KEY]: keys(),
      [EV_LED]: bitmap([LED_NUML, LED_CAPSL, LED_SCROLLL]),
      [EV_REP]: new Uint8Array(1),
    }),
  ]),
  "virtio-mouse-device": new Map([
    [NAME, name("QEMU Virtio Mouse")],
    [DEVIDS, devids(2, 2)],
    ...eventBits({ [EV_KEY]: buttons(), [EV_REL]: bitmap([REL_X, REL_Y, REL_WHEEL]) }),
  ]),
  "virtio-tablet-device": new Map([
    [NAME, name("QEMU Virtio Tablet")],
    [DEVIDS, devids(3, 2)],
    ...eventBits({
      [EV_KEY]: buttons(),
      [EV_REL]: bitmap([REL_WHEEL]),
      [EV_ABS]: bitmap([ABS_X, ABS_Y]),
    }),
    [selection(VIRTIO_INPUT_CFG_ABS_INFO, ABS_X), absinfo()],
    [selection(VIRTIO_INPUT_CFG_ABS_INFO, ABS_Y), absinfo()],
  ]),
};

/**
 * Returns everything that a device answers to selections.
 *
 * @param serial Serial number, without a NUL at its end; absent when the device has none.
 * @throws {Error} When the serial number has no room.
 */
export function inputConfig(kind: InputKind, serial: string | undefined): InputConfig {
  if (serial === undefined) return KINDS[kind];
  const bytes = new TextEncoder().encode(serial);
  if (bytes.length > VIRTIO_INPUT_CONFIG_U_SIZE) {
    throw new Error(
      `serial of ${bytes.length} bytes has no room, max. allowed: ${VIRTIO_INPUT_CONFIG_U_SIZE}`,
    );
  }
  return new Map([...KINDS[kind], [selection(VIRTIO_INPUT_CFG_ID_SERIAL, 0), bytes]]);
}
