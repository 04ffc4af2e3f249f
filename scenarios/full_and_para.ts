/**
 * Full virtualisation beside paravirtualisation: the same text through an emulated UART and through a
 * virtio console. Each register access would be an exit from guest to hypervisor.
 */
import { boot, embedded } from "../mod.ts";

const machine = embedded([
  ...["-chardev", "script,id=uart", "-serial", "chardev:uart"],
  ...["-device", "virtio-serial-device"],
  ...["-chardev", "script,id=virt", "-device", "virtconsole,chardev=virt"],
]);
await using vm = await boot(machine);
const text = "The quick brown fox jumps over the lazy dog.\n".repeat(20);

console.log(`${text.length} characters`);
for (const [name, end] of [["ttyAMA0", "uart"], ["hvc0", "virt"]] as const) {
  const terminal = vm.console(name);
  await terminal.setRaw();
  await vm.settle();
  vm.chardev(end).read();
  const before = sum(machine.exits());
  await terminal.write(text);
  await vm.settle();
  const arrived = vm.chardev(end).read().length;
  const exits = sum(machine.exits()) - before;
  console.log(
    `${name.padEnd(8)} ${arrived} arrived, ${exits} register accesses, ${
      (exits / text.length).toFixed(2)
    } a character`,
  );
}

function sum(exits: ReadonlyMap<string, number>): number {
  return [...exits.values()].reduce((total, count) => total + count, 0);
}
