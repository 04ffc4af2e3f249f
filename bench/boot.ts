/**
 * How long a whole boot takes: a new machine and a new kernel, from the device tree to "Run /init" and
 * until all workers rest, warm and on one core. The options are looked at and the tree is read once, as by who
 * boots one machine many times. RAM is used again and cleared outside the measured part.
 *
 *     deno run -A bench/boot.ts [BOOTS [SLOTS]]
 *
 * @module
 */
import { boot, embeddedModel, type EmbeddedOptions, FdtReader, type Model } from "../mod.ts";
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

/** What is booted: the name of its row, and what it is made with. */
interface Subject {
  readonly name: string;
  readonly model: Model;
  readonly trees: FdtReader;
  readonly log: boolean;
  readonly ram: ArrayBuffer;
  /** How often in a round. */
  readonly boots: number;
}

/** Boots once; returns the time in milliseconds and a sum over what was found. */
async function bootOnce(subject: Subject): Promise<[ms: number, checksum: number]> {
  const from = performance.now();
  const machine = subject.model.machine();
  await using vm = await boot(machine, { log: subject.log, trees: subject.trees });
  // What workers still have to do is part of it; and RAM must be at rest before the next boot.
  await vm.settle();
  const ms = performance.now() - from;
  const accesses = machine.exits().values().reduce((sum, count) => sum + count, 0);
  const sum = accesses + vm.kernel.mem.live.size + vm.dmesg().length;
  new Uint8Array(subject.ram, 0, vm.kernel.mem.touchedBytes).fill(0);
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
  const ram = new ArrayBuffer(RAM_BYTES);
  const images = { "disk.img": new Uint8Array(1 << 20) };
  const subject = (
    name: string,
    args: readonly string[],
    count = boots,
    options: EmbeddedOptions = {},
  ): Subject => {
    const model = embeddedModel(args, { ram, images, ...options });
    return { name, model, trees: new FdtReader(), log: false, ram, boots: count };
  };
  const subjects: Subject[] = [
    subject("4 devices", FOUR_DEVICES),
    { ...subject("4 devices, log", FOUR_DEVICES), log: true },
    subject("no device", []),
    subject(`${slots} slots`, [], 5, { slots }),
    subject(`${slots * GROWTH} slots`, [], 1, { slots: slots * GROWTH }),
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
