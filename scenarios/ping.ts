/** Who is 10.0.2.2, and is it there? ARP and ICMP by hand, over the guest's network card. */
import { boot, embedded } from "../mod.ts";

const card = "-netdev user,id=n0 -device virtio-net-device,netdev=n0,mac=52:54:00:12:34:56";
await using vm = await boot(embedded(card));
const eth0 = vm.net("eth0");
await eth0.up();

const [me, gateway] = [[10, 0, 2, 15], [10, 0, 2, 2]];
const mac = eth0.address.split(":").map((byte) => parseInt(byte, 16));
const hex = (bytes: Uint8Array) => [...bytes].map((b) => b.toString(16).padStart(2, "0")).join(":");

/** The next frame whose type is `type`; the network may say other things too. */
async function receive(type: number): Promise<Uint8Array> {
  for (;;) {
    const frame = await eth0.receive();
    if ((frame[12] << 8 | frame[13]) === type) return frame;
  }
}

function checksum(bytes: number[]): number[] {
  let sum = 0;
  for (let i = 0; i < bytes.length; i += 2) sum += bytes[i] << 8 | bytes[i + 1];
  sum = ~((sum & 0xffff) + (sum >>> 16)) & 0xffff;
  return [sum >>> 8, sum & 0xff];
}

const ask = [0, 1, 8, 0, 6, 4, 0, 1, ...mac, ...me, 0, 0, 0, 0, 0, 0, ...gateway];
await eth0.send(Uint8Array.from([255, 255, 255, 255, 255, 255, ...mac, 8, 6, ...ask]));
const there = (await receive(0x0806)).slice(22, 28);
console.log(`${gateway.join(".")} is at ${hex(there)}`);

for (const sequence of [1, 2, 3]) {
  const echo = (sum: number[]) => [8, 0, ...sum, 0x12, 0x34, 0, sequence, ...Array(32).fill(0x5a)];
  const ip = (sum: number[]) => [0x45, 0, 0, 60, 0, 0, 0, 0, 64, 1, ...sum, ...me, ...gateway];
  const packet = [...ip(checksum(ip([0, 0]))), ...echo(checksum(echo([0, 0])))];
  await eth0.send(Uint8Array.from([...there, ...mac, 8, 0, ...packet]));
  const reply = await receive(0x0800);
  console.log(`answer ${reply[41]} from ${reply.slice(26, 30).join(".")}, type ${reply[34]}`);
}
