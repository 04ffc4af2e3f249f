import { assertEquals } from "@std/assert";
import { type ConfigField, configFieldSize, findConfigField } from "./register.ts";

const MAC: ConfigField = { offset: 0, width: 1, name: "mac", access: "R", count: 6 };
const MTU: ConfigField = { offset: 10, width: 2, name: "mtu", access: "R" };

Deno.test("configFieldSize() counts all elements", () => {
  assertEquals([configFieldSize(MAC), configFieldSize(MTU)], [6, 2]);
});

Deno.test("findConfigField() finds fields by any of their bytes and leaves holes", () => {
  const found = Array.from(
    { length: 13 },
    (_, offset) => findConfigField([MAC, MTU], offset)?.name,
  );
  const { mac, mtu, none } = { mac: "mac", mtu: "mtu", none: undefined };
  assertEquals(found, [mac, mac, mac, mac, mac, mac, none, none, none, none, mtu, mtu, none]);
});
