import { assertEquals, assertThrows } from "@std/assert";
import { virtioModel } from "./driver_model.ts";
import { collectOutcomes } from "./collect_outcomes.ts";
import { mergeParts, readPart, ResultFileError, writePart } from "./result_file.ts";
import { modelScenario } from "./tasks.ts";

const SCENARIO = modelScenario(virtioModel(["blk", "net"]));

async function part(index: number, of: number) {
  const exploration = await collectOutcomes(SCENARIO, { shard: { index, of } });
  const name = `part${index}`;
  return readPart(writePart(SCENARIO, exploration), name);
}

Deno.test("parts that were written and read add up to the whole, in any order", async () => {
  const parts = await Promise.all([3, 1, 2].map((index) => part(index, 3)));
  const merged = mergeParts(SCENARIO, parts);
  const whole = await collectOutcomes(SCENARIO);
  assertEquals(merged.coverage.text, "exhaustive: all 58 classes, in 3 parts");
  assertEquals([merged.classes, merged.order, merged.baseline], [58, whole.order, whole.baseline]);
  for (const [view, groups] of whole.views) {
    const sorted = (all: typeof groups) =>
      [...all.values()].sort((a, b) => a.text < b.text ? -1 : 1);
    assertEquals(sorted(merged.views.get(view)!), sorted(groups));
  }
});

Deno.test("mergeParts() says what is missing, what is there twice, and what does not belong", async () => {
  const [one, two] = [await part(1, 3), await part(2, 3)];
  assertEquals(mergeParts(SCENARIO, [two, one]).coverage, {
    kind: "bounded",
    text: "parts 3 of 3 are missing",
  });
  const refused = (parts: Parameters<typeof mergeParts>[1]) =>
    assertThrows(() => mergeParts(SCENARIO, parts), ResultFileError).message;
  assertEquals(refused([one, { ...one, name: "copy" }]), "part1 and copy are both part 1");
  assertEquals(
    refused([one, { ...two, scenario: "other" }]),
    "part2 and part1 are not parts of the same exploration",
  );
  assertEquals(
    assertThrows(() => readPart("{}", "x.json"), ResultFileError).message,
    "x.json: not a result of paraguest order",
  );
});
