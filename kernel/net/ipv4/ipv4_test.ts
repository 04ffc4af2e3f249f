import { assertEquals } from "@std/assert";
import { boot } from "../../../vm/boot.ts";
import { embedded } from "../../../vm/machines.ts";
import { formatIpv4, makeMask, maskLength, parseIpv4 } from "./address.ts";

/** Two cards on one hub: the first has an address, the second sends what a test writes. */
const CARDS = [1, 2].map((id) =>
  `-netdev hubport,id=n${id},hubid=0 -device virtio-net-device,netdev=n${id},mac=52:54:00:00:00:0${id}`
).join(" ");
const hex = (text: string) =>
  Uint8Array.from(text.replaceAll(/\s/g, "").match(/../g) ?? [], (byte) => parseInt(byte, 16));

/** RFC 826: who has 10.0.0.1, asks 10.0.0.9 at the second card. */
const ARP_REQUEST = hex(`ffffffffffff 525400000002 0806 0001 0800 06 04 0001
  525400000002 0a000009 000000000000 0a000001`);
const ARP_REPLY = hex(`525400000002 525400000001 0806 0001 0800 06 04 0002
  525400000001 0a000001 525400000002 0a000009`);
/** RFC 792: an echo request with four bytes of data; the checksums are by RFC 1071. */
const ECHO_REQUEST = hex(`525400000001 525400000002 0800
  4500 0020 0000 4000 40 01 26d4 0a000009 0a000001  0800 6144 1234 0001 41424344`);
const ECHO_REPLY = hex(`525400000002 525400000001 0800
  4500 0020 0000 4000 40 01 26d4 0a000001 0a000009  0000 6944 1234 0001 41424344`);

Deno.test("an interface with an IPv4 address answers ARP and pings, byte for byte", async () => {
  await using vm = await boot(embedded(CARDS), { log: false });
  // The last card of the command line is the first interface.
  const names = (await vm.sh("cat /sys/class/net/eth?/address")).trim().split("\n");
  const [own, other] = names[0].endsWith("01") ? ["eth0", "eth1"] : ["eth1", "eth0"];
  await vm.sh(`ip addr add 10.0.0.1/24 dev ${own}; ip link set ${own} up; ip link set ${other} up`);
  const net = vm.net(other);
  const answerTo = async (request: Uint8Array, least: number) => {
    await net.send(request);
    return (await net.receive()).subarray(0, least);
  };
  assertEquals(await answerTo(ARP_REQUEST, ARP_REPLY.length), ARP_REPLY);
  // Before it can answer the ping it asks where the answer has to go.
  const question = await answerTo(ECHO_REQUEST, ARP_REPLY.length);
  assertEquals(question.slice(20, 22), hex("0001"));
  assertEquals(question.slice(38, 42), hex("0a000009"));
  const reply = ARP_REPLY.slice();
  reply.set(hex("525400000001 525400000002"));
  reply.set(hex("525400000002 0a000009 525400000001 0a000001"), 22);
  assertEquals(await answerTo(reply, ECHO_REPLY.length), ECHO_REPLY);
  const neighbours = await vm.sh("cat /proc/net/arp | grep -c '10.0.0.9 .*52:54:00:00:00:02'");
  assertEquals(neighbours, "1\n");
});

Deno.test("addresses and masks as text and number", () => {
  for (const text of ["0.0.0.0", "10.0.2.15", "128.0.0.1", "255.255.255.255"]) {
    assertEquals(formatIpv4(parseIpv4(text) as number), text);
  }
  for (const text of ["", "1.2.3", "1.2.3.256", "1.2.3.4.5", "a.b.c.d", "1.2.3.-4"]) {
    assertEquals(parseIpv4(text), undefined);
  }
  assertEquals(formatIpv4(makeMask(12)), "255.240.0.0");
  for (let prefix = 0; prefix <= 32; prefix++) assertEquals(maskLength(makeMask(prefix)), prefix);
});
