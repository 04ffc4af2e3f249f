/**
 * Runs all benches at their small sizes: `deno task bench`.
 *
 * @module
 */
import { qemuInstalled } from "../mod.ts";
import { lacks } from "../tests/peers.ts";
import { benchBlock } from "./block.ts";
import { benchBoot } from "./boot.ts";
import { benchDtc } from "./dtc.ts";
import { benchLab } from "./lab.ts";
import { benchQemu } from "./qemu.ts";
import { benchRing } from "./ring.ts";

await benchRing();
console.log();
await benchBoot();
console.log();
await benchBlock();
console.log();
await benchLab();
console.log();
if (qemuInstalled()) await benchQemu();
else console.log("qemu: left out, qemu-system-aarch64 is not installed");
console.log();
if (lacks("dtc")) console.log("dtc: left out, dtc is not installed");
else await benchDtc();
