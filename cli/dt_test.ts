import { assertEquals, assertStringIncludes } from "@std/assert";
import { flattenDeviceTree, parseDts, unflattenDeviceTree } from "../kernel/of/mod.ts";
import { diffTrees, valueText } from "../kernel/of/show.ts";
import { lacks } from "../tests/peers.ts";

const CLI = new URL("../cli.ts", import.meta.url).pathname;
const VIRT = new URL("../tests/data/virt.dtb", import.meta.url).pathname;

async function output(program: string, args: string[]): Promise<string> {
  const { stdout } = await new Deno.Command(program, { args, stderr: "null" }).output();
  return new TextDecoder().decode(stdout);
}

function dt(...args: string[]): Promise<string> {
  return output(Deno.execPath(), ["run", "-A", "--quiet", CLI, "dt", ...args]);
}

Deno.test("dt explain tells of a slot, its driver, its registers and its interrupt", async () => {
  const text = await dt("explain", "/virtio_mmio@a003e00", "--dtb", VIRT);
  assertStringIncludes(text, "becomes the platform device a003e00.virtio_mmio, below platform\n");
  assertStringIncludes(text, `driver virtio-mmio fits by "virtio,mmio", score 1073741823\n`);
  assertStringIncludes(text, `address 0 (reg): 0xa003e00-0xa003fff "virtio_mmio@a003e00"\n`);
  assertStringIncludes(text, "SPI 47, GIC 79, edge\n");
});

Deno.test("dt explain --boot tells what the probe of a device did", async () => {
  const slot = "/virtio_mmio@a003e00";
  const text = await dt("explain", "--boot", slot, "/pmu", "--dtb", VIRT);
  // The slot is empty, which its driver keeps to itself.
  assertEquals(text.match(/after a boot: .*/g), [
    "after a boot: bound to no driver",
    "after a boot: bound to armv8-pmu",
  ]);
  const disk = [
    "--",
    "-drive",
    "if=none,id=d,driver=null-co",
    "-device",
    "virtio-blk-device,drive=d",
  ];
  const [{ probe }] = JSON.parse(await dt("explain", "--json", "--boot", slot, ...disk));
  assertEquals([probe.driver, probe.deferred], ["virtio-mmio", undefined]);
});

Deno.test("dt tree names the devices that Linux made of the tree", async () => {
  const recorded = Deno.readTextFileSync(
    new URL("../kernel/of/testdata/virt_devices.txt", import.meta.url),
  );
  const names = [...recorded.matchAll(/^## (\S+ \S+) /gm)].map(([, name]) => name).sort();
  const text = await dt("tree", "--dtb", VIRT);
  assertEquals([...text.matchAll(/-> (\S+ \S+)$/gm)].map(([, name]) => name).sort(), names);
});

Deno.test({
  name: "dt get prints what fdtget prints, for every property of QEMU's tree",
  ignore: lacks("fdtget"),
  async fn() {
    const tree = unflattenDeviceTree(Deno.readFileSync(VIRT));
    const wanted = [...tree.nodes()].flatMap((node) =>
      [...node.properties.values()].map((property) => ({ node, property }))
    );
    const args = wanted.flatMap(({ node, property }) => [node.path, property.name]);
    const theirs = (await output("fdtget", [VIRT, ...args])).trimEnd().split("\n");
    assertEquals(wanted.map(({ property }) => valueText(property.value)), theirs);
  },
});

Deno.test("diffTrees() sees what differs, not which numbers phandles have", () => {
  const tree = (source: string) => unflattenDeviceTree(flattenDeviceTree(parseDts(source)));
  const a = tree(`/dts-v1/; / { p = <1>; gone; x: x { phandle = <7>; };
    u { clocks = <&x>; }; old { below { }; }; };`);
  const b = tree(`/dts-v1/; / { p = <2>; u { clocks = <&x>; text = "t"; }; new { };
    x: x { phandle = <9>; }; };`);
  assertEquals(diffTrees(a, b), [
    "- /: p = <0x1>",
    "+ /: p = <0x2>",
    "- /: gone",
    `+ /u: text = "t"`,
    "- /old",
    "+ /new",
  ]);
  assertEquals(diffTrees(a, a), []);
});
