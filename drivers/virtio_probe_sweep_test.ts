import { assert } from "@std/assert";
import { embedded } from "../hypervisor/embedded/machine.ts";
import { sweepProbeFailures } from "../tests/probe_failure.ts";

const MODERN = ["-global", "virtio-mmio.force-legacy=false"];
/** Devices by the module that drives them. */
const DEVICES: Readonly<Record<string, readonly string[]>> = {
  virtio_blk: [
    "-drive",
    "if=none,id=d0,file=d.img,format=raw",
    "-device",
    "virtio-blk-device,drive=d0",
  ],
  virtio_net: ["-netdev", "hubport,id=n0,hubid=0", "-device", "virtio-net-device,netdev=n0"],
  virtio_console: [
    ...["-device", "virtio-serial-device", "-chardev", "null,id=c0"],
    ...["-device", "virtconsole,chardev=c0"],
  ],
};

/** The disk's folders in debugfs and the terminals of hvc stay from the first device on. */
const LASTING = /\/debug\/(?:bdi|block)$|\/hvc\d$|\/tty\/hvc\d\/|\/229:\d$|^khvcd$/;

for (const [module, args] of Object.entries(DEVICES)) {
  Deno.test(`${module}: each step of its probe may fail and leaves nothing behind`, async () => {
    const images = () => ({ "d.img": new Uint8Array(65536) });
    const count = await sweepProbeFailures({
      machine: () => embedded([...MODERN, ...args], { images: images() }),
      before: ["virtio_mmio"],
      module,
      lasting: LASTING,
    });
    assert(count > 15, `${count} steps`);
  });
}
