/** A session on the virtio console: the host's end of the line types, a program in the guest answers. */
import { boot, embedded } from "../mod.ts";

await using vm = await boot(embedded(`-device virtio-serial-device
  -chardev script,id=term -device virtconsole,chardev=term`));
const terminal = vm.chardev("term");
const hvc0 = vm.console("hvc0");

await hvc0.write("login: ");
terminal.write("ada\r");
const name = (await hvc0.read()).trim();
await hvc0.write(`Welcome, ${name}.\n`);
// ^U rubs the line out: the guest's line discipline does that, the program sees only the result.
for (const line of ["first line", "a slip of the pen\x15corrected"]) {
  terminal.write(`${line}\r`);
  await hvc0.write(`you said: ${await hvc0.read()}`);
}
const rubbedOut = new RegExp(`(${"\b \b"})+`, "g");
const shown = new TextDecoder().decode(terminal.read());
console.log(shown.replaceAll("\r\n", "\n").replaceAll(rubbedOut, "<rubbed out>"));
