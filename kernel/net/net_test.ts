import { assert, assertEquals } from "@std/assert";
import type { Platform } from "../../hypervisor/platform.ts";
import { UEVENTS } from "../base/uevent.ts";
import { KernelError } from "../errors.ts";
import { Kernel } from "../kernel.ts";
import type { Kobject } from "../kobject.ts";
import type { Directory, Inode } from "../vfs/node.ts";
import { PacketSocket } from "./af_packet.ts";
import { allocEtherdev, registerNetdev, unregisterNetdev } from "./dev.ts";
import { devChangeFlags, devGetFlags, devMcAdd, devMcDel } from "./dev_flags.ts";
import { devChangeName, devGetValidName } from "./dev_set.ts";
import { ethRandomAddr, formatMac, isValidEtherAddr, parseMac } from "./eth.ts";
import { IFF_LOWER_UP, IFF_RUNNING, IFF_UP } from "./if.ts";
import { NET_INITCALLS } from "./init.ts";
import { netifCarrierOff, netifCarrierOn } from "./link_watch.ts";
import type { NetDevice } from "./netdevice.ts";
import { kstrtoul } from "./number.ts";
import { NET_DEVICES } from "./registry.ts";
import { freeSkb } from "./skbuff.ts";

const PLATFORM: Platform = {
  name: "none",
  ram: new ArrayBuffer(4 * 2 ** 20),
  ramBase: 0x4000_0000,
  dtb: new Uint8Array(),
  attach: () => undefined,
  read: () => 0,
  write: () => undefined,
  nextEventNs: () => Infinity,
  runDue: () => undefined,
  waitExternal: () => undefined,
};

interface Rig {
  readonly kernel: Kernel;
  run<T>(body: () => Promise<T>): Promise<T>;
  /** What a file shows, without the line feed at its end; `EINVAL` and the like where reading fails. */
  cat(path: string): Promise<string>;
  /** Writes a line; the name of the error or an empty string. */
  echo(text: string, path: string): Promise<string>;
}

async function makeRig(): Promise<Rig> {
  const kernel = new Kernel({ ...PLATFORM, ram: new ArrayBuffer(4 * 2 ** 20) });
  const run = <T>(body: () => Promise<T>) => kernel.sched.run("test", body);
  await run(async () => {
    for (const { fn } of NET_INITCALLS) await fn(kernel);
  });
  const file = (path: string) => find(kernel.sysfs, path);
  return {
    kernel,
    run,
    cat: (path) => run(() => read(file(path))).catch(code),
    echo: (text, path) =>
      run(async () => {
        const inode = file(path);
        if (inode?.kind !== "file" || !("write" in inode)) throw new Error(`${path}: not there`);
        await inode.write?.(new TextEncoder().encode(`${text}\n`), { append: false });
        return "";
      }).catch(code),
  };
}

const code = (error: unknown): string => {
  if (error instanceof KernelError) return error.code;
  throw error;
};

function find(from: Kobject | Directory, path: string): Inode | undefined {
  let inode: Inode | undefined = from as Directory;
  for (const name of path.split("/")) {
    inode = inode?.kind === "dir" ? inode.lookup(name) : undefined;
  }
  return inode;
}

async function read(inode: Inode | undefined): Promise<string> {
  if (inode?.kind !== "file" || !("read" in inode) || inode.read === undefined) return "not there";
  return new TextDecoder().decode(await inode.read()).replace(/\n$/, "");
}

/** A card that sends nowhere. */
function card(kernel: Kernel): NetDevice {
  const dev = allocEtherdev(kernel, { startXmit: (skb) => freeSkb(skb) });
  dev.devAddr = parseMac("52:54:00:12:34:56");
  return dev;
}

async function withCard(): Promise<Rig & { dev: NetDevice }> {
  const rig = await makeRig();
  const dev = card(rig.kernel);
  await rig.run(() => registerNetdev(dev));
  return { ...rig, dev };
}

const LO = "devices/virtual/net/lo";
const ETH = "devices/virtual/net/eth0";

// Files

