/**
 * Slots, by the example and the rules of Linux's Documentation/input/multi-touch-protocol.rst (type B).
 */
import { assertEquals } from "@std/assert";
import { BareMachine } from "../../tests/bare_machine.ts";
import {
  ABS_MT_POSITION_X,
  ABS_MT_SLOT,
  ABS_MT_TRACKING_ID,
  EV_ABS,
  EV_SYN,
} from "../../uapi/input_event_codes.ts";
import { Kernel } from "../kernel.ts";
import { InputDev, inputMtInitSlots, inputSetAbsParams } from "./input.ts";

const RANGE = { minimum: 0, maximum: 0x7fff, fuzz: 0, flat: 0, resolution: 0 };

/** A touch screen with room for ten fingers, and what a listener hears of it: code and value. */
function screen(fuzz = 0): { dev: InputDev; heard: [number, number][][] } {
  const dev = new InputDev(new Kernel(new BareMachine()));
  inputSetAbsParams(dev, ABS_MT_POSITION_X, { ...RANGE, fuzz });
  inputMtInitSlots(dev, 10);
  dev.evbit.add(EV_SYN);
  const heard: [number, number][][] = [];
  const handler = {
    name: "test",
    match: () => true,
    connect: () => Promise.resolve(undefined),
    disconnect: () => Promise.resolve(undefined),
  };
  dev.handles.push({
    dev,
    handler,
    name: "test",
    events(values) {
      heard.push(
        values.filter(({ type }) => type !== EV_SYN).map(({ code, value }) => [code, value]),
      );
    },
  });
  return { dev, heard };
}

function say(dev: InputDev, values: readonly (readonly [number, number])[]): undefined {
  for (const [code, value] of values) dev.inputEvent(EV_ABS, code, value);
  dev.inputEvent(EV_SYN, 0, 0);
}

Deno.test("two fingers keep values of their own, and a slot is named only when it changes", () => {
  const { dev, heard } = screen();
  const two = [[ABS_MT_SLOT, 0], [ABS_MT_TRACKING_ID, 45], [ABS_MT_POSITION_X, 100]] as const;
  say(dev, [...two, [ABS_MT_SLOT, 1], [ABS_MT_TRACKING_ID, 46], [ABS_MT_POSITION_X, 300]]);
  // The first finger moves, the second lies still and is told again.
  say(dev, [[ABS_MT_SLOT, 0], [ABS_MT_POSITION_X, 101], [ABS_MT_SLOT, 1], [
    ABS_MT_POSITION_X,
    300,
  ]]);
  say(dev, [[ABS_MT_SLOT, 1], [ABS_MT_TRACKING_ID, -1]]);
  assertEquals(heard, [
    [
      [ABS_MT_TRACKING_ID, 45],
      [ABS_MT_POSITION_X, 100],
      [ABS_MT_SLOT, 1],
      [ABS_MT_TRACKING_ID, 46],
      [ABS_MT_POSITION_X, 300],
    ],
    [[ABS_MT_SLOT, 0], [ABS_MT_POSITION_X, 101]],
    [[ABS_MT_SLOT, 1], [ABS_MT_TRACKING_ID, -1]],
  ]);
});

Deno.test("a slot that the device does not have changes nothing", () => {
  const { dev, heard } = screen();
  say(dev, [[ABS_MT_SLOT, 10], [ABS_MT_TRACKING_ID, 1]]);
  say(dev, [[ABS_MT_SLOT, -1], [ABS_MT_POSITION_X, 5]]);
  assertEquals(heard, [[[ABS_MT_TRACKING_ID, 1]], [[ABS_MT_POSITION_X, 5]]]);
});

Deno.test("trembling is smoothed for each finger by itself", () => {
  const { dev, heard } = screen(8);
  say(dev, [[ABS_MT_POSITION_X, 100]]);
  say(dev, [[ABS_MT_POSITION_X, 102]]);
  say(dev, [[ABS_MT_SLOT, 1], [ABS_MT_POSITION_X, 102]]);
  assertEquals(heard, [[[ABS_MT_POSITION_X, 100]], [[ABS_MT_SLOT, 1], [ABS_MT_POSITION_X, 102]]]);
});

Deno.test("an axis of slots without slots passes as it is", () => {
  const { dev, heard } = screen();
  dev.mt = undefined;
  say(dev, [[ABS_MT_POSITION_X, 1]]);
  say(dev, [[ABS_MT_POSITION_X, 1]]);
  assertEquals(heard, [[[ABS_MT_POSITION_X, 1]], [[ABS_MT_POSITION_X, 1]]]);
});
