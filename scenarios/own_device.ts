/** A device of one's own under Linux's driver: it boasts of more than it wrote, then names a buffer that nobody gave it. */
import { boot, embedded } from "../mod.ts";
import { defineDevice, VirtioModel } from "../device.ts";

class Liar extends VirtioModel {
  readonly deviceId = 4;
  readonly name = "liar-device";
  readonly queueCount = 1;
  protected readonly deviceFeatures = 0n;
  #turn = 0;

  handleOutput(): undefined {
    const [queue] = this.queues;
    const element = queue.pop();
    if (element === undefined) return;
    element.fillIn(0, element.inLength, 0xa5);
    if (++this.#turn === 3) element.head = 99;
    queue.push(element, 1000);
    this.bus.notifyQueue(queue);
  }
}

const devices = [defineDevice("liar-device", { create: (props) => new Liar(props) })];
await using vm = await boot(embedded("-device liar-device", { devices }));
const read = (count: number) => vm.sh(`dd if=/dev/hwrng bs=${count} count=1 2>/dev/null | wc -c`);

console.log("bytes of a buffer that has 64:", await read(64));
console.log(await read(256).catch(({ message }) => message.replaceAll(/ \(pid \d+\)/g, "")));
console.log(await vm.sh("dmesg | tail -n 1"));
console.log("rules that the driver broke:", vm.check());
