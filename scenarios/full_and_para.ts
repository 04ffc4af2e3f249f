/**
 * Full virtualisation beside paravirtualisation: the same text through an emulated UART and through a
 * virtio console. Each register access would be an exit from guest to hypervisor.
 */
import { boot, embedded } from "../mod.ts";

const machine = embedded(`-chardev script,id=uart -serial chardev:uart
  -device virtio-serial-device -chardev script,id=virt -device virtconsole,chardev=virt`);
await using vm = await boot(machine);
const text = "The quick brown fox jumps over the lazy dog.\n".repeat(20);
const exits = () => [...machine.exits().values()].reduce((sum, count) => sum + count, 0);

console.log(`${text.length} characters`);
for (const [name, id] of [["ttyAMA0", "uart"], ["hvc0", "virt"]]) {
  const terminal = vm.console(name);
  await terminal.setRaw();
  vm.chardev(id).read();
  const before = exits();
  await terminal.write(text);
  await vm.settle();
  const arrived = vm.chardev(id).read().length;
  const count = exits() - before;
  console.log(`${name.padEnd(7)} ${arrived} arrived, ${count} register accesses`);
}
