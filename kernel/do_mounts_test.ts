/** What a Debian 6.1 without initial ramdisk prints last, and what Linux's printk_all_partitions() would. */
import { assertEquals, assertRejects } from "@std/assert";
import { boot, embedded } from "../mod.ts";
import { KernelBug } from "./errors.ts";

const DISK = "-drive if=none,id=d0,file=d0.img,format=raw -device virtio-blk-device,drive=d0";

async function panic(append: string, modules: "all" | string[]): Promise<[string, string]> {
  const images = { "d0.img": new Uint8Array(1 << 20) };
  let serial = "";
  const machine = embedded(`${DISK} -chardev script,id=s -serial chardev:s`, { images });
  const error = await assertRejects(
    () =>
      boot(machine, {
        append: `console=ttyAMA0 printk.time=0 ${append}`,
        modules,
        initramfs: false,
      }),
    KernelBug,
  );
  serial = new TextDecoder().decode(machine.chardev("s").read()).replaceAll("\r", "");
  return [serial.slice(serial.indexOf("List of all")), error.message];
}

const TRIED = "No filesystem could mount root, tried: \n\n";
const PANIC = "Kernel panic - not syncing: VFS: Unable to mount root fs on unknown-block";

Deno.test("a root device whose driver is a module on it is not found", async () => {
  const [text, message] = await panic("root=/dev/vda", "all");
  assertEquals(text, `List of all partitions:\n${TRIED}${PANIC}(0,0)\n`);
  assertEquals(message, `${PANIC}(0,0)`);
});

Deno.test("a root device is found when its driver is built in, also where another one is asked for", async () => {
  const list = "List of all partitions:\nfe00            1024 vda \n driver: virtio_blk\n";
  assertEquals((await panic("root=/dev/vda", []))[0], `${list}${TRIED}${PANIC}(254,0)\n`);
  assertEquals((await panic("root=/dev/sda", []))[0], `${list}${TRIED}${PANIC}(0,0)\n`);
});
