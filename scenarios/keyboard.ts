/** A keyboard that types: the host presses keys, the guest reads events, and a lamp comes on. */
import { boot, embedded } from "../mod.ts";

await using vm = await boot(embedded("-device virtio-keyboard-device"));
const keyboard = vm.input("event0");
await keyboard.open();

for (const data of ["h", "i", "caps_lock"]) {
  for (const down of [true, false]) {
    const press = { type: "key", data: { down, key: { type: "qcode", data } } };
    await vm.qmp("input-send-event", { events: [press] });
    const [{ code, value }] = await keyboard.report();
    console.log(`${data.padEnd(9)} key ${code} ${value === 1 ? "down" : "up"}`);
    if (data === "caps_lock" && down) console.log(`lamp ${(await keyboard.report())[0].code} on`);
  }
  if (data !== "caps_lock") continue;
  const [lamp] = await vm.fs.glob("/sys/class/leds/*capslock/brightness");
  console.log(`${lamp}: ${(await vm.fs.readText(lamp)).trim()}`);
}
