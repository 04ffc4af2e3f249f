import { assertEquals } from "@std/assert";
import { embedded } from "../hypervisor/embedded/machine.ts";
import type { DeviceNode } from "../kernel/of/node.ts";
import { unflattenDeviceTree } from "../kernel/of/fdt.ts";
import { lacks } from "./peers.ts";

const hex = (bytes: Uint8Array) =>
  Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");

/** All nodes and properties in tree order, without the seeds, which are random in QEMU. */
function list(blob: Uint8Array): string[] {
  const lines: string[] = [];
  const walk = (node: DeviceNode, path: string): undefined => {
    lines.push(`${path}/`);
    for (const { name, value } of node.properties.values()) {
      if (!name.endsWith("-seed")) lines.push(`${path}/${name} = ${hex(value)}`);
      else lines.push(`${path}/${name}: ${value.length} bytes`);
    }
    for (const child of node.children) walk(child, `${path}/${child.fullName}`);
  };
  walk(unflattenDeviceTree(blob).root, "");
  return lines;
}

Deno.test("the embedded machine describes itself as the recorded QEMU does", () => {
  const recorded = Deno.readFileSync(new URL("data/virt.dtb", import.meta.url));
  assertEquals(list(embedded(["-m", "512"]).dtb), list(recorded));
});

Deno.test("the embedded machine hands over the tree that it was given", () => {
  const dtb = Uint8Array.of(1, 2, 3);
  assertEquals(embedded([], { ram: new ArrayBuffer(4096), dtb }).dtb, dtb);
});

Deno.test("the embedded machine describes as many slots as it has", () => {
  const { dtb } = embedded([], { ram: new ArrayBuffer(4096), slots: 1000 });
  const slots = list(dtb).filter((line) => /^\/virtio_mmio@[0-9a-f]+\/$/.test(line));
  assertEquals([slots.length, slots[999]], [1000, "/virtio_mmio@a07ce00/"]);
});

/** Machines whose trees QEMU dumps while the test runs. */
const MACHINES = [
  "-m 128",
  "-m 3G",
  "-smp 2",
  "-smp 8 -cpu cortex-a53",
  "-smp 4,sockets=2,cores=1,threads=2",
  "-smp 4,clusters=2",
  "-smp 1,maxcpus=4",
  "-cpu cortex-a15",
  "-cpu cortex-a72",
  "-cpu cortex-a76",
  "-cpu neoverse-n1",
  "-cpu a64fx",
  "-cpu max",
];

Deno.test({
  name: "the embedded machine describes itself as the installed QEMU does",
  ignore: lacks("qemu-system-aarch64"),
  fn: () => {
    for (const line of MACHINES) {
      const words = line.split(" ");
      const path = Deno.makeTempFileSync();
      const model = line.includes("-cpu") ? [] : ["-cpu", "cortex-a57"];
      new Deno.Command("qemu-system-aarch64", {
        args: ["-M", `virt,dumpdtb=${path}`, "-nodefaults", "-nographic", ...model, ...words],
        stdin: "null",
      }).outputSync();
      const expected = list(Deno.readFileSync(path));
      Deno.removeSync(path);
      assertEquals(list(embedded(words).dtb), expected, line);
    }
  },
});
