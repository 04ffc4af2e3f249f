import { assertEquals } from "@std/assert";
import { DEATH, differencesOf, differenceText } from "./differences.ts";

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

Deno.test("differencesOf() says of a kernel that died only that", () => {
  const died = `${DEATH}out of memory\n`;
  assertEquals(differencesOf("a: x\nb: x", died).map(differenceText), [`+ ${died.trim()}`]);
  assertEquals(differencesOf("a: x", `${died}a: x`).map(differenceText), [`+ ${died.trim()}`]);
  assertEquals(differencesOf(died, died), []);
  assertEquals(differencesOf(died, "a: x").map(differenceText), [`- ${died.trim()}`, "+ a: x"]);
});
