/** Two machines on one hub: a frame goes over and its answer comes back, and a dump keeps both for tshark. */
import { boot, embedded, Hubs } from "../mod.ts";

const hubs = new Hubs();
const dump = Deno.args[0] ?? await Deno.makeTempFile({ suffix: ".pcap" });
const card = (mac: string) =>
  `-netdev hubport,id=n0,hubid=0 -device virtio-net-device,netdev=n0,mac=${mac}`;
const filter = `-object filter-dump,id=f0,netdev=n0,file=${dump}`;

await using alice = await boot(embedded(`${card("52:54:00:00:00:01")} ${filter}`, { hubs }));
await using bob = await boot(embedded(card("52:54:00:00:00:02"), { hubs }));
await alice.net("eth0").up();
await bob.net("eth0").up();

/** An Ethernet frame of the kind 0x88b5, which is for local experiments. */
function frame(to: number, from: number, text: string): Uint8Array {
  const bytes = new Uint8Array(60);
  bytes.set([0x52, 0x54, 0, 0, 0, to, 0x52, 0x54, 0, 0, 0, from, 0x88, 0xb5]);
  bytes.set(new TextEncoder().encode(text), 14);
  return bytes;
}
const textOf = (bytes: Uint8Array) => new TextDecoder().decode(bytes.subarray(14, 20));

for (const text of ["ping 1", "ping 2", "ping 3"]) {
  await alice.net("eth0").send(frame(2, 1, text));
  const heard = textOf(await bob.net("eth0").receive());
  await bob.net("eth0").send(frame(1, 2, heard.replace("ping", "pong")));
  console.log(`bob heard "${heard}", alice "${textOf(await alice.net("eth0").receive())}"`);
}
console.log(
  `alice sent ${(await alice.sh("cat /sys/class/net/eth0/statistics/tx_packets")).trim()} frames`,
);
if (Deno.args[0] === undefined) await Deno.remove(dump);
