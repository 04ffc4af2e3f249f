/**
 * Frames and control commands.
 *
 * @module
 */
import { Activity } from "../hypervisor/embedded/activity.ts";
import type { DeviceModel } from "../hypervisor/embedded/device.ts";
import { HubPort, Hubs, type Netdev } from "../hypervisor/embedded/netdev.ts";
import { internetChecksum, UserNetdev } from "../hypervisor/embedded/netdev_user.ts";
import { VirtioNet } from "../hypervisor/embedded/virtio_net.ts";
import {
  answer,
  checksum,
  type DeviceScript,
  EmbeddedHost,
  type HostSide,
  join,
  Notes,
  show,
} from "./device_script.ts";
import type { MiniDriver } from "./mini_driver.ts";

const MAC_A = "52:54:00:12:34:56";
const MAC_B = "52:54:00:12:34:57";
const TO_B = [0x52, 0x54, 0, 0x12, 0x34, 0x57];
const FROM_A = [0x52, 0x54, 0, 0x12, 0x34, 0x56];
const BROADCAST = Array(6).fill(0xff);

/** A frame of `size` bytes from A, its bytes counting up. */
function frame(to: readonly number[], size: number, type = 0x88b5): Uint8Array {
  const bytes = Uint8Array.from({ length: size }, (_, i) => i & 0xff);
  bytes.set([...to, ...FROM_A, type >> 8, type & 0xff]);
  return bytes;
}

/** A header of `size` zero bytes and a frame. */
function packet(data: Uint8Array, size = 12): Uint8Array {
  return join(new Uint8Array(size), data);
}

class NetNotes extends Notes {
  get peer(): MiniDriver {
    return this.host.peer;
  }
  /** Buffers that the peer has given and not got back. */
  spare = 0;
  /** Lets the peer have buffers of these lengths. */
  room(...lengths: number[]): undefined {
    this.spare += lengths.length;
    for (const length of lengths) this.peer.add(0, [], [length]);
    this.peer.kick(0, 5);
  }
  /** Sends a packet and notes what both cards have to say. */
  tx(what: string, ...out: Uint8Array[]): undefined {
    this.driver.add(1, out, []);
    this.driver.kick(1, 5);
    this.seen(what);
  }
  seen(what: string): undefined {
    const got = this.peer.used(0).map(({ len, data }) =>
      `${len} [${data.subarray(0, 14)}] ${checksum(data.subarray(0, len))}`
    );
    this.spare -= got.length;
    this.lines.push(`${what}: sent ${show(this.driver.used(1))}, received ${got.join("; ")}`);
  }
  /** Gives the peer a control command. */
  control(what: string, ...bytes: number[]): undefined {
    const { len, data } = this.peer.request(2, [Uint8Array.from(bytes)], [1]);
    this.lines.push(`${what}: len ${len}, answer ${data}`);
  }
  config(what: string): undefined {
    this.lines.push(
      `${what}: config ${this.driver.config(8)}, interrupt ${this.driver.acknowledge()}`,
    );
  }
}

