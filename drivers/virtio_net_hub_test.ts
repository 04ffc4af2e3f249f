/** Two kernels on one wire, with a dump of what passes. */
import { assertEquals } from "@std/assert";
import { lacks } from "../tests/peers.ts";
import { Hubs } from "../hypervisor/embedded/netdev.ts";
import type { Host, HostFile } from "../hypervisor/host.ts";
import { PacketSocket } from "../kernel/net/af_packet.ts";
import { ETH_P_ARP } from "../kernel/net/if.ts";
import { bootNet, frameOf } from "./_virtio_net_testing.ts";

/** A file in memory. */
class MemoryFile implements HostFile {
  bytes = new Uint8Array();
  size(): number {
    return this.bytes.length;
  }
  readAt(): number {
    return 0;
  }
  writeAt(offset: number, data: Uint8Array): undefined {
    const whole = new Uint8Array(Math.max(this.bytes.length, offset + data.length));
    whole.set(this.bytes);
    whole.set(data, offset);
    this.bytes = whole;
  }
  sync(): undefined {}
  truncate(size: number): undefined {
    this.bytes = this.bytes.slice(0, size);
  }
  close(): undefined {}
}

/** A host that has one file and nothing else. */
function hostWith(file: MemoryFile): Host {
  const missing = (): never => {
    throw new Error("not in this test");
  };
  return {
    openFile: () => file,
    stdio: missing,
    pipe: missing,
    stream: missing,
    datagram: missing,
    activity: () => undefined,
  };
}

const card = (last: string) => [
  "-netdev",
  "hubport,id=n0,hubid=0",
  "-device",
  `virtio-net-device,netdev=n0,mac=52:54:00:00:00:${last}`,
];

/** What tshark reads in a dump. */
async function tshark(dump: Uint8Array): Promise<string[]> {
  const path = await Deno.makeTempFile({ suffix: ".pcap" });
  try {
    await Deno.writeFile(path, dump);
    const fields = ["eth.src", "eth.dst", "eth.type", "frame.len"].flatMap((name) => ["-e", name]);
    const command = new Deno.Command("tshark", { args: ["-r", path, "-T", "fields", ...fields] });
    const { stdout } = await command.output();
    return new TextDecoder().decode(stdout).trim().split("\n");
  } finally {
    await Deno.remove(path);
  }
}

Deno.test("Two kernels on a hub exchange frames, and tshark reads the dump", async (t) => {
  const hubs = new Hubs();
  const file = new MemoryFile();
  const dump = ["-object", "filter-dump,id=d0,netdev=n0,file=wire.pcap"];
  const one = await bootNet([...card("01"), ...dump], { machine: { hubs, host: hostWith(file) } });
  const two = await bootNet(card("02"), { machine: { hubs } });
  for (const vm of [one, two]) {
    await vm.setFlags("eth0", 0x1003);
    await vm.run(() => vm.kernel.sched.sleep(2e9));
  }
  const [a, b] = [one.dev("eth0"), two.dev("eth0")];
  const [from, to] = [new PacketSocket(a), new PacketSocket(b)];
  const there = frameOf(b.devAddr, a.devAddr, 60, 1);
  const back = frameOf(a.devAddr, b.devAddr, 300, 2);
  for (let n = 0; n < 5; n++) {
    const arriving = two.run(() => to.read());
    await one.run(() => from.write(there));
    assertEquals(await arriving, there);
    const answer = one.run(() => from.read());
    await two.run(() => to.write(back));
    assertEquals(await answer, back);
  }
  assertEquals([one, two].flatMap((vm) => [...vm.machine.violations]), []);
  await t.step({
    name: "tshark reads the dump",
    ignore: lacks("tshark"),
    fn: async () => {
      const lines = await tshark(file.bytes);
      assertEquals(lines.length, 10);
      assertEquals(lines.slice(0, 2), [
        "52:54:00:00:00:01\t52:54:00:00:00:02\t0x88b5\t60",
        "52:54:00:00:00:02\t52:54:00:00:00:01\t0x88b5\t300",
      ]);
    },
  });
});

Deno.test("PacketSocket for one protocol gets no other", async () => {
  const args = [...card("01"), ...card("02").map((arg) => arg.replaceAll("n0", "n1"))];
  const vm = await bootNet(args);
  for (const name of ["eth0", "eth1"]) await vm.setFlags(name, 0x1003);
  await vm.run(() => vm.kernel.sched.sleep(2e9));
  const [a, b] = [vm.dev("eth0"), vm.dev("eth1")];
  const arp = frameOf(b.devAddr, a.devAddr);
  arp.set([0x08, 0x06], 12);
  await vm.run(async () => {
    const [from, to] = [new PacketSocket(a), new PacketSocket(b, ETH_P_ARP)];
    await from.write(frameOf(b.devAddr, a.devAddr));
    await from.write(arp);
    assertEquals(await to.read(), arp);
    assertEquals(to.pending, 0);
  });
});
