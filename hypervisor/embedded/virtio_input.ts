/**
 * Keyboard, mouse and tablet: `virtio-keyboard-device`, `virtio-mouse-device`,
 * `virtio-tablet-device`.
 *
 * Events wait until the report that they belong to is complete; a report for which the driver gave
 * too few buffers is dropped as a whole.
 *
 * QEMU: hw/input/virtio-input.c, hw/input/virtio-input-hid.c. VIRTIO 1.4, 5.8.
 *
 * @module
 */
import {
  ABS_X,
  ABS_Y,
  EV_ABS,
  EV_KEY,
  EV_LED,
  EV_REL,
  EV_SYN,
  REL_WHEEL,
  REL_X,
  REL_Y,
  SYN_REPORT,
} from "../../uapi/input_event_codes.ts";
import { VIRTIO_ID_INPUT } from "../../uapi/virtio_ids.ts";
import {
  decodeVirtioInputEvent,
  encodeVirtioInputEvent,
  VIRTIO_INPUT_CONFIG_SELECT,
  VIRTIO_INPUT_CONFIG_SIZE_FIELD,
  VIRTIO_INPUT_CONFIG_SUBSEL,
  VIRTIO_INPUT_CONFIG_U,
  VIRTIO_INPUT_EVENT_SIZE,
  type VirtioInputEvent,
} from "../../uapi/virtio_input.ts";
import type { InputEvent, InputHandler, InputHub } from "./input_hub.ts";
import { keyNumberToLinux, QCODE_TO_LINUX } from "./input_keycodes.ts";
import {
  BUTTON_TO_LINUX,
  type InputConfig,
  inputConfig,
  type InputKind,
  selection,
} from "./virtio_input_config.ts";
import { VirtioModel, type VirtioProps } from "./virtio_model.ts";
import type { VirtqueueElement } from "./virtqueue_element.ts";

export type { InputKind } from "./virtio_input_config.ts";

/** Properties of QEMU's input devices; the names are QEMU's, camelCased. */
export interface VirtioInputProps extends VirtioProps {
  /** Serial number. Default: none. */
  readonly serial?: string;
  /** Mouse and tablet: whether the wheel is an axis. Default true. */
  readonly wheelAxis?: boolean;
}

const ACCEPTS: Readonly<Record<InputKind, readonly InputEvent["type"][]>> = {
  "virtio-keyboard-device": ["key"],
  "virtio-mouse-device": ["btn", "rel"],
  "virtio-tablet-device": ["btn", "abs"],
};

const EVENTS = 0;
const STATUS = 1;
const SYN: VirtioInputEvent = { type: EV_SYN, code: SYN_REPORT, value: 0 };

/** An input device. */
export class VirtioInput extends VirtioModel implements InputHandler {
  readonly deviceId = VIRTIO_ID_INPUT;
  readonly name: InputKind;
  readonly queueCount = 2;
  readonly accepts: readonly InputEvent["type"][];
  protected readonly deviceFeatures = 0n;
  readonly #config: InputConfig;
  readonly #hub: InputHub;
  readonly #wheelAxis: boolean;
  readonly #report: VirtioInputEvent[] = [];
  readonly #leds = new Set<number>();
  readonly #bytes = new Uint8Array(VIRTIO_INPUT_EVENT_SIZE);
  readonly #view = new DataView(this.#bytes.buffer);
  #select = 0;
  #subsel = 0;
  #active = false;
  /** Something was selected since the configuration was last made. */
  #stale = false;

