import { assertEquals, assertThrows } from "@std/assert";
import { flattenDeviceTree } from "../fdt_write.ts";
import { unflattenDeviceTree } from "../fdt.ts";
import { addDts } from "./add.ts";
import { DtsError } from "./diagnostic.ts";
import { parseDts } from "./parse.ts";

const BASE = `/dts-v1/;
/memreserve/ 0x1000 0x100;
/ { name-1 = "caf\\xe9"; a { reg = <1>; b { bytes = [01 02 03]; }; }; c { phandle = <7>; }; };`;

Deno.test("addDts() keeps every byte where nothing is added", () => {
  const blob = flattenDeviceTree(parseDts(BASE));
  assertEquals(addDts(blob, ""), blob);
});

Deno.test("addDts() gives what one source with both parts gives", () => {
  const more = "&{/a/b} { needs = <&{/c}>; }; / { a { reg = <2>; }; d { }; };";
  const added = addDts(flattenDeviceTree(parseDts(BASE)), more);
  assertEquals(added, flattenDeviceTree(parseDts(BASE + more)));
  const { node } = unflattenDeviceTree(added).find("/a/b");
  assertEquals(node?.get("needs"), new Uint8Array([0, 0, 0, 7]));
});

Deno.test("addDts() says what is wrong in the source that is added", () => {
  const blob = flattenDeviceTree(parseDts(BASE));
  const error = assertThrows(() => addDts(blob, "&{/nowhere} { };"), DtsError);
  assertEquals(error.message.split("\n")[0].split(":")[0], "added.dts");
});
