import { assertEquals } from "@std/assert";
import * as codes from "./input_event_codes.ts";

const CODES: ReadonlyMap<string, number> = new Map(Object.entries(codes));

Deno.test("KEY_* follow the scan codes of the PC keyboard up to 83", () => {
  const rows = [
    [1, "ESC 1 2 3 4 5 6 7 8 9 0 MINUS EQUAL BACKSPACE"],
    [15, "TAB Q W E R T Y U I O P LEFTBRACE RIGHTBRACE ENTER"],
    [29, "LEFTCTRL A S D F G H J K L SEMICOLON APOSTROPHE GRAVE"],
    [42, "LEFTSHIFT BACKSLASH Z X C V B N M COMMA DOT SLASH RIGHTSHIFT"],
    [55, "KPASTERISK LEFTALT SPACE CAPSLOCK F1 F2 F3 F4 F5 F6 F7 F8 F9 F10"],
    [69, "NUMLOCK SCROLLLOCK KP7 KP8 KP9 KPMINUS KP4 KP5 KP6 KPPLUS KP1 KP2 KP3 KP0 KPDOT"],
  ] as const;
  for (const [first, names] of rows) {
    names.split(" ").forEach((name, index) => {
      assertEquals(CODES.get(`KEY_${name}`), first + index, name);
    });
  }
});

Deno.test("codes of a type do not exceed its *_MAX, and *_CNT is one more", () => {
  for (
    const type of ["INPUT_PROP", "EV", "SYN", "KEY", "REL", "ABS", "SW", "MSC", "LED", "REP", "SND"]
  ) {
    const max = CODES.get(`${type}_MAX`) ?? -1;
    assertEquals(CODES.get(`${type}_CNT`), max + 1, type);
    const prefix = type === "KEY" ? /^(KEY|BTN)_/ : new RegExp(`^${type}_`);
    const over = [...CODES]
      .filter(([name, value]) => prefix.test(name) && value > max && !name.endsWith("_CNT"));
    assertEquals(over, []);
  }
});

Deno.test("codes have the values that modules and udev rules rely on", () => {
  // From kernel documentation and evtest listings: type EV_KEY code 272 is BTN_LEFT, and so on.
  const known: [string, number][] = [
    ["EV_KEY", 1],
    ["EV_LED", 17],
    ["EV_REP", 20],
    ["KEY_POWER", 116],
    ["KEY_MIN_INTERESTING", 113],
    ["BTN_LEFT", 272],
    ["BTN_RIGHT", 273],
    ["BTN_TOUCH", 330],
    ["BTN_SOUTH", 304],
    ["REL_WHEEL", 8],
    ["ABS_MT_SLOT", 47],
    ["KEY_MAX", 767],
    ["BUS_USB", 3],
    ["BUS_VIRTUAL", 6],
  ];
  for (const [name, value] of known) assertEquals(CODES.get(name), value, name);
});

Deno.test("two names for one key are known aliases or the first names of a block", () => {
  const names = new Map<number, string[]>();
  for (const [name, value] of CODES) {
    if (!/^(KEY|BTN)_/.test(name) || /_(MAX|CNT)$/.test(name)) continue;
    names.set(value, [...names.get(value) ?? [], name].sort());
  }
  const shared = [...names]
    .filter(([, same]) => same.length > 1)
    .sort(([a], [b]) => a - b)
    .map(([, same]) => same.join(" "));
  assertEquals(shared, [
    "KEY_MIN_INTERESTING KEY_MUTE",
    "KEY_HANGEUL KEY_HANGUEL",
    "KEY_COFFEE KEY_SCREENLOCK",
    "KEY_DIRECTION KEY_ROTATE_DISPLAY",
    "KEY_ALL_APPLICATIONS KEY_DASHBOARD",
    "KEY_BRIGHTNESS_AUTO KEY_BRIGHTNESS_ZERO",
    "KEY_WIMAX KEY_WWAN",
    "BTN_0 BTN_MISC",
    "BTN_LEFT BTN_MOUSE",
    "BTN_JOYSTICK BTN_TRIGGER",
    "BTN_A BTN_GAMEPAD BTN_SOUTH",
    "BTN_B BTN_EAST",
    "BTN_NORTH BTN_X",
    "BTN_WEST BTN_Y",
    "BTN_DIGI BTN_TOOL_PEN",
    "BTN_GEAR_DOWN BTN_WHEEL",
    "KEY_FULL_SCREEN KEY_ZOOM",
    "KEY_ASPECT_RATIO KEY_SCREEN",
    "KEY_BRIGHTNESS_TOGGLE KEY_DISPLAYTOGGLE",
    "BTN_TRIGGER_HAPPY BTN_TRIGGER_HAPPY1",
  ]);
});
