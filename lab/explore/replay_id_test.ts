import { assertEquals, assertMatch, assertThrows } from "@std/assert";
import fc from "fast-check";
import { fingerprint } from "./hash.ts";
import { MODEL_VERSION, parseReplayId, replayId, ReplayIdError } from "./replay_id.ts";
import type { Scenario } from "./scenario.ts";

const scenario = (definition: string): Scenario => ({ name: "s", definition, run: () => ({}) });
const SCENARIO = scenario("one");

Deno.test("replay ids give back any answers, in characters that a shell leaves alone", () => {
  const answers = fc.array(fc.oneof(fc.constant(0), fc.nat(40)), { maxLength: 60 });
  fc.assert(fc.property(answers, (vector) => {
    const id = replayId(SCENARIO, vector);
    assertMatch(id, /^[0-9a-z.-]+$/);
    assertEquals(parseReplayId(SCENARIO, id), vector);
  }));
  assertMatch(replayId(SCENARIO, [0, 0, 0, 3]), /-0x3\.3-/);
});

Deno.test("a replay id with one other character is refused", () => {
  const id = replayId(SCENARIO, [0, 0, 2, 1, 1, 1]);
  for (let i = 0; i < id.length; i++) {
    const other = id.slice(0, i) + (id[i] === "5" ? "6" : "5") + id.slice(i + 1);
    assertThrows(() => parseReplayId(SCENARIO, other), ReplayIdError);
  }
});

Deno.test("a replay id says what is wrong with it", () => {
  const of = (id: string, other = SCENARIO) =>
    assertThrows(() => parseReplayId(other, id), ReplayIdError).message;
  const id = replayId(SCENARIO, [1]);
  assertMatch(of("nonsense"), /^'nonsense' is no replay id; one looks like pg1-/);
  assertMatch(of(`${id.slice(0, -1)}${id.endsWith("0") ? 1 : 0}`), /mistyped/);
  assertMatch(
    of(id, scenario("two")),
    /of another scenario \(\w{6}, this is \w{6}\): use the options/,
  );
  const old = id.slice(0, -3).replace(`pg${MODEL_VERSION}-`, `pg${MODEL_VERSION + 1}-`);
  assertMatch(of(`${old}-${fingerprint(old).slice(-2)}`), /made with version 2 .*: explore again$/);
});
