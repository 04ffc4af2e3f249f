import { assertEquals, assertRejects } from "@std/assert";
import { KernelError } from "../errors.ts";
import { cString } from "./bytes.ts";
import {
  LiveTree,
  ofAddProperty,
  ofAttachNode,
  OfChangeset,
  ofDetachNode,
  ofReconfigGetStateChange,
  ofReconfigNotifierRegister,
  ofReconfigNotifierUnregister,
  ofRemoveProperty,
  ofUpdateProperty,
} from "./dynamic.ts";
import { DeviceNode, OF_DETACHED, Property } from "./node.ts";
import { nodeAt, treeOf } from "./testing.ts";

/** A small tree, what its listeners hear, and what is said about it. */
function setUp() {
  const tree = treeOf("a: a { one = <1>; two = <2>; user = <&a>; }; b { };");
  const live = new LiveTree(tree);
  const heard: string[] = [];
  const said: string[] = [];
  tree.printk = (_level, text) => void said.push(text) as undefined;
  // deno-lint-ignore require-await
  ofReconfigNotifierRegister(live, async (change) => {
    const { action, np, prop } = change;
    const state = ofReconfigGetStateChange(change) ?? "same";
    heard.push(`${action} ${np.pOF}${prop ? `:${prop.name}` : ""} ${state}`);
    return undefined;
  });
  return { tree, live, heard, said };
}

function text(name: string, value: string): Property {
  return new Property(name, cString(value));
}

Deno.test("ofAddProperty() and its kin keep Linux's order and errors", async () => {
  const { tree, live, heard } = setUp();
  const a = nodeAt(tree, "/a");
  const names = () => [...a.properties.keys()].join(" ");
  await ofAddProperty(live, a, text("three", "3"));
  assertEquals(names(), "one two user phandle three");
  const twice = await assertRejects(() => ofAddProperty(live, a, text("one", "")), KernelError);
  assertEquals(twice.code, "EEXIST");
  const one = a.property("one")!;
  await ofUpdateProperty(live, a, text("one", "x"));
  assertEquals(names(), "one two user phandle three", "in its old place");
  await ofUpdateProperty(live, a, text("four", "4"));
  assertEquals(names(), "one two user phandle three four");
  const old = await assertRejects(() => ofRemoveProperty(live, a, one), KernelError);
  assertEquals(old.code, "ENODEV", "it was replaced");
  await ofRemoveProperty(live, a, a.property("two")!);
  assertEquals(names(), "one user phandle three four");
  assertEquals(heard, [
    "ADD_PROPERTY /a:three same",
    "UPDATE_PROPERTY /a:one same",
    "UPDATE_PROPERTY /a:four same",
    "REMOVE_PROPERTY /a:two same",
  ]);
});

Deno.test("ofReconfigGetStateChange() goes by status", async () => {
  const { tree, live, heard } = setUp();
  const a = nodeAt(tree, "/a");
  await ofAddProperty(live, a, text("status", "disabled"));
  await ofUpdateProperty(live, a, text("status", "fail"));
  await ofUpdateProperty(live, a, text("status", "okay"));
  await ofUpdateProperty(live, a, text("status", "ok"));
  await ofUpdateProperty(live, a, text("status", "reserved"));
  await ofRemoveProperty(live, a, a.property("status")!);
  await ofDetachNode(live, a);
  assertEquals(heard.map((line) => line.split(" ").at(-1)), [
    ...["remove", "same", "add", "same", "remove", "add", "remove"],
  ]);
});

Deno.test("ofAttachNode() puts the newest child first, and forgets its children", async () => {
  const { tree, live, heard } = setUp();
  const a = nodeAt(tree, "/a");
  const phandle = a.phandle;
  a.addChild("below");
  await ofDetachNode(live, a);
  assertEquals([tree.find("/a").node, tree.nodeByPhandle(phandle)], [undefined, undefined]);
  assertEquals(a.checkFlag(OF_DETACHED), true);
  await ofAddProperty(live, a, text("quiet", "nobody hears of detached nodes"));
  await ofAttachNode(live, a);
  assertEquals(tree.root.children.map(({ fullName }) => fullName), ["a", "b"]);
  assertEquals([tree.nodeByPhandle(phandle), a.children.length], [a, 0]);
  const fresh = new DeviceNode("fresh@1", tree.root);
  fresh.set("linux,phandle", new Uint8Array([0, 0, 0, 77]));
  fresh.testAndSetFlag(OF_DETACHED);
  await ofAttachNode(live, fresh);
  assertEquals(tree.root.children[0], fresh);
  assertEquals(tree.nodeByPhandle(77), fresh);
  assertEquals(heard, [
    "DETACH_NODE /a remove",
    "ATTACH_NODE /a add",
    "ATTACH_NODE /fresh@1 add",
  ]);
});

Deno.test("a listener's error ends the round", async () => {
  const { tree, live, heard } = setUp();
  const refuse = () => Promise.resolve("EIO" as const);
  const never = () => Promise.reject(new Error("called"));
  ofReconfigNotifierRegister(live, refuse);
  ofReconfigNotifierRegister(live, never);
  await ofAddProperty(live, tree.root, text("x", "")); // The property is there all the same.
  ofReconfigNotifierUnregister(live, refuse);
  ofReconfigNotifierUnregister(live, never);
  assertEquals([heard, tree.root.properties.has("x")], [["ADD_PROPERTY :x same"], true]);
});

Deno.test("OfChangeset.apply() changes all, then tells, and revert() does it backwards", async () => {
  const { tree, live, heard } = setUp();
  const a = nodeAt(tree, "/a");
  const before = [...a.properties.values()];
  const changes = new OfChangeset(live);
  const node = new DeviceNode("n", a);
  node.testAndSetFlag(OF_DETACHED);
  changes.action("ATTACH_NODE", node);
  changes.action("ADD_PROPERTY", node, text("p", "1"));
  changes.action("UPDATE_PROPERTY", a, text("one", "new"));
  changes.action("UPDATE_PROPERTY", a, text("five", "new"));
  assertEquals(await changes.apply(), undefined);
  assertEquals(heard.splice(0), [
    "ATTACH_NODE /a/n add",
    "ADD_PROPERTY /a/n:p same",
    "UPDATE_PROPERTY /a:one same",
    "UPDATE_PROPERTY /a:five same",
  ]);
  assertEquals(await changes.revert(), undefined);
  assertEquals(heard, [
    "REMOVE_PROPERTY /a:five same",
    "UPDATE_PROPERTY /a:one same",
    "DETACH_NODE /a/n remove",
  ]);
  assertEquals([[...a.properties.values()], a.children], [before, []]);
});

Deno.test("OfChangeset.apply() undoes what it did when a change fails", async () => {
  const { tree, live, heard, said } = setUp();
  const a = nodeAt(tree, "/a");
  const changes = new OfChangeset(live);
  changes.action("DETACH_NODE", nodeAt(tree, "/b"));
  changes.action("ADD_PROPERTY", a, text("one", "twice"));
  changes.action("ADD_PROPERTY", a, text("never", ""));
  assertEquals(await changes.apply(), "EEXIST");
  assertEquals(tree.find("/b").node?.path, "/b");
  assertEquals([heard, a.properties.has("never")], [[], false]);
  assertEquals(said, [
    "OF: changeset: apply failed: ADD_PROPERTY    /a:one",
    "OF: Error applying changeset (-17)",
  ]);
});
