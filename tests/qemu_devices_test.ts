import { assertEquals } from "@std/assert";
import { NullBlock } from "../hypervisor/embedded/blockdev.ts";
import { NullChardev } from "../hypervisor/embedded/chardev.ts";
import type { DeviceModel } from "../hypervisor/embedded/device.ts";
import { InputHub } from "../hypervisor/embedded/input_hub.ts";
import { UserNetdev } from "../hypervisor/embedded/netdev_user.ts";
import { VirtioBalloon } from "../hypervisor/embedded/virtio_balloon.ts";
import { VirtioBlk } from "../hypervisor/embedded/virtio_blk.ts";
import { VirtioSerial } from "../hypervisor/embedded/virtio_console.ts";
import { type InputKind, VirtioInput } from "../hypervisor/embedded/virtio_input.ts";
import { VirtioNet } from "../hypervisor/embedded/virtio_net.ts";
import { VirtioRng } from "../hypervisor/embedded/virtio_rng.ts";
import { SlotBench } from "./mini_driver.ts";
import {
  askQemu,
  CASES,
  type DeviceCase,
  nameOf,
  type Presented,
  presented,
} from "./qemu_devices.ts";
import { lacks } from "./peers.ts";
import { slotAddress } from "./qtest_client.ts";

const recorded: Presented[] = JSON.parse(
  Deno.readTextFileSync(new URL("qemu_devices.json", import.meta.url)),
);

type Values = Record<string, string | number | boolean>;

const SWITCHES: Readonly<Record<string, boolean>> = { on: true, off: false };

/** The values of an option such as `virtio-blk-device,num-queues=4`, names in camel case. */
function parse(option: string): Values {
  const pairs = option.split(",").map((part) => part.split("="));
  return Object.fromEntries(pairs.map(([name, value = ""]) => [
    name.replace(/[-_.](\w)/g, (_, letter: string) => letter.toUpperCase()),
    name === "write-cache"
      ? value
      : SWITCHES[value] ?? (/^\d+$/.test(value) ? Number(value) : value),
  ]));
}

function embedded({ device, before = [], after = [] }: DeviceCase): DeviceModel {
  const kind = device.split(",")[0];
  const props = parse(device);
  switch (kind) {
    case "virtio-blk-device": {
      const { size, readOnly } = parse(before[1]);
      const drive = { id: "d0", size: Number(size), readonly: readOnly === true };
      return new VirtioBlk(props, new NullBlock(drive));
    }
    case "virtio-serial-device": {
      const serial = new VirtioSerial(props);
      for (const child of after.filter((word) => word !== "-device")) {
        const { name, nr } = parse(child);
        serial.addPort({
          kind: child.startsWith("virtconsole") ? "virtconsole" : "virtserialport",
          ...(nr === undefined ? {} : { nr: Number(nr) }),
          ...(name === undefined ? {} : { name: String(name) }),
        }, new NullChardev("c0"));
      }
      return serial;
    }
    case "virtio-net-device":
      return new VirtioNet(props, new UserNetdev("n0"));
    case "virtio-balloon-device":
      return new VirtioBalloon(props);
    case "virtio-rng-device":
      return new VirtioRng(props);
  }
  return new VirtioInput(kind as InputKind, props, new InputHub());
}

for (const [i, row] of CASES.entries()) {
  Deno.test(`embedded device presents what QEMU 7.2 does: ${nameOf(row)} (${i})`, () => {
    const modern = new SlotBench(embedded(row));
    const legacy = new SlotBench(embedded(row), undefined, 1);
    assertEquals(presented(row, modern, legacy, slotAddress(0)), recorded[i]);
  });
}

Deno.test({
  name: "qemu_devices.json holds what the installed QEMU presents",
  ignore: lacks("qemu-system-aarch64"),
  fn: () => assertEquals(askQemu(), recorded),
});
