/**
 * Random blobs: of random source in all versions, their blocks in any order with gaps between, and damaged
 * in the ways that storage, tools and attackers damage them.
 *
 * @module
 */
import fc from "fast-check";
import { readBe32, writeBe32 } from "../kernel/of/bytes.ts";
import { compile } from "./dtc_in_process.ts";
import { type GeneratedCase, SOURCES } from "./dts_generator.ts";

// Words of the header.
const TOTAL = 1;
const STRUCT = 2;
const STRINGS = 3;
const RESERVE = 4;
const VERSION = 5;
const STRINGS_SIZE = 8;
const STRUCT_SIZE = 9;

/** Changes a blob. */
type Change = (blob: Uint8Array) => Uint8Array;

/** Words that mean something somewhere: tokens, sizes, ends of ranges. */
const WORDS = [0, 1, 2, 3, 4, 9, 16, 17, 40, 0x7fffffff, 0x80000000, 0xfffffff8, 0xffffffff];

const withWord = (blob: Uint8Array, index: number, word: number): Uint8Array => {
  const copy = blob.slice();
  if (4 * index + 4 <= copy.length) writeBe32(copy, 4 * index, word);
  return copy;
};

const FLIP: fc.Arbitrary<Change> = fc.nat().map((bit) => (blob) => {
  const copy = blob.slice();
  copy[(bit >> 3) % copy.length] ^= 1 << (bit & 7);
  return copy;
});

const WORD: fc.Arbitrary<Change> = fc.tuple(
  fc.oneof(fc.nat({ max: 9 }), fc.nat()),
  fc.oneof(fc.constantFrom(...WORDS), fc.nat({ max: 2000 })),
).map(([index, word]) => (blob) => withWord(blob, index % (blob.length >> 2), word));

/** Cuts the end off; the header may know of it. */
const CUT: fc.Arbitrary<Change> = fc.tuple(fc.nat(), fc.boolean()).map(([at, known]) => (blob) => {
  const cut = blob.slice(0, at % blob.length);
  return known ? withWord(cut, TOTAL, cut.length) : cut;
});

/** Puts bytes behind the end; the header may know of it. */
const TAIL: fc.Arbitrary<Change> = fc.tuple(fc.uint8Array({ maxLength: 40 }), fc.boolean()).map(
  ([tail, known]) => (blob) => {
    const longer = new Uint8Array([...blob, ...tail]);
    return known ? withWord(longer, TOTAL, longer.length) : longer;
  },
);

/** Copies some words over others. */
const COPY: fc.Arbitrary<Change> = fc.tuple(fc.nat(), fc.nat(), fc.integer({ min: 1, max: 8 })).map(
  ([from, to, count]) => (blob) => {
    const copy = blob.slice();
    const words = blob.length >> 2;
    const start = 4 * (from % words);
    copy.copyWithin(4 * (to % words), start, start + 4 * count);
    return copy;
  },
);

/** Fills a stretch with random bytes. */
const NOISE: fc.Arbitrary<Change> = fc.tuple(fc.nat(), fc.uint8Array({ maxLength: 64 })).map(
  ([at, bytes]) => (blob) => {
    const copy = blob.slice();
    const start = at % copy.length;
    copy.set(bytes.subarray(0, copy.length - start), start);
    return copy;
  },
);

const DAMAGE = fc.oneof(FLIP, WORD, CUT, TAIL, COPY, NOISE);

/** The blocks in an order, each behind a gap. A sound blob stays one, but for the gaps' alignment. */
function permuted(blob: Uint8Array, order: readonly number[], gaps: readonly number[]): Uint8Array {
  const word = (index: number) => readBe32(blob, 4 * index);
  const version = word(VERSION);
  const strings = version < 3 ? word(TOTAL) - word(STRINGS) : word(STRINGS_SIZE);
  const struct = version < 17 ? word(STRINGS) - word(STRUCT) : word(STRUCT_SIZE);
  const blocks = [[RESERVE, word(STRUCT) - word(RESERVE)], [STRUCT, struct], [STRINGS, strings]];
  const out = [...blob.subarray(0, Math.min(word(RESERVE), word(STRUCT), word(STRINGS)))];
  const moved: [number, number][] = [];
  order.forEach((which, at) => {
    const [field, size] = blocks[which];
    for (let gap = gaps[at]; gap > 0 || out.length % 8 !== 0; gap--) out.push(0xa5);
    moved.push([field, out.length]);
    for (const byte of blob.subarray(word(field), word(field) + size)) out.push(byte);
  });
  const result = new Uint8Array(out);
  for (const [field, at] of [...moved, [TOTAL, out.length]]) writeBe32(result, 4 * field, at);
  return result;
}

const PERMUTED: fc.Arbitrary<Change> = fc.tuple(
  fc.shuffledSubarray([0, 1, 2], { minLength: 3 }),
  fc.array(fc.nat({ max: 24 }), { minLength: 3, maxLength: 3 }),
).map(([order, gaps]) => (blob) => permuted(blob, order, gaps));

const UNCHANGED: fc.Arbitrary<Change> = fc.constant((blob) => blob);

/** A blob of what source there is; of an empty tree if it does not compile. */
const SOUND: fc.Arbitrary<Uint8Array> = fc.tuple(SOURCES, fc.constantFrom(1, 2, 3, 16, 17, 17, 17))
  .map(([{ source }, version]) => {
    const blobOf = (text: string) =>
      compile(["-q", "-V", `${version}`, "-"], "/", new TextEncoder().encode(text));
    const { code, output } = blobOf(source);
    return code === 0 ? output : blobOf('/dts-v1/; / { a = "b"; c { d = <1>; }; };').output;
  });

/** A sound blob, and the same with its blocks in another order. */
export const REORDERED: fc.Arbitrary<{ blob: Uint8Array; reordered: Uint8Array }> = fc.tuple(
  SOUND,
  PERMUTED,
).map(([blob, order]) => ({ blob, reordered: order(blob) }));

/** Blobs, mostly damaged, and the options that they are read with. */
export const BLOBS: fc.Arbitrary<GeneratedCase> = fc.tuple(
  SOUND,
  fc.oneof(UNCHANGED, PERMUTED),
  fc.array(DAMAGE, { maxLength: 2 }),
  fc.constantFrom("dtb", "dtb", "dts"),
).map(([blob, order, damages, format]) => ({
  source: damages.reduce((bytes, damage) => damage(bytes), order(blob)),
  options: ["-I", "dtb", "-O", format],
}));
