import { assert, assertEquals } from "@std/assert";
import { embedded } from "../hypervisor/embedded/machine.ts";
import { sweepProbeFailures } from "../tests/probe_failure.ts";

const ARGS = ["-global", "virtio-mmio.force-legacy=false"];
const INPUTS = [...ARGS, "-device", "virtio-keyboard-device", "-device", "virtio-tablet-device"];

Deno.test("virtio_input: each step of its probes may fail and leaves nothing behind", async () => {
  const count = await sweepProbeFailures({
    machine: () => embedded(INPUTS),
    before: ["virtio_mmio", "evdev"],
    module: "virtio_input",
    works: async (guest) => {
      const devices = await guest.cat("/proc/bus/input/devices");
      assertEquals(devices.match(/^N: Name=.*/gm)?.sort(), [
        'N: Name="QEMU Virtio Keyboard"',
        'N: Name="QEMU Virtio Tablet"',
      ]);
      assertEquals(devices.match(/event\d/g)?.sort(), ["event0", "event1"]);
    },
  });
  assert(count > 30, `${count} steps`);
});

Deno.test("virtio_mmio: each step of its probes may fail and leaves nothing behind", async () => {
  const count = await sweepProbeFailures({
    machine: () => embedded(INPUTS, { slots: 4 }),
    before: ["virtio_input", "evdev"],
    module: "virtio_mmio",
    works: async (guest) => {
      const devices = await guest.fs.readdir("/sys/bus/virtio/devices");
      assertEquals(devices.sort(), ["virtio0", "virtio1"]);
      assert((await guest.cat("/proc/bus/input/devices")).includes("Keyboard"));
    },
  });
  assert(count > 40, `${count} steps`);
});
