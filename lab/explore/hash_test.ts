import { assert, assertEquals, assertMatch } from "@std/assert";
import { Fingerprint, fingerprint } from "./hash.ts";

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