  /**
   * @param hub The input devices of the machine, which the device joins.
   * @throws {Error} When the serial number is too long.
   */
  constructor(kind: InputKind, props: VirtioInputProps, hub: InputHub) {
    super(props);
    this.name = kind;
    this.accepts = ACCEPTS[kind];
    this.#wheelAxis = props.wheelAxis ?? true;
    this.#config = inputConfig(kind, props.serial);
    const longest = Math.max(...[...this.#config.values()].map((bytes) => bytes.length));
    this.config = new DataView(new ArrayBuffer(VIRTIO_INPUT_CONFIG_U + longest));
    this.#hub = hub;
    hub.register(this);
  }

  /** Codes of the LEDs that are on, for example `LED_CAPSL`. */
  get leds(): ReadonlySet<number> {
    return this.#leds;
  }

  queueSize(_index: number): number {
    return 64;
  }

  override readConfig(offset: number, width: 1 | 2 | 4): number {
    if (this.#stale) this.#refreshConfig();
    return super.readConfig(offset, width);
  }

  protected override configWritten(offset: number, value: number): undefined {
    this.config.setUint8(offset, value);
  }

  protected override configWriteDone(): undefined {
    this.#select = this.config.getUint8(VIRTIO_INPUT_CONFIG_SELECT);
    this.#subsel = this.config.getUint8(VIRTIO_INPUT_CONFIG_SUBSEL);
    this.#stale = true;
    this.notifyConfig();
  }

  override setStatus(status: number): undefined {
    super.setStatus(status);
    if (!this.driverOk || this.#active) return;
    this.#active = true;
    this.#hub.activate(this);
  }

  override reset(): undefined {
    super.reset();
    this.#report.length = 0;
    if (!this.#active) return;
    this.#active = false;
    this.#hub.deactivate(this);
  }

  handleOutput(index: number): undefined {
    if (index !== STATUS) return;
    const queue = this.queues[STATUS];
    for (let element = queue.pop(); element; element = queue.pop()) {
      this.#bytes.fill(0);
      const length = element.readOut(0, this.#bytes);
      this.#setLed(decodeVirtioInputEvent(this.#view, 0));
      queue.push(element, length);
    }
    this.bus.notifyQueue(queue);
  }

  handle(event: InputEvent): undefined {
    const translated = this.#translate(event);
    if (translated && this.#active) this.#report.push(translated);
  }

  /** Ends a report and passes it to the driver, if it gave enough buffers. */
  sync(): undefined {
    if (!this.#active) return;
    this.#report.push(SYN);
    this.#deliver();
    this.#report.length = 0;
  }

  #deliver(): undefined {
    const queue = this.queues[EVENTS];
    const elements: VirtqueueElement[] = [];
    while (elements.length < this.#report.length) {
      const element = queue.pop();
      if (!element) {
        for (let i = elements.length - 1; i >= 0; i--) queue.unpop(elements[i]);
        return;
      }
      elements.push(element);
    }
    elements.forEach((element, i) => {
      encodeVirtioInputEvent(this.#view, 0, this.#report[i]);
      queue.push(element, element.writeIn(0, this.#bytes));
    });
    this.bus.notifyQueue(queue);
  }

  #refreshConfig(): undefined {
    this.#stale = false;
    const { config } = this;
    const whole = new Uint8Array(config.buffer);
    whole.fill(0);
    const bytes = this.#config.get(selection(this.#select, this.#subsel));
    if (!bytes) return;
    config.setUint8(VIRTIO_INPUT_CONFIG_SELECT, this.#select);
    config.setUint8(VIRTIO_INPUT_CONFIG_SUBSEL, this.#subsel);
    config.setUint8(VIRTIO_INPUT_CONFIG_SIZE_FIELD, bytes.length);
    whole.set(bytes, VIRTIO_INPUT_CONFIG_U);
  }

  #setLed({ type, code, value }: VirtioInputEvent): undefined {
    if (type !== EV_LED) return;
    if (value !== 0) this.#leds.add(code);
    else this.#leds.delete(code);
  }

  /** Returns what the driver gets for an event; nothing for a key without a code. */
  #translate(event: InputEvent): VirtioInputEvent | undefined {
    switch (event.type) {
      case "key": {
        const { key, down } = event.data;
        const code = key.type === "qcode" ? QCODE_TO_LINUX[key.data] : keyNumberToLinux(key.data);
        return code ? { type: EV_KEY, code, value: down ? 1 : 0 } : undefined;
      }
      case "btn":
        return this.#translateButton(event.data.button, event.data.down);
      case "rel":
        return {
          type: EV_REL,
          code: event.data.axis === "x" ? REL_X : REL_Y,
          value: event.data.value | 0,
        };
      case "abs":
        return {
          type: EV_ABS,
          code: event.data.axis === "x" ? ABS_X : ABS_Y,
          value: event.data.value | 0,
        };
    }
  }

  #translateButton(button: string, down: boolean): VirtioInputEvent | undefined {
    if (this.#wheelAxis && down && (button === "wheel-up" || button === "wheel-down")) {
      return { type: EV_REL, code: REL_WHEEL, value: button === "wheel-up" ? 1 : -1 };
    }
    const code = BUTTON_TO_LINUX[button];
    return code ? { type: EV_KEY, code, value: down ? 1 : 0 } : undefined;
  }
}
