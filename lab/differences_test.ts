import { assertEquals } from "@std/assert";
import { differencesOf, differenceText } from "./differences.ts";

Deno.test("differencesOf() puts lines about the same thing together, once each", () => {
  const before = "a: x\nb: x\nb: y\nplain\n";
  const after = "b: z\na: x\nother\nb: w\nc: x";
  assertEquals(differencesOf(before, after).map(differenceText), [
    "b: x → z",
    "b: y → w",
    "- plain",
    "+ other",
    "+ c: x",
  ]);
  assertEquals(differencesOf(before, before), []);
});
