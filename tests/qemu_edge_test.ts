/**
 * The board's slots interrupt with edges: what a device has to say while its line is up still is heard only by who
 * reads InterruptStatus again. A real QEMU's interrupt controller is asked.
 */
import { assertEquals } from "@std/assert";
import { MiniDriver } from "./mini_driver.ts";
import { lacks } from "./peers.ts";
import { QtestMachine } from "./qtest_client.ts";

/** The interrupt of the last slot, and the registers of the GIC's distributor. */
const INTID = 79;
const GICD = 0x800_0000;
const [GICD_CTLR, GICD_ISPENDR, GICD_ICPENDR, GICD_ICFGR] = [0, 0x200, 0x280, 0xc00];
const INTERRUPT_STATUS = 0x60;
const INTERRUPT_ACK = 0x64;

/** One interrupt of the controller, as Linux sets it up. */
class EdgeInterrupt {
  constructor(readonly machine: QtestMachine) {
    const register = GICD + GICD_ICFGR + 4 * Math.floor(INTID / 16);
    machine.write(GICD + GICD_CTLR, 4, 1);
    machine.write(register, 4, machine.read(register, 4) | 2 << 2 * (INTID % 16));
  }

  #register(base: number): number {
    return GICD + base + 4 * Math.floor(INTID / 32);
  }

  get pending(): boolean {
    return (this.machine.read(this.#register(GICD_ISPENDR), 4) & 1 << INTID % 32) !== 0;
  }

  take(): undefined {
    this.machine.write(this.#register(GICD_ICPENDR), 4, 1 << INTID % 32);
  }
}

Deno.test({
  name: "a change between the read and the acknowledgement of InterruptStatus is no new edge",
  ignore: lacks("qemu-system-aarch64"),
  fn() {
    const file = Deno.makeTempFileSync();
    Deno.truncateSync(file, 1 << 20);
    const drive = `if=none,id=d0,file=${file},format=raw`;
    using machine = new QtestMachine(["-drive", drive, "-device", "virtio-blk-device,drive=d0"]);
    Deno.removeSync(file);
    const driver = new MiniDriver(machine);
    const interrupt = new EdgeInterrupt(machine);
    const seen = () => [driver.read(INTERRUPT_STATUS), interrupt.pending];
    driver.init(1);
    driver.add(0, [new Uint8Array(16)], [512, 1]);
    driver.kick(0, 50);
    assertEquals(seen(), [1, true]);
    interrupt.take();
    const [status] = seen();
    machine.qmp("block_resize", { device: "d0", size: 2 << 20 });
    machine.settle(20);
    assertEquals(seen(), [3, false]);
    driver.write(INTERRUPT_ACK, Number(status));
    assertEquals(seen(), [2, false]);
  },
});
