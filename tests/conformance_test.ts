/**
 * The conformance suite on every machine. On QEMU the devices' side is the reference itself, so a case
 * that fails there is a wrong case or a wrong driver.
 */
import { embedded, qemu } from "../vm/machines.ts";
import { type MakeMachine, TRANSPORT_CASES } from "./conformance.ts";
import { GUEST_CASES } from "./conformance_guests.ts";
import { lacks } from "./peers.ts";

const MACHINES: readonly { readonly name: string; readonly make: MakeMachine }[] = [
  { name: "embedded", make: (args, images) => embedded(args, { images }) },
  { name: "qemu", make: (args, images) => qemu(args, { images }) },
];

for (const { name, make } of MACHINES) {
  const ignore = name === "qemu" && lacks("qemu-system-aarch64");
  for (const { name: what, run } of [...TRANSPORT_CASES, ...GUEST_CASES]) {
    Deno.test({
      name: ignore ? `${name}: ${what} (qemu-system-aarch64 is not installed)` : `${name}: ${what}`,
      ignore,
      fn: () => run(make),
    });
  }
}