function runCards(driver: MiniDriver, host: HostSide): string[] {
  const notes = new NetNotes(driver, host);
  driver.init(3);
  notes.tx("nobody there", packet(frame(TO_B, 60)));
  notes.peer.init(3);
  notes.seen("the peer is ready, without buffers");
  notes.room(100);
  notes.seen("the peer has a buffer");
  notes.room(...Array(10).fill(300));
  notes.tx("60 bytes", packet(frame(TO_B, 60)));
  notes.tx("14 bytes", packet(frame(TO_B, 14)));
  notes.tx("header apart", new Uint8Array(12), frame(TO_B, 100));
  notes.tx(
    "in five pieces",
    ...[0, 7, 20, 50, 60].map((from, i, all) =>
      packet(frame(TO_B, 100)).subarray(from, all[i + 1] ?? 112)
    ),
  );
  notes.tx("1514 bytes in merged buffers", packet(frame(TO_B, 1514)));
  notes.tx("1514 bytes without room", packet(frame(TO_B, 1514)));
  notes.room(500);
  notes.seen("still without room");
  notes.room(500, 500, 500);
  notes.seen("with room");
  notes.peer.init(3);
  notes.spare = 0;
  runFilter(notes);
  host.setLink(false);
  notes.config("link down");
  notes.tx("while the link is down", packet(frame(TO_B, 60)));
  host.setLink(true);
  notes.config("link up");
  notes.tx("after the link came back", packet(frame(TO_B, 60)));
  host.announce();
  notes.config("announce");
  notes.seen("announcement");
  const { data } = driver.request(2, [Uint8Array.of(3, 0)], [1]);
  notes.config(`acknowledged: ${data}`);
  notes.lines.push(`again: ${driver.request(2, [Uint8Array.of(3, 0)], [1]).data}`);
  for (const bytes of [[1, 1, 2, 4, 6, 8, 10, 12], [1, 1, 2, 4, 6]]) {
    notes.lines.push(`own address: ${driver.request(2, [Uint8Array.from(bytes)], [1]).data}`);
    notes.config("own address");
  }
  driver.write(0x100, 0x77, 1);
  notes.config("address written");
  driver.init(3);
  notes.config("after a reset");
  for (const [out, into] of [[[Uint8Array.of(0)], [1]], [[Uint8Array.of(0, 0)], []]] as const) {
    notes.lines.push(`malformed command: ${answer(driver, () => driver.request(2, out, into), 3)}`);
  }
  driver.init(3);
  notes.lines.push(`no readable buffer: ${answer(driver, () => driver.request(1, [], [100]), 3)}`);
  return notes.lines;
}

function runFilter(notes: NetNotes): undefined {
  const other = [2, 0, 0, 0, 0, 9];
  const group = [0x33, 0x33, 0, 0, 0, 1];
  const all = (what: string) => {
    notes.room(...Array(8 - notes.spare).fill(100));
    for (const to of [TO_B, other, group, BROADCAST]) {
      notes.tx(`${what}, to ${to}`, packet(frame(to, 60)));
    }
  };
  const le32 = (value: number) => [value & 0xff, value >> 8 & 0xff, 0, 0];
  all("promiscuous");
  notes.control("promiscuous off", 0, 0, 0);
  all("not promiscuous");
  notes.control("all multicast", 0, 1, 1);
  notes.control("all unicast", 0, 2, 1);
  all("all unicast and multicast");
  notes.control("no multicast", 0, 3, 1);
  notes.control("no unicast", 0, 4, 1);
  notes.control("no broadcast", 0, 5, 7);
  all("nothing");
  for (let mode = 1; mode <= 5; mode++) notes.control(`mode ${mode} off`, 0, mode, 0);
  notes.control("unknown mode", 0, 6, 0);
  notes.control("mode without data", 0, 0);
  notes.control("table", 1, 0, ...le32(1), ...other, ...le32(1), ...group);
  all("with a table");
  notes.control("table with a byte too many", 1, 0, ...le32(0), ...le32(0), 0);
  notes.control("table that is cut off", 1, 0, ...le32(2), ...other);
  notes.control("table without an end", 1, 0, ...le32(1), ...other);
  const many = Array.from({ length: 65 }, () => group).flat();
  notes.control("large tables", 1, 0, ...le32(65), ...many, ...le32(65), ...many);
  all("with large tables");
  notes.control("empty tables", 1, 0, ...le32(0), ...le32(0));
  const vlan = (id: number) => {
    const bytes = frame(TO_B, 60, 0x8100);
    bytes.set([id >> 8 | 0xe0, id & 0xff], 14);
    return packet(bytes);
  };
  notes.tx("vlan 5 of none", vlan(5));
  notes.control("vlan 5", 2, 0, 5, 0);
  notes.tx("vlan 5", vlan(5));
  notes.tx("vlan 6", vlan(6));
  notes.control("vlan 5 no more", 2, 1, 5, 0);
  notes.tx("vlan 5 no more", vlan(5));
  notes.control("vlan 4096", 2, 0, 0, 16);
  notes.control("vlan of one byte", 2, 0, 5);
  notes.control("unknown vlan command", 2, 2, 5, 0);
  notes.control("one pair", 4, 0, 1, 0);
  notes.control("two pairs", 4, 0, 2, 0);
  notes.control("offloads", 5, 0, 0, 0, 0, 0, 0, 0, 0, 0);
  notes.control("unknown class", 9, 0, 0);
  notes.control("promiscuous again", 0, 0, 1);
}

