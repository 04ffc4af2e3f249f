import { assertEquals } from "@std/assert";
import { ofAliasGetHighestId, ofAliasGetId, ofConsoleCheck } from "./alias.ts";
import {
  ofAvailableChildren,
  ofDeviceCompatibleMatch,
  ofDeviceIsAvailable,
  ofDeviceIsCompatible,
  ofDeviceIsFail,
  ofDeviceIsReserved,
  ofFindCompatibleNode,
  ofFindMatchingNode,
  ofFindNodeByName,
  ofFindNodeByType,
  ofFindNodeOptsByPath,
  ofFindNodeWithProperty,
  ofFindProperty,
  ofGetChildByName,
  ofMatchNode,
  ofNodeNameEq,
} from "./base.ts";
import { nodeAt, resultOf, treeOf } from "./testing.ts";

const TREE = treeOf(`
  aliases { serial0 = "/soc/uart@10:115200"; serial2 = &u2; s = "serial0"; i2c-a7 = "/soc";
    loop1 = "loop1"; bad0 = "/nope"; };
  chosen { stdout-path = "s/kid:9600/n8"; };
  soc {
    uart@10 { device_type = "serial"; compatible = "acme,Uart", "ns16550"; kid { }; };
    u2: uart@20 { status = "disabled"; compatible = "ns16550"; };
    other { status = ""; ok; };
  };
  uart { };
`);
const UART = nodeAt(TREE, "/soc/uart@10");

Deno.test("ofFindNodeOptsByPath() follows full names, aliases and options", () => {
  const find = (path: string) => {
    const { node, options } = ofFindNodeOptsByPath(TREE, path);
    return `${node?.path} ${options}`;
  };
  assertEquals(find("/"), "/ undefined");
  assertEquals(find("/soc/uart@10"), "/soc/uart@10 undefined");
  assertEquals(find("/soc/uart"), "undefined undefined", "the unit address is needed");
  assertEquals(find("/soc/"), "undefined undefined", "nothing behind the last slash");
  assertEquals(find("//soc"), "undefined undefined");
  assertEquals(find("/soc/uart@10:a/b:c"), "/soc/uart@10 a/b:c");
  assertEquals(find("/soc:"), "/soc ");
  assertEquals(find("serial0"), "/soc/uart@10 undefined");
  assertEquals(find("serial0/kid:x"), "/soc/uart@10/kid x");
  assertEquals(find("s"), "/soc/uart@10 undefined", "an alias of an alias");
  assertEquals(find("loop1"), "undefined undefined");
  assertEquals(find("nope"), "undefined undefined");
  assertEquals(find(""), "undefined undefined");
});

Deno.test("DeviceTree.stdout follows /chosen", () => {
  assertEquals([TREE.stdout.node?.path, TREE.stdout.options], ["/soc/uart@10/kid", "9600/n8"]);
  assertEquals(ofConsoleCheck(TREE, nodeAt(TREE, "/soc/uart@10/kid")), "9600/n8");
  assertEquals(ofConsoleCheck(TREE, UART), undefined);
});

Deno.test("ofAliasGetId() splits stem and number", () => {
  const id = (path: string, stem: string) =>
    resultOf(() => ofAliasGetId(TREE, nodeAt(TREE, path), stem));
  assertEquals(id("/soc/uart@10", "serial"), 0);
  assertEquals(id("/soc/uart@20", "serial"), 2);
  assertEquals(id("/soc", "i2c-a"), 7);
  assertEquals(id("/soc", "serial"), "ENODEV");
  assertEquals(id("/soc/uart@10", "s"), "ENODEV", "an alias without a number gives no id");
  assertEquals(ofAliasGetHighestId(TREE, "serial"), 2);
  assertEquals(resultOf(() => ofAliasGetHighestId(TREE, "bad")), "ENODEV");
});

Deno.test("ofFindNodeWithProperty() visits parents before children in tree order", () => {
  const paths: string[] = [];
  let node = ofFindNodeWithProperty(TREE, undefined, "name");
  for (; node !== undefined; node = ofFindNodeWithProperty(TREE, node, "name")) {
    paths.push(node.path);
  }
  assertEquals(paths, [
    "/",
    "/aliases",
    "/chosen",
    "/soc",
    "/soc/uart@10",
    "/soc/uart@10/kid",
    "/soc/uart@20",
    "/soc/other",
    "/uart",
  ]);
});