/** Recorded: `find . -type f` in /sys/class/net/lo with modes and contents. */
const RECORDED_LO = `
carrier_changes 444 0;testing 444 EINVAL;carrier 644 EINVAL;dev_id 444 0x0;carrier_down_count 444 0
proto_down 644 0;address 444 00:00:00:00:00:00;operstate 444 down;phys_switch_id 444 EOPNOTSUPP
link_mode 444 0;dormant 444 EINVAL;statistics/tx_errors 444 0;statistics/rx_nohandler 444 0
mtu 644 65536;gro_flush_timeout 644 0;carrier_up_count 444 0;ifalias 644 ;speed 444 EINVAL
netdev_group 644 0;napi_defer_hard_irqs 644 0;phys_port_name 444 EOPNOTSUPP;ifindex 444 1
broadcast 444 00:00:00:00:00:00;type 444 772;dev_port 444 0;phys_port_id 444 EOPNOTSUPP
queues/tx-0/tx_maxrate 644 0;queues/tx-0/xps_cpus 644 ENOENT
queues/tx-0/byte_queue_limits/limit_min 644 0;queues/tx-0/byte_queue_limits/limit 644 0
queues/tx-0/byte_queue_limits/limit_max 644 1879048192;queues/tx-0/byte_queue_limits/hold_time 644 1000
queues/tx-0/byte_queue_limits/inflight 444 0;queues/tx-0/tx_timeout 444 0;queues/tx-0/xps_rxqs 644 0
queues/tx-0/traffic_class 444 ENOENT;queues/rx-0/rps_flow_cnt 644 0;queues/rx-0/rps_cpus 644 0
name_assign_type 444 2;duplex 444 EINVAL;addr_assign_type 444 0;addr_len 444 6;threaded 644 0
tx_queue_len 644 1000;iflink 444 1;flags 644 0x8`.trim().split(/[;\n]/);

Deno.test("lo shows what it shows on the reference kernel", async () => {
  const { kernel, cat } = await makeRig();
  for (const line of RECORDED_LO) {
    const [name] = line.split(" ");
    const inode = find(kernel.sysfs, `${LO}/${name}`);
    assert(inode?.kind === "file", name);
    assertEquals(`${name} ${inode.mode.toString(8)} ${await cat(`${LO}/${name}`)}`, line);
  }
});

Deno.test("lo has the files of the reference kernel and no others", async () => {
  const { kernel } = await makeRig();
  const wanted = RECORDED_LO.map((line) => line.split(/[ /]/)[0]);
  const expected = [...new Set([...wanted, "uevent", "power", "subsystem"])].sort();
  const lo = find(kernel.sysfs, LO);
  assert(lo?.kind === "dir");
  assertEquals([...lo.names()].sort(), expected);
});

Deno.test("lo is up without a link of its own", async () => {
  const { kernel, run, cat } = await makeRig();
  const lo = kernel.get(NET_DEVICES).find("lo") as NetDevice;
  await run(() => kernel.get(NET_DEVICES).rtnl.with(() => devChangeFlags(lo, IFF_UP)));
  const shown = ["operstate", "carrier", "flags", "speed", "carrier_changes", "dormant"];
  const values = await Promise.all(shown.map((name) => cat(`${LO}/${name}`)));
  assertEquals(values, ["unknown", "1", "0x9", "EINVAL", "0", "0"]);
  assertEquals(devGetFlags(lo), 0x9 | IFF_RUNNING | IFF_LOWER_UP);
  const socket = new PacketSocket(lo);
  const frame = new Uint8Array(60).fill(1);
  await run(() => socket.write(frame));
  assertEquals(await run(() => socket.read()), frame);
});

/** Recorded: what was written where, the error, and what the file shows after. */
const RECORDED_WRITES = `
mtu|0x500||1280;mtu|abc|EINVAL|1280;mtu||EINVAL|1280;flags|0x1002xx|EINVAL|0x1002
flags|abc|EINVAL|0x1002;tx_queue_len|55||55;tx_queue_len|abc|EINVAL|55;tx_queue_len|-1|EINVAL|55
netdev_group|7||7;netdev_group|0||0;gro_flush_timeout|20000||20000;napi_defer_hard_irqs|2||2
proto_down|1|EOPNOTSUPP|0;threaded|1||1;threaded|0||0;threaded|2|EOPNOTSUPP|0
ifalias|abc def||abc def;ifalias|||;carrier|1|EOPNOTSUPP|EINVAL
queues/rx-0/rps_cpus|1||1;queues/rx-0/rps_cpus|zz|EINVAL|1;queues/rx-0/rps_flow_cnt|8||8
queues/rx-0/rps_flow_cnt|9||16;queues/tx-0/tx_maxrate|5|EOPNOTSUPP|0
queues/tx-0/xps_cpus|1|ENOENT|ENOENT;queues/tx-0/xps_rxqs|1||1
queues/tx-0/byte_queue_limits/limit|100||100;queues/tx-0/byte_queue_limits/limit_max|max||1879048192
queues/tx-0/byte_queue_limits/limit_min|5||5;queues/tx-0/byte_queue_limits/hold_time|500||500
queues/tx-0/byte_queue_limits/hold_time|abc|EINVAL|500`.trim().split(/[;\n]/);

