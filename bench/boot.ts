/**
 * How long a whole boot takes: a new machine and a new kernel, from the device tree to "Run /init" and
 * until all workers rest, warm and on one core. RAM is used again and cleared outside the measured part.
 *
 *     deno run -A bench/boot.ts [BOOTS [SLOTS]]
 *
 * @module
 */
import { boot, embedded, type EmbeddedOptions } from "../mod.ts";
import { median, row } from "./report.ts";

const ROUNDS = 5;
const BOOTS = 100;
/** The smaller of the two machines that show how time grows with slots. */
const SLOTS = 1_000;
const GROWTH = 10;
const RAM_BYTES = 64 << 20;

const FOUR_DEVICES = [
  ["-drive", "if=none,id=d0,file=disk.img,format=raw"],
  ["-device", "virtio-blk-device,drive=d0"],
  ["-device", "virtio-serial-device"],
  ["-chardev", "null,id=c0"],
  ["-device", "virtconsole,chardev=c0"],
  ["-device", "virtio-keyboard-device"],
  ["-netdev", "hubport,hubid=0,id=n0"],
  ["-device", "virtio-net-device,netdev=n0"],
].flat();

/** What is booted: the name of its row, its devices, and what else it is made with. */
interface Subject {
  readonly name: string;
  readonly args: readonly string[];
  readonly log: boolean;
  readonly options: EmbeddedOptions;
  /** How often in a round. */
  readonly boots: number;
}

/** Boots once; returns the time in milliseconds and a sum over what was found. */
async function bootOnce(subject: Subject): Promise<[ms: number, checksum: number]> {
  const from = performance.now();
  const machine = embedded(subject.args, subject.options);
  await using vm = await boot(machine, { log: subject.log });
  // What workers still have to do is part of it; and RAM must be at rest before the next boot.
  await vm.settle();
  const ms = performance.now() - from;
  const accesses = machine.exits().values().reduce((sum, count) => sum + count, 0);
  const sum = accesses + vm.kernel.mem.live.size + vm.dmesg().length;
  new Uint8Array(subject.options.ram as ArrayBuffer, 0, vm.kernel.mem.touchedBytes).fill(0);
  return [ms, sum];
}

/** Mean of a boot in milliseconds, of the middle round. */
async function measure(subject: Subject): Promise<[ms: number, checksum: number]> {
  const rounds: number[] = [];
  let checksum = 0;
  for (let round = 0; round < ROUNDS; round++) {
    let sum = 0;
    for (let i = 0; i < subject.boots; i++) {
      const [ms, check] = await bootOnce(subject);
      sum += ms;
      checksum = check;
    }
    rounds.push(sum / subject.boots);
  }
  return [median(rounds), checksum];
}

/** Prints a table; returns the milliseconds of a boot with four devices and no log. */
export async function benchBoot(boots = BOOTS, slots = SLOTS): Promise<number> {
  const options = {
    ram: new ArrayBuffer(RAM_BYTES),
    images: { "disk.img": new Uint8Array(1 << 20) },
  };
  const small = { log: false, options, boots };
  const wide = { args: [], log: false, boots: 5, options: { ...options, slots } };
  const wider = { ...wide, boots: 1, options: { ...options, slots: slots * GROWTH } };
  const subjects: Subject[] = [
    { ...small, name: "4 devices", args: FOUR_DEVICES },
    { ...small, name: "4 devices, log", args: FOUR_DEVICES, log: true },
    { ...small, name: "no device", args: [] },
    { ...wide, name: `${slots} slots` },
    { ...wider, name: `${slots * GROWTH} slots` },
  ];
  for (let i = 0; i < 3 * boots; i++) await bootOnce(subjects[0]);
  console.log(`boots of the 32-slot machine and larger ones, middle of ${ROUNDS} rounds`);
  row("", "ms/boot", "boots/s", "checksum");
  const figures: number[] = [];
  for (const subject of subjects) {
    const [ms, checksum] = await measure(subject);
    figures.push(ms);
    row(subject.name, ms.toFixed(3), Math.round(1000 / ms), checksum);
  }
  console.log(`${GROWTH} x the slots take ${(figures[4] / figures[3]).toFixed(1)} x the time`);
  return figures[0];
}

if (import.meta.main) {
  const [boots = BOOTS, slots = SLOTS] = Deno.args.map(Number);
  await benchBoot(boots, slots);
}