Deno.test("ofFindNodeByName() and its kin start behind the given node", () => {
  assertEquals(ofFindNodeByName(TREE, undefined, "uart")?.path, "/soc/uart@10");
  assertEquals(ofFindNodeByName(TREE, UART, "uart")?.path, "/soc/uart@20");
  assertEquals(ofFindNodeByName(TREE, nodeAt(TREE, "/soc/uart@20"), "uart")?.path, "/uart");
  assertEquals(ofFindNodeByName(TREE, nodeAt(TREE, "/uart"), "uart"), undefined);
  assertEquals(ofFindNodeByType(TREE, undefined, "serial"), UART);
  assertEquals(ofFindNodeByType(TREE, UART, "serial"), undefined);
  assertEquals(ofFindCompatibleNode(TREE, UART, undefined, "ns16550")?.path, "/soc/uart@20");
  assertEquals(ofFindCompatibleNode(TREE, undefined, "serial", "ns16550"), UART);
  assertEquals(ofFindNodeWithProperty(TREE, undefined, "ok")?.path, "/soc/other");
  assertEquals(ofFindMatchingNode(TREE, undefined, [{ name: "other" }])?.path, "/soc/other");
});

Deno.test("ofDeviceIsCompatible() scores by place in the list, without regard to case", () => {
  assertEquals(ofDeviceIsCompatible(UART, "acme,uart"), 1073741823);
  assertEquals(ofDeviceIsCompatible(UART, "NS16550"), 1073741819);
  assertEquals(ofDeviceIsCompatible(UART, "acme"), 0);
  assertEquals(ofDeviceCompatibleMatch(UART, ["none", "ns16550", "acme,uart"]), 1073741823);
});

Deno.test("ofMatchNode() takes the best row, the first of equal ones", () => {
  const match = (...ids: Parameters<typeof ofMatchNode>[0]) => ids.indexOf(ofMatchNode(ids, UART)!);
  assertEquals(match({ compatible: "ns16550" }, { compatible: "acme,uart" }), 1);
  assertEquals(match({ compatible: "ns16550" }, { compatible: "ns16550", type: "serial" }), 1);
  assertEquals(match({ name: "uart" }, { type: "serial" }, { type: "serial", name: "uart" }), 2);
  assertEquals(match({ name: "uart", data: 1 }, { name: "uart", data: 2 }), 0);
  assertEquals(match({ compatible: "acme,uart", type: "disk" }), -1);
  assertEquals(match({}), -1);
  assertEquals(match({}, { name: "uart" }), -1, "an empty row ends the table");
});

Deno.test("ofDeviceIsAvailable() knows okay and ok", () => {
  const is = (status: string) => {
    const np = nodeAt(treeOf(`a { ${status} };`), "/a");
    return [ofDeviceIsAvailable(np), ofDeviceIsFail(np), ofDeviceIsReserved(np)];
  };
  assertEquals(is(""), [true, false, false]);
  assertEquals(is(`status = "okay";`), [true, false, false]);
  assertEquals(is(`status = "ok";`), [true, false, false]);
  assertEquals(is(`status = "OK";`), [false, false, false]);
  assertEquals(is("status;"), [false, false, false]);
  assertEquals(is(`status = "fail-sss";`), [false, true, false]);
  assertEquals(is(`status = "failed";`), [false, false, false]);
  assertEquals(is(`status = "reserved";`), [false, false, true]);
});

Deno.test("ofNodeNameEq() compares up to the unit address", () => {
  assertEquals(ofNodeNameEq(UART, "uart"), true);
  assertEquals(ofNodeNameEq(UART, "uar"), false);
  assertEquals(ofNodeNameEq(UART, "uart@10"), false);
});

Deno.test("ofGetChildByName() and ofAvailableChildren() look at children only", () => {
  const soc = nodeAt(TREE, "/soc");
  assertEquals(ofGetChildByName(soc, "uart"), UART);
  assertEquals(ofGetChildByName(soc, "kid"), undefined);
  assertEquals(ofAvailableChildren(soc), [UART]);
});

Deno.test("ofFindProperty() answers a name where there is none, as Linux adds one", () => {
  assertEquals(ofFindProperty(UART, "name")?.value, new TextEncoder().encode("uart\0"));
  assertEquals(ofFindProperty(UART, "nope"), undefined);
});
