import { assert, assertEquals } from "@std/assert";
import type { AccessKind } from "../../kernel/choice.ts";
import { noteValue, sameValues, type Values } from "./values.ts";

const OBJECT = 3;

function left(...accesses: readonly (readonly [kind: AccessKind, data?: unknown])[]): Values {
  const values: Values = new Map();
  for (const [kind, data] of accesses) noteValue(values, OBJECT, kind, data);
  return values;
}

Deno.test("noteValue() keeps what was written last, and all that was added since", () => {
  const write = left(["write", 1]);
  assert(sameValues(left(["write", 0], ["insert", "a"], ["write", 1], ["read"]), write));
  assert(!sameValues(left(["write", 1], ["insert", "a"]), write));
  const both = left(["insert", "a"], ["insert", "b"]);
  assert(sameValues(left(["insert", "b"], ["insert", "a"]), both));
  assert(!sameValues(left(["insert", "b"]), both));
  assert(!sameValues(left(["insert", "a"], ["insert", "a"], ["insert", "b"]), both));
});

Deno.test("noteValue() does not know what an object holds once somebody did not say it", () => {
  const unsaid = left(["write"]);
  assertEquals(unsaid.get(OBJECT), undefined);
  assert(unsaid.has(OBJECT));
  assert(sameValues(left(["write", 1], ["append"], ["insert", "a"]), unsaid));
  assert(sameValues(left(["write", new Map()]), unsaid));
  assert(sameValues(left(["append"], ["write", 1]), left(["write", 1])));
});
