/** The tables of the compiler against lists and maps that do the same in the plainest way. */
import { assertEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import { CompileNode } from "./compile_node.ts";
import { NodeTable } from "./node_table.ts";
import { parseDts } from "./dts/parse.ts";
import type { CompileMarker } from "./markers.ts";
import { Names } from "./names.ts";
import { NodeIndex } from "./node_index.ts";

const NAME = fc.string({ unit: fc.constantFrom("a", "b", "\xff", "-"), maxLength: 6 });

Deno.test("Names gives each name one number, whether it comes as bytes or as text", () => {
  fc.assert(fc.property(fc.array(fc.tuple(NAME, fc.boolean()), { maxLength: 600 }), (asked) => {
    const names = new Names();
    const first = names.count;
    const known = new Map<string, number>();
    for (const [text, asBytes] of asked) {
      assertEquals(names.find(text), known.get(text) ?? -1);
      const bytes = Uint8Array.from(`<${text}>`, (character) => character.charCodeAt(0));
      const number = asBytes ? names.add(bytes, 1, 1 + text.length) : names.addText(text);
      if (!known.has(text)) known.set(text, first + known.size);
      assertEquals(number, known.get(text));
    }
    for (const [text, number] of known) assertEquals(names.text(number), text);
    assertEquals(names.count, first + known.size);
  }));
});

Deno.test("Names refuses characters that are no bytes", () => {
  const names = new Names();
  assertThrows(() => names.addText("\u0100"), RangeError, "the name \u0100 has characters");
  assertEquals(names.find("\u0100"), -1);
});

Deno.test("NodeIndex finds nodes by small and great numbers as a map does", () => {
  const table = new NodeTable();
  const nodes = ["a", "b", "c"].map((name) =>
    new CompileNode(table.names.addText(name), undefined, table)
  );
  const number = fc.oneof(
    fc.nat({ max: 40_000 }),
    fc.constantFrom(0, 1023, 1024, 0x7fffffff, 0x80000000, 0xffffffff),
  );
  const step = fc.tuple(number, fc.nat({ max: 3 }));
  fc.assert(fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
    const index = new NodeIndex(table);
    const map = new Map<number, CompileNode>();
    for (const [number, which] of steps) {
      const node = nodes.at(which);
      if (node === undefined) {
        index.delete(number);
        map.delete(number);
      } else {
        index.set(number, node);
        map.set(number, node);
      }
    }
    for (const [number] of steps) {
      assertEquals(index.get(number) === map.get(number), true);
      assertEquals(index.has(number), map.has(number));
    }
  }));
});

Deno.test("NodeIndex has no room for the numbers between few great ones", () => {
  const table = new NodeTable();
  const node = new CompileNode(table.names.addText("n"), undefined, table);
  const index = new NodeIndex(table);
  for (let number = 1; number < 0xffffffff; number *= 2) index.set(number, node);
  assertEquals([index.has(2 ** 30), index.has(2 ** 30 + 1)], [true, false]);
});

Deno.test("a node finds the first property of a name in lists of any length", () => {
  fc.assert(fc.property(fc.array(NAME, { maxLength: 80 }), (names) => {
    const table = new NodeTable();
    const node = new CompileNode(table.names.addText(""), undefined, table);
    const rows = names.map((name) => {
      const property = node.newProperty(name);
      node.addProperty(property);
      assertEquals(node.property(name)?.name, name);
      return property.row;
    });
    names.forEach((name) => assertEquals(node.slot(name)?.row, rows[names.indexOf(name)]));
    assertEquals(node.slot("never"), undefined);
  }));
});

const MARKER = fc.record({
  kind: fc.constantFrom("string", "u8", "u32", "label", "phandle", "path"),
  offset: fc.nat({ max: 100 }),
  text: NAME,
  start: fc.nat(),
  end: fc.nat(),
}).map((marker): CompileMarker => {
  const named = ["label", "phandle", "path"].includes(marker.kind);
  return (named ? { ...marker } : { ...marker, text: "", start: -1, end: -1 }) as CompileMarker;
});

Deno.test("properties keep the markers that they are given", () => {
  const lists = fc.array(fc.array(MARKER, { maxLength: 7 }), { maxLength: 20 });
  fc.assert(fc.property(lists, (lists) => {
    const table = new NodeTable();
    const node = new CompileNode(table.names.addText(""), undefined, table);
    const properties = lists.map((markers) => {
      const property = node.newProperty("p");
      property.markers = markers;
      return property;
    });
    properties.forEach((property, at) => {
      assertEquals(property.markers, lists[at]);
      const phandles: [number, string][] = [];
      property.eachMarker("phandle", (offset, row) => {
        phandles.push([offset, table.names.text(table.properties.markers.nameAt(row))]);
      });
      const expected = lists[at].filter(({ kind }) => kind === "phandle");
      assertEquals(phandles, expected.map(({ offset, text }) => [offset, text]));
      assertEquals(property.hasMarker("label"), lists[at].some(({ kind }) => kind === "label"));
    });
  }));
});

Deno.test("labels come in front, and come back where they were deleted", () => {
  const step = fc.tuple(fc.constantFrom("a", "b", "c", "d"), fc.boolean());
  fc.assert(fc.property(fc.array(step, { maxLength: 12 }), (steps) => {
    const { labels } = new NodeTable();
    const plain: { name: string; deleted: boolean }[] = [];
    let list = -1;
    for (const [name, deletes] of steps) {
      const known = plain.find((label) => label.name === name);
      if (deletes) {
        if (known === undefined) continue;
        known.deleted = true;
        labels.setDeleted(labels.find(list, labels.names.find(name)), true);
      } else {
        if (known === undefined) plain.unshift({ name, deleted: false });
        else known.deleted = false;
        list = labels.put(list, labels.addText(name));
      }
    }
    const found = labels.labels(list).map(({ name, deleted }) => ({ name, deleted }));
    assertEquals(found, plain);
  }));
});

Deno.test("markers that a script changes are those of one property", () => {
  const tree = parseDts("/dts-v1/; / { a = <1>; b = <2>; };");
  const [a, b] = ["a", "b"].map((name) => tree.root.properties.get(name)!);
  a.markers![0].kind = "u8";
  assertEquals([a.markers![0].kind, b.markers![0].kind], ["u8", "u32"]);
});
