import { assertEquals, assertThrows } from "@std/assert";
import { MiniDriver, SlotBench } from "../../tests/mini_driver.ts";
import { LED_CAPSL, LED_NUML } from "../../uapi/input_event_codes.ts";
import { type InputEvent, InputHub, parseInputEvents } from "./input_hub.ts";
import { VirtioInput } from "./virtio_input.ts";

const KEY_A: InputEvent = {
  type: "key",
  data: { down: true, key: { type: "qcode", data: "a" } },
};

function keyboard(hub: InputHub) {
  const model = new VirtioInput("virtio-keyboard-device", {}, hub);
  const bench = new SlotBench(model);
  const driver = new MiniDriver(bench);
  const start = () => {
    driver.init(2);
    for (let i = 0; i < 8; i++) driver.add(0, [], [8]);
    driver.kick(0);
  };
  return { model, bench, driver, start };
}

Deno.test("VirtioInput.leds follows the driver's status messages", () => {
  const { model, driver, start } = keyboard(new InputHub());
  start();
  driver.request(1, [Uint8Array.of(17, 0, 1, 0, 1, 0, 0, 0)], []);
  driver.request(1, [Uint8Array.of(17, 0, 0, 0, 1, 0, 0, 0)], []);
  assertEquals([...model.leds], [LED_CAPSL, LED_NUML]);
  driver.request(1, [Uint8Array.of(17, 0, 1, 0, 0, 0, 0, 0)], []);
  assertEquals([...model.leds], [LED_NUML]);
});

Deno.test("VirtioInput interrupts once for a report", () => {
  const hub = new InputHub();
  const { driver, bench, start } = keyboard(hub);
  start();
  bench.interrupts = 0;
  hub.send([KEY_A, KEY_A]);
  assertEquals([driver.used(0).length, bench.interrupts], [3, 1]);
});

Deno.test("InputHub.send() prefers the device whose driver came last", () => {
  const hub = new InputHub();
  const [first, second] = [keyboard(hub), keyboard(hub)];
  const got = () => [first, second].map(({ driver }) => driver.used(0).length);
  first.start();
  second.start();
  hub.send([KEY_A]);
  assertEquals(got(), [0, 2]);
  second.driver.write(0x70, 0);
  hub.send([KEY_A]);
  assertEquals(got(), [2, 0]);
});

Deno.test("InputHub.send() sends nothing when one event finds no device", () => {
  const hub = new InputHub();
  const { driver, start } = keyboard(hub);
  start();
  const left: InputEvent = { type: "btn", data: { button: "left", down: true } };
  assertThrows(
    () => hub.send([KEY_A, left]),
    Error,
    "Input handler not found for event type btn",
  );
  assertEquals(driver.used(0), []);
});

Deno.test("VirtioInput refuses a serial number without room", () => {
  assertThrows(
    () => new VirtioInput("virtio-mouse-device", { serial: "x".repeat(129) }, new InputHub()),
    Error,
    "serial of 129 bytes has no room, max. allowed: 128",
  );
});

/** Read off QEMU 7.2. */
const REFUSED: readonly [Record<string, unknown>, string][] = [
  [{}, "Parameter 'events' is missing"],
  [{ events: 3 }, "Invalid parameter type for 'events', expected: array"],
  [{ events: [3] }, "Invalid parameter type for 'events[0]', expected: object"],
  [{ events: [{}] }, "Parameter 'events[0].type' is missing"],
  [{ events: [{ type: "foo" }] }, "Parameter 'type' does not accept value 'foo'"],
  [{ events: [{ type: "key" }] }, "Parameter 'events[0].data' is missing"],
  [{ events: [{ type: "key", data: {} }] }, "Parameter 'events[0].data.key' is missing"],
  [
    { events: [{ type: "key", data: { down: 1, key: { type: "qcode", data: "a" } } }] },
    "Invalid parameter type for 'events[0].data.down', expected: boolean",
  ],
  [
    { events: [{ type: "key", data: { down: true, key: { type: "qcode", data: "nokey" } } }] },
    "Parameter 'data' does not accept value 'nokey'",
  ],
  [
    { events: [{ type: "key", data: { down: true, key: { type: "foo", data: "nokey" } } }] },
    "Parameter 'type' does not accept value 'foo'",
  ],
  [
    { events: [{ type: "key", data: { down: true, key: { type: "number", data: "x" } } }] },
    "Invalid parameter type for 'events[0].data.key.data', expected: integer",
  ],
  [
    { events: [{ type: "btn", data: { down: true, button: "foo" } }] },
    "Parameter 'button' does not accept value 'foo'",
  ],
  [
    { events: [{ type: "rel", data: { axis: "z", value: 3 } }] },
    "Parameter 'axis' does not accept value 'z'",
  ],
  [
    { events: [{ type: "rel", data: { axis: "x", value: "3" } }] },
    "Invalid parameter type for 'events[0].data.value', expected: integer",
  ],
  [{ events: [], foo: 1 }, "Parameter 'foo' is unexpected"],
  [{ events: [], device: "x" }, "Device 'x' not found"],
];

Deno.test("parseInputEvents() refuses in QEMU's words", () => {
  for (const [args, message] of REFUSED) {
    assertEquals(assertThrows(() => parseInputEvents(args), Error).message, message);
  }
});
