import { assert, assertEquals } from "@std/assert";
import { efiPartition } from "../kernel/block/partitions/efi.ts";
import { msdosPartition } from "../kernel/block/partitions/msdos.ts";
import type { PartitionState } from "../kernel/block/partitions/state.ts";
import { bootDisks, disk } from "./_virtio_blk_testing.ts";

const DATA = new URL("../tests/data/partitions/", import.meta.url);
const MIB = 1 << 20;

async function image(name: string): Promise<Uint8Array> {
  const packed = Deno.readFileSync(new URL(`${name}.img.gz`, DATA));
  const stream = new Blob([packed]).stream().pipeThrough(new DecompressionStream("gzip"));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}

/** Writes the two bytes that end a table. */
function sign(data: Uint8Array, table = 0): Uint8Array {
  data.set([0x55, 0xaa], table + 510);
  return data;
}

/** Writes an entry of an MBR. */
function entry(
  data: Uint8Array,
  at: number,
  [type, start, size]: readonly [number, number, number],
): undefined {
  const view = new DataView(data.buffer);
  data[at + 4] = type;
  view.setUint32(at + 8, start, true);
  view.setUint32(at + 12, size, true);
}

function flipped(data: Uint8Array, at: number): Uint8Array {
  const copy = data.slice();
  copy[at] ^= 1;
  return copy;
}

/** The disks that the reference kernel saw, in its order. */
async function disks(): Promise<Record<string, Uint8Array>> {
  const gpt = await image("gpt");
  const grown = new Uint8Array(5 * MIB);
  grown.set(gpt);
  const fat = sign(new Uint8Array(MIB));
  fat.set([0xeb, 0x3c, 0x90]);
  for (const [at, value] of [[14, 1], [16, 2], [21, 0xf8], [446, 0x41]]) fat[at] = value;
  const karma = new Uint8Array(MIB);
  entry(karma, 270, [0x4d, 16, 100]);
  karma.set([0x56, 0xab], 510);
  const far = sign(new Uint8Array(MIB));
  entry(far, 446, [5, 100_000, 4096]);
  entry(far, 462, [0x83, 8, 100]);
  return {
    mbr: await image("mbr"),
    gpt,
    badprimary: flipped(gpt, 512 + 40),
    badalternate: flipped(gpt, gpt.length - 512 + 40),
    grown,
    badentries: flipped(gpt, 1024 + 200),
    cut: gpt.slice(0, 3 * MIB),
    fat,
    karma,
    farchain: far,
    many: manyLogical(),
  };
}

/** Twenty logical partitions of 50 sectors. */
function manyLogical(): Uint8Array {
  const data = sign(new Uint8Array(4 * MIB));
  entry(data, 446, [0xf, 1000, 7000]);
  for (let i = 0; i < 20; i++) {
    const table = (1000 + i * 100) * 512;
    entry(data, table + 446, [0x83, 10, 50]);
    if (i < 19) entry(data, table + 462, [5, (i + 1) * 100, 100]);
    sign(data, table);
  }
  return data;
}

Deno.test("partitions, reads and log are those of the reference kernel", async () => {
  const images = await disks();
  const names = Object.keys(images);
  const booted = await bootDisks(
    ["-m", "128", ...names.toReversed().flatMap((name) => disk(name))],
    Object.fromEntries(names.map((name) => [`${name}.img`, images[name]])),
  );
  let text = await booted.text("/proc/partitions");
  for (const [index] of names.entries()) {
    const name = `vd${String.fromCharCode(97 + index)}`;
    const [reads, , sectors] = booted.bdev(name).stats.columns(0);
    text += `${name} ${reads} ${sectors}\n`;
  }
  text += booted.log(/^ vd|^vd|GPT/).map((line) => `${line}\n`).join("");
  const expected = Deno.readTextFileSync(new URL("expected.txt", DATA));
  assertEquals(text, expected.replace(/^PARTNAME=.*\n/gm, ""));
  assertEquals(booted.bdev("vdb3").volumeName, "Grv_e");
});

/** A disk in memory, whose reads are counted. */
function stateOf(data: Uint8Array): PartitionState & { reads: number } {
  const state = {
    capacity: data.length / 512,
    blockSize: 512,
    prefix: "x",
    parts: new Map(),
    text: "",
    beyondEnd: false,
    reads: 0,
    async readSector(sector: number) {
      state.reads++;
      if (sector >= state.capacity) return undefined;
      return data.subarray(sector * 512, sector * 512 + 512);
    },
    warn: () => undefined,
  };
  return state;
}

Deno.test("msdosPartition() ends on a chain that leads back to its start", async () => {
  const data = sign(new Uint8Array(4 * MIB));
  entry(data, 446, [5, 2048, 4096]);
  const table = 2048 * 512;
  entry(data, table + 446, [0x83, 64, 100]);
  entry(data, table + 462, [5, 0, 4096]);
  const state = stateOf(sign(data, table));
  assertEquals(await msdosPartition(state), true);
  // The reference kernel stops at its last partition number, too.
  assertEquals([...state.parts.keys()].at(-1), 255);
  entry(data, table + 446, [0x83, 64, 0]);
  const empty = stateOf(data);
  assertEquals(await msdosPartition(empty), true);
  assertEquals([...empty.parts.keys()], [1]);
  assertEquals(empty.reads, 101);
});

Deno.test("damaged tables never throw and cost bounded work", async () => {
  for (const name of ["mbr", "gpt"]) {
    const data = (await image(name)).subarray(0, MIB);
    for (let at = 440; at < 512 * 3; at++) {
      const damaged = data.slice();
      damaged[at] = 0xff;
      for (const read of [msdosPartition, efiPartition]) {
        const state = stateOf(damaged);
        await read(state);
        assert(state.reads < 10_000, `${name} with 0xff at ${at}: ${state.reads} reads`);
      }
    }
  }
});