const MRG_RXBUF = 1n << 15n;
const CTRL_VLAN = 1n << 19n;

function runPlainCards(driver: MiniDriver, host: HostSide): string[] {
  const notes = new NetNotes(driver, host);
  driver.init(3, ~MRG_RXBUF);
  notes.peer.init(3, ~(MRG_RXBUF | CTRL_VLAN));
  notes.room(100, 2000, 50, 80);
  notes.tx("60 bytes", packet(frame(TO_B, 60)));
  notes.tx("1514 bytes", packet(frame(TO_B, 1514)));
  notes.tx("too large", packet(frame(TO_B, 60)));
  notes.tx("again", packet(frame(TO_B, 38)));
  notes.control("promiscuous off", 0, 0, 0);
  const tagged = frame(TO_B, 60, 0x8100);
  notes.tx("a vlan without a filter for it", packet(tagged));
  return notes.lines;
}

function runUser(driver: MiniDriver, host: HostSide): string[] {
  const notes = new Notes(driver, host);
  driver.init(3);
  notes.give(0, ...Array(8).fill(200));
  const send = (what: string, ...bytes: number[]) => {
    driver.add(1, [packet(Uint8Array.from(bytes))], []);
    driver.kick(1, 20);
    notes.lines.push(`sent ${show(driver.used(1))}`);
    notes.took(what, 0);
  };
  const arp = (last: number, operation = 1) => [
    ...[...BROADCAST, ...FROM_A, 8, 6],
    ...[0, 1, 8, 0, 6, 4, 0, operation, ...FROM_A, 10, 0, 2, 15],
    ...[0, 0, 0, 0, 0, 0, 10, 0, 2, last],
  ];
  const ping = (last: number, type = 8) => {
    const ip = [0x45, 0, 0, 32, 0x12, 0x34, 0, 0, 64, 1, 0, 0, 10, 0, 2, 15, 10, 0, 2, last];
    const icmp = [type, 0, 0, 0, 0x56, 0x78, 0, 1, 1, 2, 3, 4];
    for (const [part, at] of [[ip, 10], [icmp, 2]] as const) {
      const sum = internetChecksum(Uint8Array.from(part));
      part.splice(at, 2, sum >> 8, sum & 0xff);
    }
    return [0x52, 0x55, 10, 0, 2, last, ...FROM_A, 8, 0, ...ip, ...icmp];
  };
  for (const last of [2, 3, 9]) send(`who has 10.0.2.${last}`, ...arp(last));
  send("an ARP answer", ...arp(2, 2));
  for (const last of [2, 3]) send(`ping 10.0.2.${last}`, ...ping(last));
  send("ping of another kind", ...ping(2, 9));
  send("something else", ...frame(BROADCAST, 60));
  return notes.lines;
}

function cards(host: EmbeddedHost, ...netdevs: Netdev[]): { model: DeviceModel; host: HostSide } {
  const macs = [MAC_A, MAC_B];
  host.cards.push(...netdevs.map((netdev, i) => new VirtioNet({ mac: macs[i] }, netdev)));
  return { model: host.cards[0], host };
}

const HUB_SCRIPT = {
  args: [MAC_A, MAC_B].flatMap((mac, i) => [
    ...["-netdev", `hubport,id=n${i},hubid=0`],
    ...["-device", `virtio-net-device,netdev=n${i},mac=${mac}`],
  ]),
  embed: () => {
    const hub = new Hubs().get(0);
    const [first, second] = ["n0", "n1"].map((id) => new HubPort(id, hub, new Activity()));
    return cards(new EmbeddedHost(), first, second);
  },
};

/** The scripts for network cards. */
export const NET_SCRIPTS: readonly DeviceScript[] = [
  { name: "two cards on a hub", ...HUB_SCRIPT, run: runCards },
  { name: "two cards without merged buffers", ...HUB_SCRIPT, run: runPlainCards },
  {
    name: "a card on the user network",
    args: ["-netdev", "user,id=n0", "-device", `virtio-net-device,netdev=n0,mac=${MAC_A}`],
    embed: () => cards(new EmbeddedHost(), new UserNetdev("n0")),
    run: runUser,
  },
];
