import { assertEquals } from "@std/assert";
import { embedded } from "../hypervisor/embedded/machine.ts";
import { ambaInit } from "../kernel/amba/bus.ts";
import { Kernel } from "../kernel/kernel.ts";
import { startKernel } from "../kernel/main.ts";
import { PROCFS_INITCALLS } from "../kernel/procfs.ts";
import { TTY_INITCALLS } from "../kernel/tty/tty_io.ts";
import { GuestFs } from "../kernel/vfs/api.ts";
import { AMBA_CID } from "../uapi/amba_pl011.ts";
import { PL011_INITCALLS } from "./tty/amba_pl011.ts";
import { VIRT_BOARD_INITCALLS } from "./virt_board.ts";

/** Pages of devices and the ids in them, as a recorded run shows them in `/sys/bus/amba/devices/ID/id`. */
const IDS: ReadonlyMap<number, number> = new Map([
  [0x0901_0000, 0x00141031],
  [0x0903_0000, 0x00041061],
]);

function idByte(address: number): number | undefined {
  const id = IDS.get(address - address % 0x1000);
  const offset = address % 0x1000;
  if (id === undefined || offset < 0xfe0) return undefined;
  return (offset < 0xff0 ? id : AMBA_CID) >>> (2 * (offset % 0x10)) & 0xff;
}

Deno.test("interrupts of the board get the numbers that they have in Linux", async () => {
  const machine = embedded([]);
  const read = machine.read.bind(machine);
  machine.read = (address, width) => idByte(address) ?? read(address, width);
  const kernel = new Kernel(machine, { append: "console=ttyAMA0 quiet" });
  await kernel.sched.run("swapper/0", () =>
    startKernel(kernel, {
      initcalls: [
        { name: "amba_init", level: "postcore", fn: ambaInit },
        ...PROCFS_INITCALLS,
        ...TTY_INITCALLS,
        ...PL011_INITCALLS,
        ...VIRT_BOARD_INITCALLS,
      ],
      images: [],
    }), 1);
  const text = new TextDecoder().decode(await new GuestFs(kernel).read("/proc/interrupts"));
  const lines = text.split("\n").filter((line) => line.includes("GIC"))
    .map((line) => line.trim().split(/\s+/)).map(([irq, , ...rest]) => [irq, ...rest].join(" "));
  const recorded = Deno.readTextFileSync(
    new URL("../tests/recordings/proc-files/stdout.txt", import.meta.url),
  );
  const expected = recorded.split("\n").filter((line) => /GIC/.test(line)).slice(0, 4);
  assertEquals(lines, expected);
  const log = kernel.log.dmesg();
  assertEquals(log.includes("pl061_gpio 9030000.pl061: PL061 GPIO chip registered\n"), true);
  assertEquals(log.includes("rtc-pl031 9010000.pl031: registered as rtc0\n"), true);
});
