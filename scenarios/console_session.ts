/** A session on the virtio console: the host's end of the line types, a program in the guest answers. */
import { boot, embedded } from "../mod.ts";

await using vm = await boot(embedded([
  ...["-device", "virtio-serial-device"],
  ...["-chardev", "script,id=term", "-device", "virtconsole,chardev=term"],
]));
const terminal = vm.chardev("term");
const shown = () => new TextDecoder().decode(terminal.read()).replaceAll("\r\n", "\n");

const hvc0 = vm.console("hvc0");
await hvc0.write("login: ");
terminal.write("ada\r");
const name = (await hvc0.read()).trim();
await hvc0.write(`Welcome, ${name}.\n`);
for (const line of ["first line", "a slip of the pen\x15corrected"]) {
  terminal.write(`${line}\r`);
  await hvc0.write(`you said: ${await hvc0.read()}`);
}
await vm.settle();
console.log(shown());
