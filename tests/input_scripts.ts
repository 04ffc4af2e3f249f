/**
 * Keys, buttons and movements.
 *
 * @module
 */
import { QCODE_TO_LINUX } from "../hypervisor/embedded/input_keycodes.ts";
import {
  type InputKind,
  VirtioInput,
  type VirtioInputProps,
} from "../hypervisor/embedded/virtio_input.ts";
import { type DeviceScript, EmbeddedHost, type HostSide, Notes } from "./device_script.ts";
import type { MiniDriver } from "./mini_driver.ts";

const key = (data: string | number, down: boolean) => ({
  type: "key",
  data: { down, key: { type: typeof data === "string" ? "qcode" : "number", data } },
});
const button = (name: string, down: boolean) => ({ type: "btn", data: { button: name, down } });
const move = (type: "rel" | "abs", axis: "x" | "y", value: number) => ({
  type,
  data: { axis, value },
});

class InputNotes extends Notes {
  /** Sends events that belong together, with enough buffers for them, and notes what arrived. */
  events(what: string, ...events: unknown[]): undefined {
    try {
      this.host.input(events);
      this.took(what, 0);
    } catch (error) {
      this.lines.push(`${what}: ${(error as Error).message}`);
    }
  }
  config(select: number, subsel: number): undefined {
    this.driver.write(0x100, select, 1);
    this.driver.write(0x101, subsel, 1);
    this.lines.push(`config ${select} ${subsel}: ${this.driver.config(16)}`);
  }
}

function runKeyboard(driver: MiniDriver, host: HostSide): string[] {
  const notes = new InputNotes(driver, host);
  notes.events("before the driver", key("a", true));
  driver.init(2);
  notes.events("without buffers", key("a", true));
  notes.give(0, 8, 8, 8, 8);
  notes.events("one key", key("a", true));
  notes.events("its release", key("a", false));
  notes.give(0, 8, 8, 8, 8, 8, 8);
  notes.events("two keys at once", key("shift", true), key("b", true));
  notes.events("a key without code", key("unmapped", true));
  notes.events("no event");
  notes.events("too few buffers", key("c", true), key("d", true), key("e", true));
  notes.events("enough buffers again", key("f", true));
  notes.give(0, 4, 16);
  notes.events("a short and a long buffer", key("g", true));
  for (const number of [30, 84, 85, 88, 89, 90, 0xb8, 300]) {
    notes.give(0, 8, 8);
    notes.events(`key number ${number}`, key(number, true));
    driver.init(2);
  }
  notes.events("a button", button("left", true));
  notes.events("a movement", move("rel", "x", 1));
  const led = (code: number, value: number) => Uint8Array.of(17, 0, code, 0, value, 0, 0, 0);
  notes.send(1, led(1, 1));
  notes.send(1, led(1, 0).subarray(0, 4));
  notes.send(1, new Uint8Array([...led(0, 1), ...led(0, 0)]));
  for (const [select, subsel] of [[1, 0], [5, 0], [0x11, 17], [1, 1], [0, 0]]) {
    notes.config(select, subsel);
  }
  driver.read(0x100, 1);
  driver.write(0x101, 17, 1);
  notes.lines.push(`after a read of nothing: ${driver.config(16)}`);
  notes.lines.push(`generation ${driver.read(0xfc)}`);
  return notes.lines;
}

/** Every key by name and by number, seven to a report. */
function runKeys(driver: MiniDriver, host: HostSide): string[] {
  const notes = new InputNotes(driver, host);
  const names = Object.keys(QCODE_TO_LINUX);
  const numbers = Array.from({ length: 256 }, (_, number) => number);
  const keys: (string | number)[] = [...names, ...numbers];
  for (let from = 0; from < keys.length; from += 7) {
    const part = keys.slice(from, from + 7);
    driver.init(2);
    notes.give(0, ...Array(8).fill(8));
    notes.events(part.join(" "), ...part.map((data) => key(data, true)));
  }
  return notes.lines;
}

const BUTTONS = ["left", "middle", "right", "side", "extra"];

function runMouse(driver: MiniDriver, host: HostSide): string[] {
  const notes = new InputNotes(driver, host);
  driver.init(2);
  const events = (what: string, ...all: unknown[]) => {
    notes.give(0, 8, 8, 8, 8);
    notes.events(what, ...all);
    driver.init(2);
  };
  for (const name of BUTTONS) events(name, button(name, true));
  for (const name of ["wheel-up", "wheel-down", "wheel-left", "wheel-right"]) {
    events(`${name} down`, button(name, true));
    events(`${name} up`, button(name, false));
  }
  events("relative", move("rel", "x", -5), move("rel", "y", 70000));
  events("absolute", move("abs", "x", 0x7fff), move("abs", "y", 12));
  events("beyond the axis", move("abs", "x", 0x8000), move("abs", "y", -12));
  events("button and movement", button("left", false), move("rel", "x", 1));
  events("a key", key("a", true));
  return notes.lines;
}

function inputScript(
  kind: InputKind,
  run: DeviceScript["run"],
  option = "",
  props: VirtioInputProps = {},
): DeviceScript {
  return {
    name: `${kind}${option}`,
    args: ["-device", `${kind}${option}`],
    embed: () => {
      const host = new EmbeddedHost();
      return { model: new VirtioInput(kind, props, host.hub), host };
    },
    run,
  };
}

/** The scripts for input devices. */
export const INPUT_SCRIPTS: readonly DeviceScript[] = [
  inputScript("virtio-keyboard-device", runKeyboard),
  { ...inputScript("virtio-keyboard-device", runKeys), name: "every key" },
  inputScript("virtio-mouse-device", runMouse),
  inputScript("virtio-mouse-device", runMouse, ",wheel-axis=off", { wheelAxis: false }),
  inputScript("virtio-tablet-device", runMouse),
];
