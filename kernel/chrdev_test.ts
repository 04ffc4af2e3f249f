import { assertEquals, assertThrows } from "@std/assert";
import type { Platform } from "../hypervisor/platform.ts";
import { CHRDEVS, registerChrdev, unregisterChrdev } from "./chrdev.ts";
import { KernelError } from "./errors.ts";
import { Kernel } from "./kernel.ts";

function makeKernel(): Kernel {
  const platform: Platform = {
    name: "none",
    ram: new ArrayBuffer(4096),
    ramBase: 0,
    dtb: new Uint8Array(),
    attach: () => undefined,
    read: () => 0,
    write: () => undefined,
    nextEventNs: () => Infinity,
    runDue: () => undefined,
    waitExternal: () => undefined,
  };
  return new Kernel(platform);
}

/** `/proc/devices` of the reference kernel with its four virtio drivers loaded. */
const RECORDED = [
  "  1 mem,  4 /dev/vc/0,  4 tty,  4 ttyS,  5 /dev/tty,  5 /dev/console,  5 /dev/ptmx,  7 vcs",
  " 10 misc, 13 input, 29 fb,128 ptm,136 pts,153 spi,204 ttyAMA,207 ttymxc,229 hvc",
  "238 virtio-portsdev,239 rpmb,240 cxl,241 ttyLP,242 ttyTHS,243 ttyHS,244 ttyMSM,245 ttyMSM",
  "246 ttyAML,247 bsg,248 watchdog,249 ptp,250 pps,251 rtc,252 tpm,253 ttyMV,254 gpiochip",
].join(",").split(",").map((line) => `${line}\n`).join("");

Deno.test("registerChrdev() gives the numbers that the reference kernel shows", () => {
  const kernel = makeKernel();
  registerChrdev(kernel, "input", { major: 13, count: 1024 });
  registerChrdev(kernel, "ttyAMA", { major: 204, firstMinor: 64, count: 14 });
  registerChrdev(kernel, "virtio-portsdev");
  registerChrdev(kernel, "hvc", { major: 229, count: 8 });
  assertEquals(kernel.get(CHRDEVS).show(), RECORDED);
});

Deno.test("registerChrdev() goes from 238 down to 234, then from 511 down to 384, then fails", () => {
  const kernel = makeKernel();
  const majors = Array.from({ length: 133 }, (_, i) => registerChrdev(kernel, `d${i}`).major);
  assertEquals(majors.slice(0, 6), [238, 237, 236, 235, 234, 511]);
  assertEquals(majors.at(-1), 384);
  const error = assertThrows(() => registerChrdev(kernel, "one-more"), KernelError);
  assertEquals(error.code, "EBUSY");
});

Deno.test("registerChrdev() refuses an overlap and reuses what was given back", () => {
  const kernel = makeKernel();
  const region = registerChrdev(kernel, "a", { major: 60, firstMinor: 8, count: 8 });
  registerChrdev(kernel, "b", { major: 60, firstMinor: 16, count: 8 });
  const take = () => registerChrdev(kernel, "c", { major: 60, firstMinor: 15, count: 1 });
  assertEquals(assertThrows(take, KernelError).code, "EBUSY");
  unregisterChrdev(kernel, region);
  assertEquals(take().major, 60);
});

Deno.test("registerChrdev() refuses a major past the last one", () => {
  const kernel = makeKernel();
  const error = assertThrows(() => registerChrdev(kernel, "far", { major: 512 }), KernelError);
  assertEquals(error.code, "EINVAL");
});
