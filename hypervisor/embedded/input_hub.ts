/**
 * Brings keys, buttons and movements to the input device that takes them: QMP's `input-send-event`.
 *
 * QEMU: ui/input.c.
 *
 * @module
 */
import { QCODE_TO_LINUX } from "./input_keycodes.ts";
import { BUTTON_TO_LINUX } from "./virtio_input_config.ts";

/** A key by QEMU's name or number. */
export type KeyValue =
  | { readonly type: "qcode"; readonly data: string }
  | { readonly type: "number"; readonly data: number };

/** One event in QMP's form. */
export type InputEvent =
  | { readonly type: "key"; readonly data: { readonly key: KeyValue; readonly down: boolean } }
  | { readonly type: "btn"; readonly data: { readonly button: string; readonly down: boolean } }
  | {
    readonly type: "rel" | "abs";
    readonly data: { readonly axis: "x" | "y"; readonly value: number };
  };

/** An input device, as far as the hub knows it. */
export interface InputHandler {
  /** Kinds of events that the device takes. */
  readonly accepts: readonly InputEvent["type"][];
  /** Takes one event. */
  handle(event: InputEvent): undefined;
  /** The events since the last call belong together. */
  sync(): undefined;
}

/** The input devices of one machine. */
export class InputHub {
  /** The first one that takes an event gets it. */
  #handlers: InputHandler[] = [];

  /** Adds a device, behind the others. */
  register(handler: InputHandler): undefined {
    this.#handlers.push(handler);
  }

  /** The device's driver is ready: it comes before the others. */
  activate(handler: InputHandler): undefined {
    this.#handlers = [handler, ...this.#handlers.filter((other) => other !== handler)];
  }

  /** The device's driver has gone: it comes behind the others. */
  deactivate(handler: InputHandler): undefined {
    this.#handlers = [...this.#handlers.filter((other) => other !== handler), handler];
  }

  /**
   * Sends events that belong together.
   *
   * @throws {Error} When no device takes one of them; then none is sent. In QEMU's words.
   */
  send(events: readonly InputEvent[]): undefined {
    const found = events.map(({ type }) => this.#find(type));
    const waiting = new Set<InputHandler>();
    const sync = () => {
      for (const handler of waiting) handler.sync();
      waiting.clear();
    };
    events.forEach((event, i) => {
      found[i].handle(event);
      waiting.add(found[i]);
      // QEMU sends a key that is given by number with a report of its own.
      if (event.type === "key" && event.data.key.type === "number") sync();
    });
    sync();
  }

  #find(type: InputEvent["type"]): InputHandler {
    const handler = this.#handlers.find(({ accepts }) => accepts.includes(type));
    if (handler) return handler;
    throw new Error(`Input handler not found for event type ${type}`);
  }
}

type Fields = Readonly<Record<string, unknown>>;

function expect(path: string, value: unknown, type: "boolean" | "integer" | "string" | "object") {
  if (value === undefined) throw new Error(`Parameter '${path}' is missing`);
  const right = type === "integer"
    ? Number.isInteger(value)
    : typeof value === type && value !== null && !Array.isArray(value);
  if (!right) throw new Error(`Invalid parameter type for '${path}', expected: ${type}`);
}

function one(path: string, fields: Fields, name: string, known: readonly string[]): string {
  expect(`${path}.${name}`, fields[name], "string");
  const value = String(fields[name]);
  if (!known.includes(value)) {
    throw new Error(`Parameter '${name}' does not accept value '${value}'`);
  }
  return value;
}

function checkKey(path: string, key: Fields): undefined {
  const type = one(path, key, "type", ["qcode", "number"]);
  if (type === "qcode") one(path, key, "data", Object.keys(QCODE_TO_LINUX));
  else expect(`${path}.data`, key.data, "integer");
}

function checkEvent(path: string, event: Fields): undefined {
  const type = one(path, event, "type", ["key", "btn", "rel", "abs"]);
  expect(`${path}.data`, event.data, "object");
  const data = event.data as Fields;
  if (type === "key") {
    expect(`${path}.data.key`, data.key, "object");
    checkKey(`${path}.data.key`, data.key as Fields);
  } else if (type === "btn") {
    one(`${path}.data`, data, "button", Object.keys(BUTTON_TO_LINUX));
  } else {
    one(`${path}.data`, data, "axis", ["x", "y"]);
    expect(`${path}.data.value`, data.value, "integer");
    return;
  }
  expect(`${path}.data.down`, data.down, "boolean");
}

/**
 * Checks the arguments of `input-send-event`.
 *
 * @throws {Error} When they have not the form of QMP, in QEMU's words.
 */
export function parseInputEvents(args: Readonly<Record<string, unknown>>): readonly InputEvent[] {
  const { events } = args;
  if (events === undefined) throw new Error("Parameter 'events' is missing");
  if (!Array.isArray(events)) {
    throw new Error("Invalid parameter type for 'events', expected: array");
  }
  if (args.device !== undefined) throw new Error(`Device '${args.device}' not found`);
  for (const name of Object.keys(args)) {
    if (!["events", "device", "head"].includes(name)) {
      throw new Error(`Parameter '${name}' is unexpected`);
    }
  }
  events.forEach((event, i) => {
    expect(`events[${i}]`, event, "object");
    checkEvent(`events[${i}]`, event);
  });
  return events;
}
