/**
 * What a real QEMU's virtio devices present for a list of option combinations: feature words, the
 * number of queues and every byte of configuration space. `qemu_devices.json` keeps the answers of
 * QEMU 7.2; running this file makes it anew:
 *
 * ```sh
 * deno run -A tests/qemu_devices.ts > tests/qemu_devices.json
 * ```
 *
 * @module
 */
import type { Registers } from "./mini_driver.ts";
import { QtestMachine, slotAddress } from "./qtest_client.ts";

/** One device of the table: its `-device` text and the options that it needs beside it. */
export interface DeviceCase {
  /** Text after `-device`; `@` stands for a number that is unique in one command line. */
  readonly device: string;
  /** Further options, before the device. */
  readonly before?: readonly string[];
  /** Further options, after the device. */
  readonly after?: readonly string[];
}

/** What a device presents. */
export interface Presented {
  /** The case's name, see {@linkcode nameOf}. */
  readonly device: string;
  /** Feature words 0 and 1 of a version 2 transport, and word 0 of a version 1 transport, in hexadecimal. */
  readonly features: string;
  readonly legacyFeatures: string;
  /** Number of queues. */
  readonly queues: number;
  /** Configuration space in hexadecimal, 4 bytes past its end included; for input devices by `SELECT:SUBSEL`. */
  readonly config: string | Record<string, string>;
}

const IMAGE_SIZE = 1 << 20;

const blk = (options: string, drive = "", size = IMAGE_SIZE): DeviceCase => ({
  device: `virtio-blk-device,drive=d@${options}`,
  before: [
    "-drive",
    `if=none,id=d@,driver=null-co,size=${size}${drive},read-zeroes=on`,
  ],
});
const serial = (options: string, ...children: string[]): DeviceCase => ({
  device: `virtio-serial-device,id=vs@${options}`,
  before: children.flatMap((_, i) => ["-chardev", `null,id=c@_${i}`]),
  after: children.flatMap((
    child,
    i,
  ) => ["-device", child.replace(",", `,bus=vs@.0,chardev=c@_${i},`)]),
});
const input = (device: string): DeviceCase => ({ device });
const net = (options: string, netdev = "user"): DeviceCase => ({
  device: `virtio-net-device,netdev=n@,mac=52:54:00:12:34:56${options}`,
  before: ["-netdev", `${netdev},id=n@`],
});

const balloon = (options: string): DeviceCase => ({
  device: `virtio-balloon-device${options}`,
  before: ["-object", "iothread,id=io@"],
});

/** The table's rows. */
export const CASES: readonly DeviceCase[] = [
  blk(""),
  blk(",serial=SER123"),
  blk(",write-cache=off"),
  blk(",write-cache=off,config-wce=off"),
  blk(",config-wce=off"),
  blk("", ",read-only=on"),
  blk(",discard=off"),
  blk(",write-zeroes=off"),
  blk(",discard=off,write-zeroes=off"),
  blk(",num-queues=4"),
  blk(",queue-size=64"),
  blk(",queue-size=64,seg-max-adjust=off"),
  blk(",physical_block_size=4096"),
  blk(",logical_block_size=4096,physical_block_size=4096"),
  blk(",physical_block_size=4096,min_io_size=8192,opt_io_size=65536"),
  blk(",discard_granularity=65536"),
  blk(",discard_granularity=65536,report-discard-granularity=off"),
  blk(",max-discard-sectors=128,max-write-zeroes-sectors=256"),
  blk(",cyls=100,heads=4,secs=17"),
  blk(",indirect_desc=off,event_idx=off"),
  blk(",packed=on,iommu_platform=on,queue_reset=off"),
  blk("", "", 1000448),
  blk("", "", 20_000_000_000_000),
  serial(""),
  serial(",max_ports=1", "virtconsole,"),
  serial("", "virtconsole,", "virtserialport,nr=5,name=org.test.5"),
  serial(",max_ports=4", "virtserialport,name=a"),
  serial(",emergency-write=off", "virtconsole,"),
  input("virtio-keyboard-device"),
  input("virtio-keyboard-device,serial=KBD7"),
  input("virtio-mouse-device"),
  input("virtio-mouse-device,wheel-axis=off"),
  input("virtio-tablet-device"),
  input("virtio-tablet-device,wheel-axis=off"),
  net(""),
  net("", "hubport,hubid=0"),
  net(
    "",
    "dgram,local.type=inet,local.host=127.0.0.1,local.port=0,remote.type=inet,remote.host=127.0.0.1,remote.port=9",
  ),
  net(",mq=on"),
  net(",mrg_rxbuf=off"),
  net(",status=off"),
  net(",host_mtu=1400"),
  net(",speed=1000,duplex=full"),
  net(",speed=100"),
  net(",duplex=half"),
  net(",speed=1000,duplex=half,host_mtu=9000"),
  net(",ctrl_vq=off"),
  net(",ctrl_rx=off,ctrl_vlan=off,ctrl_rx_extra=off,ctrl_mac_addr=off"),
  net(",guest_announce=off,ctrl_guest_offloads=off"),
  net(",csum=off,gso=off"),
  net(",indirect_desc=off,event_idx=off,any_layout=off,notify_on_empty=off"),
  { device: "virtio-rng-device" },
  { device: "virtio-rng-device,max-bytes=100,period=10" },
  balloon(""),
  balloon(",deflate-on-oom=on"),
  balloon(",free-page-reporting=on"),
  balloon(",iothread=io@,free-page-hint=on"),
  balloon(",iothread=io@,free-page-hint=on,free-page-reporting=on,deflate-on-oom=on"),
  balloon(",page-poison=off"),
  balloon(",page-poison=off,iothread=io@,free-page-hint=on"),
  balloon(",page-poison=off,qemu-4-0-config-size=on"),
  balloon(",indirect_desc=off,event_idx=off,any_layout=off,notify_on_empty=off"),
];

