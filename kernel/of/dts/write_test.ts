import { assertEquals } from "@std/assert";
import fc from "fast-check";
import { lacks } from "../../../tests/peers.ts";
import { unflattenDeviceTree } from "../fdt.ts";
import { flattenDeviceTree } from "../fdt_write.ts";
import { DeviceTree } from "../tree.ts";
import { parseDts } from "./parse.ts";
import { writeDts } from "./write.ts";

const VIRT = Deno.readFileSync(new URL("../../../tests/data/virt.dtb", import.meta.url));

Deno.test("writeDts() gives source that parses back to the same blob", () => {
  for (const name of ["buses", "maps"]) {
    const blob = Deno.readFileSync(new URL(`../testdata/${name}.dtb`, import.meta.url));
    assertEquals(flattenDeviceTree(parseDts(writeDts(unflattenDeviceTree(blob)))), blob);
  }
});

Deno.test("writeDts() gives values of any bytes back", () => {
  const bytes = fc.oneof(
    fc.uint8Array({ maxLength: 24 }),
    fc.array(fc.constantFrom(0, 7, 10, 13, 0x22, 0x5c, 0x30, 0x41, 0x7e), { maxLength: 12 })
      .map((list) => Uint8Array.from([...list, 0])),
  );
  fc.assert(fc.property(bytes, (value) => {
    const tree = new DeviceTree();
    tree.root.set("a", value);
    const back = parseDts(writeDts(tree)).root.get("a");
    assertEquals([...back ?? []], [...value]);
  }));
});

Deno.test({
  name: "writeDts() guesses the types that dtc guesses",
  ignore: lacks("dtc"),
  fn() {
    const path = new URL("../../../tests/data/virt.dtb", import.meta.url).pathname;
    const args = ["-q", "-I", "dtb", "-O", "dts", path];
    const { stdout } = new Deno.Command("dtc", { args }).outputSync();
    // dtc 1.6.1 writes a list of strings as one string with \0 in it.
    const expected = new TextDecoder().decode(stdout).replaceAll("\\0", '", "');
    assertEquals(writeDts(unflattenDeviceTree(VIRT)), expected);
  },
});
