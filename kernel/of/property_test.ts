import { assertEquals } from "@std/assert";
import {
  ofPropertyCountElemsOfSize,
  ofPropertyCountStrings,
  ofPropertyMatchString,
  ofPropertyReadBool,
  ofPropertyReadString,
  ofPropertyReadStringArray,
  ofPropertyReadStringIndex,
  ofPropertyReadU16,
  ofPropertyReadU32,
  ofPropertyReadU32Index,
  ofPropertyReadU64,
  ofPropertyReadU64Index,
  ofPropertyReadU8,
  ofPropertyReadVariableU16Array,
  ofPropertyReadVariableU32Array,
  ofPropertyReadVariableU64Array,
  ofPropertyReadVariableU8Array,
} from "./property.ts";
import { resultOf, treeOf } from "./testing.ts";

const NP = treeOf(`
  flag;
  cells = <1 0xfffffffe 3>;
  five = [01 02 03 04 05];
  wide = /bits/ 64 <0x123456789abcdef0 2>;
  text = "one", "", "three";
  open = [61 62];
  late = "fine", [63];
`).root;

Deno.test("ofPropertyReadU32() and its kin take what is long enough", () => {
  assertEquals(ofPropertyReadU8(NP, "five"), 1);
  assertEquals(ofPropertyReadU16(NP, "five"), 0x102);
  assertEquals(ofPropertyReadU32(NP, "five"), 0x1020304);
  assertEquals(ofPropertyReadU32Index(NP, "cells", 1), 0xfffffffe);
  assertEquals(ofPropertyReadU64(NP, "cells"), 0x1fffffffen);
  assertEquals(ofPropertyReadU64Index(NP, "wide", 1), 2n);
  assertEquals(ofPropertyReadBool(NP, "flag"), true);
  assertEquals(ofPropertyReadBool(NP, "nope"), false);
});

Deno.test("ofPropertyReadU32() and its kin fail as Linux does", () => {
  assertEquals(resultOf(() => ofPropertyReadU32(NP, "nope")), "EINVAL");
  assertEquals(resultOf(() => ofPropertyReadU32(NP, "flag")), "EOVERFLOW");
  assertEquals(resultOf(() => ofPropertyReadU32Index(NP, "five", 1)), "EOVERFLOW");
  assertEquals(resultOf(() => ofPropertyReadU32Index(NP, "cells", 3)), "EOVERFLOW");
  assertEquals(resultOf(() => ofPropertyReadU64Index(NP, "cells", 1)), "EOVERFLOW");
});

Deno.test("ofPropertyReadVariableU32Array() and its kin keep to their limits", () => {
  const read = (limits: { min: number; max?: number }) =>
    resultOf(() => ofPropertyReadVariableU32Array(NP, "cells", limits));
  assertEquals(read({ min: 2 }), [1, 0xfffffffe]);
  assertEquals(read({ min: 2, max: 0 }), [1, 0xfffffffe]);
  assertEquals(read({ min: 1, max: 3 }), [1, 0xfffffffe, 3]);
  assertEquals(read({ min: 1, max: 2 }), "EOVERFLOW");
  assertEquals(read({ min: 4 }), "EOVERFLOW");
  assertEquals(ofPropertyReadVariableU16Array(NP, "five", { min: 1, max: 9 }), [0x102, 0x304]);
  assertEquals(ofPropertyReadVariableU8Array(NP, "five", { min: 2 }), [1, 2]);
  const wide = ofPropertyReadVariableU64Array(NP, "wide", { min: 1, max: 2 });
  assertEquals(wide, [0x123456789abcdef0n, 2n]);
});

Deno.test("ofPropertyCountElemsOfSize() wants whole elements", () => {
  assertEquals(ofPropertyCountElemsOfSize(NP, "cells", 4), 3);
  assertEquals(ofPropertyCountElemsOfSize(NP, "flag", 4), 0);
  assertEquals(resultOf(() => ofPropertyCountElemsOfSize(NP, "five", 4)), "EINVAL");
  assertEquals(resultOf(() => ofPropertyCountElemsOfSize(NP, "nope", 4)), "EINVAL");
});

Deno.test("ofPropertyReadString() and its kin fail as Linux does", () => {
  assertEquals(ofPropertyReadString(NP, "text"), "one");
  assertEquals(ofPropertyReadString(NP, "late"), "fine");
  assertEquals(resultOf(() => ofPropertyReadString(NP, "nope")), "EINVAL");
  assertEquals(resultOf(() => ofPropertyReadString(NP, "flag")), "ENODATA");
  assertEquals(resultOf(() => ofPropertyReadString(NP, "open")), "EILSEQ");
  assertEquals(ofPropertyReadStringArray(NP, "text"), ["one", "", "three"]);
  assertEquals(ofPropertyReadStringArray(NP, "late", 1), ["fine"], "what follows may be malformed");
  assertEquals(resultOf(() => ofPropertyReadStringArray(NP, "late")), "EILSEQ");
  assertEquals(ofPropertyReadStringIndex(NP, "text", 2), "three");
  assertEquals(ofPropertyReadStringIndex(NP, "late", 0), "fine");
  assertEquals(resultOf(() => ofPropertyReadStringIndex(NP, "text", 3)), "ENODATA");
  assertEquals(resultOf(() => ofPropertyReadStringIndex(NP, "late", 1)), "EILSEQ");
  assertEquals(ofPropertyCountStrings(NP, "text"), 3);
  assertEquals(resultOf(() => ofPropertyCountStrings(NP, "flag")), "ENODATA");
});

Deno.test("ofPropertyMatchString() finds the index", () => {
  assertEquals(ofPropertyMatchString(NP, "text", "three"), 2);
  assertEquals(ofPropertyMatchString(NP, "text", ""), 1);
  assertEquals(ofPropertyMatchString(NP, "late", "fine"), 0);
  assertEquals(resultOf(() => ofPropertyMatchString(NP, "text", "two")), "ENODATA");
  assertEquals(resultOf(() => ofPropertyMatchString(NP, "late", "c")), "EILSEQ");
  assertEquals(resultOf(() => ofPropertyMatchString(NP, "nope", "c")), "EINVAL");
});
