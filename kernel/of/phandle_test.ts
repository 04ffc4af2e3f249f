import { assertEquals } from "@std/assert";
import {
  ofCountPhandleWithArgs,
  ofParsePhandle,
  ofParsePhandleWithArgs,
  ofParsePhandleWithArgsMap,
  ofParsePhandleWithFixedArgs,
  ofParsePhandleWithOptionalArgs,
} from "./phandle.ts";
import { nodeAt, resultOf, treeOf } from "./testing.ts";

const TREE = treeOf(`
  a: a { #x-cells = <1>; };
  b: b { #x-cells = <0>; };
  c: c { };
  nexus: nexus { #x-cells = <2>; x-map = <1 0 &off 7>, <1 0 &a 8>, <2 0 &b>, <9 9 &loop 1>;
    x-map-mask = <0xff 0>; x-map-pass-thru = <0 0>; };
  pass: pass { #x-cells = <1>; x-map = <0 &a 0x50>; x-map-mask = <0>; x-map-pass-thru = <0xf>; };
  loop: loop { #x-cells = <1>; x-map = <1 &loop 1>; };
  off: off { #x-cells = <1>; status = "disabled"; };
  user {
    list = <&a 5 0 &b &a 6>;
    unknown = <&a 5 99 1>, <&b>;
    nocells = <&b &c 1>;
    short = <&b &a>;
    odd = [00 00 00];
    mapped = <&nexus 0x101 3>, <&nexus 2 0>, <&nexus 3 0>, <&pass 3>, <&loop 1>;
  };
`);
const USER = nodeAt(TREE, "/user");

Deno.test("ofParsePhandleWithArgs() walks entries of different length", () => {
  const at = (list: string, index: number) =>
    resultOf(() => {
      const { np, args } = ofParsePhandleWithArgs(TREE, USER, list, "#x-cells", index);
      return `${np.path} ${args}`;
    });
  assertEquals(at("list", 0), "/a 5");
  assertEquals(at("list", 1), "ENOENT", "an empty entry");
  assertEquals(at("list", 2), "/b ");
  assertEquals(at("list", 3), "/a 6");
  assertEquals(at("list", 4), "ENOENT", "past the end");
  assertEquals(at("list", -1), "EINVAL");
  assertEquals(at("nope", 0), "ENOENT");
  assertEquals(at("unknown", 0), "/a 5");
  assertEquals(at("unknown", 1), "EINVAL");
  assertEquals(at("unknown", 2), "EINVAL", "an earlier entry is unknown");
  assertEquals(at("nocells", 1), "EINVAL");
  assertEquals(at("short", 1), "EINVAL");
  assertEquals(at("odd", 0), "ENOENT");
});

Deno.test("ofParsePhandleWithArgs() takes fixed and optional arguments", () => {
  const fixed = (list: string, index: number) =>
    resultOf(() => {
      const { np, args } = ofParsePhandleWithFixedArgs(TREE, USER, list, 1, index);
      return `${np?.path} ${args}`;
    });
  assertEquals(fixed("nocells", 0), `/b ${nodeAt(TREE, "/c").phandle}`);
  assertEquals(fixed("unknown", 1), "undefined 1", "nobody looks at the phandle");
  assertEquals(fixed("short", 0), `/b ${nodeAt(TREE, "/a").phandle}`);
  assertEquals(fixed("list", 3), "EINVAL", "one argument too few");
  assertEquals(fixed("short", 1), "ENOENT");
  const optional = ofParsePhandleWithOptionalArgs(TREE, USER, "nocells", "#x-cells", 1);
  assertEquals([optional.np.path, optional.args], ["/c", []]);
});

Deno.test("phandle functions say what is wrong, in Linux's words", () => {
  const said: string[] = [];
  TREE.printk = (_level, text) => {
    said.push(text);
  };
  resultOf(() => ofParsePhandleWithArgs(TREE, USER, "unknown", "#x-cells", 1));
  resultOf(() => ofParsePhandleWithArgs(TREE, USER, "nocells", "#x-cells", 1));
  resultOf(() => ofParsePhandleWithArgs(TREE, USER, "short", "#x-cells", 1));
  resultOf(() => ofParsePhandleWithFixedArgs(TREE, USER, "short", 2, 0));
  TREE.printk = undefined;
  assertEquals(said, [
    "OF: /user: could not find phandle 99",
    "OF: /user: could not get #x-cells for /c",
    "OF: /user: #x-cells = 1 found 0",
    "OF: /user: phandle b needs 2, found 1",
  ]);
});

Deno.test("ofCountPhandleWithArgs() counts empty entries and finds faults", () => {
  const count = (list: string) =>
    resultOf(() => ofCountPhandleWithArgs(TREE, USER, list, "#x-cells"));
  assertEquals(count("list"), 4);
  assertEquals(count("unknown"), "EINVAL");
  assertEquals(count("nope"), "ENOENT");
  assertEquals(ofCountPhandleWithArgs(TREE, USER, "list"), 6);
});

Deno.test("ofParsePhandle() takes any cell for a phandle", () => {
  assertEquals(ofParsePhandle(TREE, USER, "list", 0)?.path, "/a");
  assertEquals(ofParsePhandle(TREE, USER, "list", 2), undefined);
  assertEquals(ofParsePhandle(TREE, USER, "list", 6), undefined);
});

Deno.test("ofParsePhandleWithArgsMap() follows maps under mask and pass-through", () => {
  const at = (index: number) =>
    resultOf(() => {
      const { np, args } = ofParsePhandleWithArgsMap(TREE, USER, "mapped", "x", index);
      return `${np.path} ${args}`;
    });
  assertEquals(at(0), "/a 8", "the row before leads to an unavailable node");
  assertEquals(at(1), "/b ");
  assertEquals(at(2), "ENOENT");
  assertEquals(at(3), `/a ${0x53}`);
  assertEquals(at(4), "EINVAL", "a map that leads to itself");
});