Deno.test("Files of an interface take and refuse what they do on the reference kernel", async () => {
  const { dev, echo, cat } = await withCard();
  dev.hasNapi = true;
  for (const line of RECORDED_WRITES) {
    const [name, text] = line.split("|");
    const error = await echo(text, `${ETH}/${name}`);
    assertEquals(`${name}|${text}|${error}|${await cat(`${ETH}/${name}`)}`, line);
  }
});

Deno.test("kstrtoul() reads decimal, hexadecimal and octal and nothing else", () => {
  const numbers = ["0", "10", "0x1F", "017", "+5", "7\n"].map(kstrtoul);
  assertEquals(numbers, [0, 10, 31, 15, 5, 7]);
  for (const text of ["", "-1", "1 ", "0xg", "08", "1\n\n", " 1"]) {
    assertEquals(catchCode(() => kstrtoul(text)), "EINVAL", text);
  }
});

function catchCode(body: () => unknown): string {
  try {
    body();
    return "";
  } catch (error) {
    return code(error);
  }
}

Deno.test("/proc/net/dev has the reference kernel's columns", async () => {
  const { kernel } = await withCard();
  const text = await read(find(kernel.procfs, "net/dev"));
  const recorded = await Deno.readTextFile(
    new URL("../../tests/recordings/net-up/stdout.txt", import.meta.url),
  );
  const from = recorded.indexOf("Inter-|");
  assertEquals(text, recorded.slice(from, recorded.indexOf("\ncode", from)));
});

Deno.test("disable_ipv6 is kept for each interface, and all sets them all", async () => {
  const { kernel, run, dev } = await withCard();
  const file = (name: string) => find(kernel.procfs, `sys/net/ipv6/conf/${name}/disable_ipv6`);
  const write = (name: string, text: string) =>
    run(async () => {
      const inode = file(name);
      if (inode?.kind !== "file" || !("write" in inode)) throw new Error("not there");
      await inode.write?.(new TextEncoder().encode(`${text}\n`), { append: false });
    });
  const show = () => Promise.all(["all", "default", "lo", dev.name].map((n) => read(file(n))));
  await write("eth0", "1");
  assertEquals(await show(), ["0", "0", "0", "1"]);
  await write("all", "1");
  assertEquals(await show(), ["1", "1", "1", "1"]);
  await write("default", "0");
  assertEquals(await show(), ["1", "0", "1", "1"]);
  assertEquals(await write("eth0", "x").then(String, code), "EINVAL");
});

// Coming and going

Deno.test("registerNetdev() sends the events of the reference kernel", async () => {
  const { kernel, run, dev } = await withCard();
  await run(() => unregisterNetdev(dev));
  const events = kernel.get(UEVENTS).sent.filter(({ devpath }) => devpath.includes("eth0"));
  const at = "/devices/virtual/net/eth0";
  assertEquals(
    events.map(({ action, devpath, subsystem }) => `${action} ${devpath} ${subsystem}`),
    [
      `add ${at} net`,
      `add ${at}/queues/rx-0 queues`,
      `add ${at}/queues/tx-0 queues`,
      `remove ${at}/queues/rx-0 queues`,
      `remove ${at}/queues/tx-0 queues`,
      `remove ${at} net`,
    ],
  );
  assertEquals(events[0].env.slice(3, -1), ["INTERFACE=eth0", "IFINDEX=2"]);
});

