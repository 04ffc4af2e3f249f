/** Two machines on one hub: a frame goes over and its answer comes back, and a dump keeps both for tshark. */
import { boot, embedded } from "../mod.ts";
import { Hubs } from "../hypervisor/embedded/netdev.ts";

const hubs = new Hubs();
const dump = Deno.args[0] ?? await Deno.makeTempFile({ suffix: ".pcap" });
const card = (
  mac: string,
) => ["-netdev", "hubport,id=n0,hubid=0", "-device", `virtio-net-device,netdev=n0,mac=${mac}`];

await using alice = await boot(embedded([
  ...card("52:54:00:00:00:01"),
  ...["-object", `filter-dump,id=f0,netdev=n0,file=${dump}`],
], { hubs }));
await using bob = await boot(embedded(card("52:54:00:00:00:02"), { hubs }));
await Promise.all([alice.net("eth0").up(), bob.net("eth0").up()]);

/** An Ethernet frame of the local experimental kind 0x88b5. */
function frame(to: number, from: number, text: string): Uint8Array {
  const bytes = new Uint8Array(60);
  bytes.set([0x52, 0x54, 0, 0, 0, to, 0x52, 0x54, 0, 0, 0, from, 0x88, 0xb5]);
  bytes.set(new TextEncoder().encode(text), 14);
  return bytes;
}
const textOf = (bytes: Uint8Array) =>
  new TextDecoder().decode(bytes.subarray(14)).replaceAll("\0", "");

const eth0 = { alice: alice.net("eth0"), bob: bob.net("eth0") };
for (const text of ["ping 1", "ping 2", "ping 3"]) {
  await eth0.alice.send(frame(2, 1, text));
  const heard = textOf(await eth0.bob.receive());
  await eth0.bob.send(frame(1, 2, heard.replace("ping", "pong")));
  console.log(`bob heard "${heard}", alice heard "${textOf(await eth0.alice.receive())}"`);
}
console.log(await alice.sh("cat /sys/class/net/eth0/statistics/tx_packets"));
if (Deno.args[0] === undefined) await Deno.remove(dump);