/** The options that matter, in one text. */
export function nameOf({ device, before = [] }: DeviceCase): string {
  const drive = before.find((word) => word.startsWith("if=none"));
  return drive ? `${drive} ${device}` : device;
}

const hex = (bytes: readonly number[]) =>
  bytes.map((byte) => byte.toString(16).padStart(2, "0")).join("");

/** Size of the configuration space: QEMU answers all ones past its end. */
function readConfigBytes(machine: Registers, base: number): string {
  const bytes = Array.from({ length: 0x60 }, (_, i) => machine.read(base + 0x100 + i, 1));
  let end = bytes.length;
  while (end > 0 && bytes[end - 1] === 0xff) end--;
  return hex(bytes.slice(0, Math.min(end + 4, bytes.length)));
}

function readInputConfig(machine: Registers, base: number): Record<string, string> {
  const config: Record<string, string> = {};
  const read = (select: number, subsel: number) => {
    machine.write(base + 0x100, 1, select);
    machine.write(base + 0x101, 1, subsel);
    const size = machine.read(base + 0x102, 1);
    if (size === 0) return;
    config[`${select}:${subsel}`] = hex(
      Array.from({ length: size }, (_, i) => machine.read(base + 0x108 + i, 1)),
    );
  };
  for (const select of [1, 2, 3, 0x10]) read(select, 0);
  for (let type = 0; type < 0x20; type++) read(0x11, type);
  for (let axis = 0; axis < 0x40; axis++) read(0x12, axis);
  machine.write(base + 0x100, 1, 0);
  machine.write(base + 0x101, 1, 0);
  config.whole = readConfigBytes(machine, base);
  return config;
}

function readFeatures(machine: Registers, base: number, words: readonly number[]): string {
  const parts = words.map((word) => {
    machine.write(base + 0x14, 4, word);
    return machine.read(base + 0x10, 4).toString(16).padStart(8, "0");
  });
  return parts.join("");
}

function countQueues(machine: Registers, base: number): number {
  let count = 0;
  for (; count < 100; count++) {
    machine.write(base + 0x30, 4, count);
    if (machine.read(base + 0x34, 4) === 0) break;
  }
  return count;
}

function commandLine(cases: readonly DeviceCase[], legacy: boolean): string[] {
  return cases.flatMap((row, i) => {
    const device = legacy ? row.device.replace(/,packed=on,iommu_platform=on/, "") : row.device;
    return [...row.before ?? [], "-device", device, ...row.after ?? []]
      .map((word) => word.replaceAll("@", String(i)));
  });
}

/** Reads what the device at `base` presents to modern and to legacy drivers. */
export function presented(
  row: DeviceCase,
  modern: Registers,
  legacy: Registers,
  base: number,
): Presented {
  const input = /keyboard|mouse|tablet/.test(row.device);
  return {
    device: nameOf(row),
    features: readFeatures(modern, base, [1, 0]),
    legacyFeatures: readFeatures(legacy, base, [0]),
    queues: countQueues(modern, base),
    config: input ? readInputConfig(modern, base) : readConfigBytes(modern, base),
  };
}

/** Cases for one machine: 30 devices at most, and one balloon, as it can have no more. */
function* machines(cases: readonly DeviceCase[]): Iterable<readonly DeviceCase[]> {
  const isBalloon = ({ device }: DeviceCase) => device.startsWith("virtio-balloon");
  let from = 0;
  while (from < cases.length) {
    let to = Math.min(from + 30, cases.length);
    const first = cases.findIndex((row, i) => i >= from && isBalloon(row));
    if (first >= 0) to = Math.min(to, first + 1);
    yield cases.slice(from, to);
    from = to;
  }
}

/** Asks the installed QEMU about every case. */
export function askQemu(cases: readonly DeviceCase[] = CASES): Presented[] {
  const rows: Presented[] = [];
  for (const part of machines(cases)) {
    using modern = new QtestMachine(commandLine(part, false));
    using legacy = new QtestMachine(commandLine(part, true), true);
    part.forEach((row, i) => rows.push(presented(row, modern, legacy, slotAddress(i))));
  }
  return rows;
}

if (import.meta.main) console.log(JSON.stringify(askQemu(), null, 1));
