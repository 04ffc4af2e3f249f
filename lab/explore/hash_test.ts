import { assert, assertEquals, assertMatch } from "@std/assert";
import { Fingerprint, fingerprint, fingerprintOf, sumOf } from "./hash.ts";

Deno.test("fingerprint() of a million different texts and numbers has no two equal values", () => {
  const seen = new Set<number>();
  for (let i = 0; i < 500_000; i++) {
    seen.add(new Fingerprint().text(`virtio${i}`).value);
    seen.add(new Fingerprint().number(i).number(i * 7).value);
  }
  assertEquals(seen.size, 1_000_000);
  for (const value of seen) assert(Number.isSafeInteger(value) && value >= 0);
});

Deno.test("fingerprint() depends on every character, on order and on where texts end", () => {
  const texts = ["", "a", "b", "ab", "ba", "aa", "a\n", "ab ", "é"];
  assertEquals(new Set(texts.map(fingerprint)).size, texts.length);
  const split = (a: string, b: string) => new Fingerprint().text(a).text(b).value;
  assert(split("ab", "c") !== split("a", "bc"));
  for (const text of texts) assertMatch(fingerprint(text), /^[0-9a-z]{10}$/);
});

Deno.test("fingerprintOf() tells all data apart that structuredClone() and assertEquals() tell apart", () => {
  const data = [
    ...[undefined, null, true, false, 0, -0, 1, 1n, 0.5, 1.5, NaN, 2 ** 60, "", "0", "1", "null"],
    ...[[], {}, [[]], [{}], [0], ["0"], [0, 0], [1, 2], [2, 1], [[1], 2], [[1, 2]], "1,2"],
    ...[{ a: 1 }, { a: "1" }, { b: 1 }, { a: 1, b: 1 }, { a: { b: 1 } }, { a: [1] }, { 0: 1 }, [1]],
  ];
  assertEquals(new Set(data.map(fingerprintOf)).size, data.length);
  for (const one of data) assertEquals(fingerprintOf(structuredClone(one)), fingerprintOf(one));
});

Deno.test("fingerprintOf() has nothing to say of what is more than data", () => {
  const circle: unknown[] = [];
  circle.push(circle);
  const more = [() => 0, Symbol(), new Map(), new Date(0), new Uint8Array(1), circle];
  for (const one of more) {
    for (const data of [one, [one], { a: one }]) assertEquals(fingerprintOf(data), undefined);
  }
});

Deno.test("sumOf() is the same in any order and counts how often something is there", () => {
  const prints = ["a", "b", "c", "c"].map((text) => new Fingerprint().text(text).value);
  const sum = (list: readonly number[]) => list.reduce(sumOf, 0);
  assertEquals(sum(prints), sum(prints.toReversed()));
  assert(sum(prints) !== sum(prints.slice(0, 3)));
  assert(sum(prints) !== sum(prints.slice(0, 2)));
});