Deno.test("registerNetdev() takes the lowest free name and never a number twice", async () => {
  const { kernel, run, dev } = await withCard();
  const others = [card(kernel), card(kernel)];
  await run(async () => {
    for (const other of others) await registerNetdev(other);
  });
  assertEquals(others.map(({ name, ifindex }) => [name, ifindex]), [["eth1", 3], ["eth2", 4]]);
  await run(() => unregisterNetdev(dev));
  const again = card(kernel);
  await run(() => registerNetdev(again));
  assertEquals([again.name, again.ifindex], ["eth0", 5]);
});

Deno.test("devGetValidName() refuses what is no name", async () => {
  const { kernel } = await withCard();
  for (const name of ["", ".", "..", "a/b", "a b", "a:b", "x".repeat(16), "a%d%d", "a%s"]) {
    assertEquals(catchCode(() => devGetValidName(kernel, name)), "EINVAL", name);
  }
  assertEquals(catchCode(() => devGetValidName(kernel, "eth0")), "EEXIST");
  assertEquals(devGetValidName(kernel, "x".repeat(15)), "x".repeat(15));
});

Deno.test("devChangeName() renames an interface that is down", async () => {
  const { kernel, run, dev, cat } = await withCard();
  const { rtnl } = kernel.get(NET_DEVICES);
  await run(() => rtnl.with(() => devChangeFlags(dev, IFF_UP)));
  const rename = (name: string) => run(() => rtnl.with(() => devChangeName(dev, name)));
  assertEquals(await rename("lan0").then(String, code), "EBUSY");
  await run(() => rtnl.with(() => devChangeFlags(dev, 0)));
  await rename("lan0");
  assertEquals(await cat("devices/virtual/net/lan0/name_assign_type"), "4");
  const link = find(kernel.sysfs, "class/net/lan0");
  assertEquals(link?.kind === "link" && link.target, "../../devices/virtual/net/lan0");
  assertEquals(find(kernel.sysfs, "class/net/eth0"), undefined);
  assertEquals(kernel.log.records.at(-1)?.text, "lan0: renamed from eth0");
});

// Links and flags

Deno.test("netifCarrierOn() is acted on at once, other link events once a second", async () => {
  const { kernel, run, dev } = await withCard();
  const { rtnl } = kernel.get(NET_DEVICES);
  await run(() => rtnl.with(() => devChangeFlags(dev, IFF_UP)));
  const after = async (change: (dev: NetDevice) => undefined, ns: number) => {
    change(dev);
    await run(() => kernel.sched.sleep(ns));
    return dev.operstate;
  };
  assertEquals(await after(netifCarrierOff, 1e6), "down");
  assertEquals(await after(netifCarrierOn, 1e6), "up");
  assertEquals(await after(netifCarrierOff, 1e6), "up");
  assertEquals(await after(() => undefined, 1e9), "down");
  assertEquals([dev.carrierUpCount, dev.carrierDownCount], [1, 2]);
});

Deno.test("devMcDel() removes an address when the last user goes", async () => {
  const { dev } = await withCard();
  const group = parseMac("01:00:5e:00:00:05");
  devMcAdd(dev, group);
  devMcAdd(dev, group);
  devMcDel(dev, group);
  assertEquals([...dev.mc.keys()], [formatMac(group)]);
  devMcDel(dev, group);
  assertEquals(catchCode(() => devMcDel(dev, group)), "ENOENT");
});

Deno.test("PacketSocket drops what does not fit into its buffer", async () => {
  const { run, dev } = await withCard();
  const socket = new PacketSocket(dev);
  for (let n = 0; n < 200; n++) socket.receive(dev, new Uint8Array(1500));
  assertEquals(socket.pending + socket.dropped, 200);
  assertEquals(socket.pending, Math.floor(212992 / (1500 + 576)));
  const reading = run(async () => {
    while (socket.pending > 0) await socket.read();
    return await socket.read();
  }).then(String, code);
  await run(() => socket.close());
  assertEquals(await reading, "EBADF");
});

Deno.test("ethRandomAddr() gives one station's local address, another one for each path", async () => {
  const { kernel } = await makeRig();
  const seen = new Set<string>();
  for (let n = 0; n < 500; n++) {
    const address = ethRandomAddr(kernel, `/devices/virtio${n}`);
    assert(isValidEtherAddr(address));
    assertEquals(address[0] & 2, 2);
    seen.add(formatMac(address));
  }
  assertEquals(seen.size, 500);
  assertEquals(ethRandomAddr(kernel, "/x"), ethRandomAddr(kernel, "/x"));
});
