/**
 * The register trace of one run, as QEMU writes it and as the embedded machine does.
 * `mmio_trace.json` keeps QEMU 7.2's; running this file makes it anew:
 *
 * ```sh
 * deno run -A tests/mmio_trace.ts > tests/mmio_trace.json
 * ```
 *
 * @module
 */
import { MachineBench } from "./machine_bench.ts";
import { MiniDriver, type Registers } from "./mini_driver.ts";
import { QtestMachine, RAM_BASE, slotAddress } from "./qtest_client.ts";

const DEVICES = [
  "-device",
  "virtio-serial-device",
  "-drive",
  "if=none,id=d0,driver=null-co,size=1M,read-zeroes=on",
  "-device",
  "virtio-blk-device,drive=d0",
];
const DISK = slotAddress(1);
const EMPTY = slotAddress(2);

/** A driver with a disk, legacy or not; it also touches an empty slot and asks for nonsense. */
function run(machine: Registers, legacy: boolean): undefined {
  for (const offset of [0, 4, 8]) machine.read(EMPTY + offset, 4);
  machine.write(EMPTY + 0x70, 4, 0x12);
  const driver = new MiniDriver(machine, DISK);
  for (const offset of [0, 4, 8, 0xc]) driver.read(offset);
  if (legacy) {
    driver.write(0x28, 4096);
    for (const status of [0, 1, 3]) driver.write(0x70, status);
    driver.write(0x30, 0);
    driver.write(0x38, 16);
    driver.write(0x3c, 4096);
    driver.write(0x40, RAM_BASE / 4096);
    driver.write(0x70, 7);
    driver.write(0x40, 0);
  } else {
    driver.init(1);
    driver.read(0x100, 4);
    driver.read(0x120, 1);
    driver.write(0x120, 1, 1);
    driver.add(0, [new Uint8Array(16)], [512, 1]);
    driver.write(0x50, 0);
    machine.settle(20);
    // The client of QEMU waits by a read, which is in the trace.
    if (machine instanceof MachineBench) machine.read(slotAddress(31), 4);
    driver.acknowledge();
    driver.write(0x50, 7);
    driver.write(0x38, 0xffff);
    driver.write(0x70, 0);
  }
}

/** Pointers differ from run to run: each is replaced by the order of its first use. */
function normalize(text: string): string[] {
  const names = new Map<string, string>();
  const lines = text.split("\n").filter((line) => line !== "");
  return lines.map((line) =>
    line.replace(/(vdev|vq) (0x[0-9a-f]+)/g, (_, kind: string, pointer: string) => {
      const key = `${kind} ${pointer}`;
      if (!names.has(key)) names.set(key, `${kind}${names.size}`);
      return names.get(key)!;
    })
  );
}

/** Returns the embedded machine's trace. */
export function traceEmbedded(legacy: boolean): string[] {
  const lines: string[] = [];
  const bench = new MachineBench([
    "-global",
    `virtio-mmio.force-legacy=${legacy}`,
    ...DEVICES,
  ], {
    trace: (line) => {
      lines.push(line);
    },
  });
  run(bench, legacy);
  return normalize(lines.join("\n"));
}

/** Returns the installed QEMU's trace. */
export function traceQemu(legacy: boolean): string[] {
  const path = Deno.makeTempFileSync();
  const events = ["virtio_mmio*", "virtio_set_status", "virtio_queue_notify", "virtio_notify"];
  {
    const traces = events.flatMap((event) => ["-trace", event]);
    using machine = new QtestMachine([...traces, "-D", path, ...DEVICES], legacy);
    run(machine, legacy);
    machine.settle(20);
  }
  const text = Deno.readTextFileSync(path);
  Deno.removeSync(path);
  // The last line is the read by which the client waited.
  return normalize(text).slice(0, -1);
}

if (import.meta.main) {
  console.log(JSON.stringify({ modern: traceQemu(false), legacy: traceQemu(true) }, null, 1));
}
