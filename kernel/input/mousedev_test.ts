import { assertEquals, assertRejects } from "@std/assert";
import { boot } from "../../vm/boot.ts";
import { embedded } from "../../vm/machines.ts";
import { KernelError } from "../errors.ts";
import { VFS } from "../vfs/vfs.ts";

const rel = (axis: string, value: number) => ({ type: "rel", data: { axis, value } });
const button = (name: string, down: boolean) => ({ type: "btn", data: { button: name, down } });

// The packets of a PS/2 mouse: buttons and signs, then right and up, at most 127 steps each.
Deno.test("mice give PS/2 packets of what a mouse does, and wait when it does nothing", async () => {
  await using vm = await boot(embedded("-device virtio-mouse-device"), { log: false });
  const { sched } = vm.kernel;
  const options = { read: true, nonblock: true };
  const mice = await sched.run("open", () => vm.kernel.get(VFS).open("/dev/input/mice", options));
  const packet = async (...events: object[]) => {
    await vm.qmp("input-send-event", { events });
    return [...await sched.run("read", () => mice.read(64))];
  };
  assertEquals(await packet(rel("x", 5), rel("y", 3)), [0x28, 5, 0xfd]);
  assertEquals(await packet(rel("x", -1)), [0x18, 0xff, 0]);
  assertEquals(await packet(rel("x", 200)), [0x08, 127, 0]);
  assertEquals(await packet(), [0x08, 73, 0]);
  assertEquals(await packet(button("left", true)), [0x09, 0, 0]);
  assertEquals(await packet(button("left", false), rel("y", -2)), [0x08, 0, 2]);
  await assertRejects(() => sched.run("read", () => mice.read(64)), KernelError, "no packet yet");
  await sched.run("close", () => mice.put());
});
