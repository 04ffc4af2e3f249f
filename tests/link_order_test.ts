/**
 * The order of initcalls against a log of the reference kernel.
 */
import { assertEquals } from "@std/assert";
import { boot } from "../vm/boot.ts";
import { embedded } from "../vm/machines.ts";

/** Symbol and size of each initcall in the order in which the reference kernel called them. */
async function recorded(): Promise<string[]> {
  const text = await Deno.readTextFile(new URL("data/initcalls.txt", import.meta.url));
  return text.trimEnd().split("\n");
}

/** A ring that holds the whole log. */
const DEBUG = "initcall_debug log_buf_len=1M";

Deno.test("built-in initcalls run in Linux's order, and are called by Linux's names", async () => {
  await using vm = await boot(embedded([]), { append: DEBUG, modules: "all" });
  const ours = [...vm.dmesg().matchAll(/calling {2}(\S+) @ \d+/g)].map(([, symbol]) => symbol);
  assertEquals(ours, await recorded());
});

Deno.test("initcalls that only say something run in their place in every boot", async () => {
  const names = async (append: string) => {
    const said = /Serial: 8250|Serial: AMBA d|bsg|io scheduler|Key type blacklist/;
    await using vm = await boot(embedded([]), { append, modules: "all" });
    const lines = vm.dmesg().split("\n").map((line) => line.slice(line.indexOf("]") + 2));
    return lines.filter((line) => said.test(line) && !/^(calling|initcall) /.test(line));
  };
  assertEquals(await names(""), await names(DEBUG));
});

Deno.test("drivers that may be modules are linked where Linux's Makefiles link them", async () => {
  await using vm = await boot(embedded([]), { append: DEBUG });
  const names = [...vm.dmesg().matchAll(/calling {2}(\w+)\+/g)].map(([, name]) => name);
  // drivers/Makefile: virtio, tty, char, block, net, input; then net/core.
  const wanted = [
    "virtio_mmio_init",
    "virtio_balloon_driver_init",
    "virtio_input_driver_init",
    "sysrq_init",
    "virtio_console_init",
    "virtio_rng_driver_init",
  ]
    .concat(["virtio_blk_init", "virtio_net_driver_init", "net_failover_init", "input_leds_init"])
    .concat(["mousedev_init", "evdev_init", "pl031_driver_init", "failover_init"]);
  assertEquals(names.filter((name) => wanted.includes(name)), wanted);
});
