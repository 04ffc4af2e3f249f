import { assertEquals } from "@std/assert";
import { encodedHex, fromHex, layOut, places } from "./_testing.ts";
import * as input from "./virtio_input.ts";

Deno.test("VIRTIO_INPUT_CONFIG is the specification's structure", () => {
  // VIRTIO 1.4, 5.8.4
  const expected = layOut("u8 select; u8 subsel; u8 size; u8 reserved[5]; u8 u[128];");
  assertEquals(places(input.VIRTIO_INPUT_CONFIG), expected);
  assertEquals(input.VIRTIO_INPUT_CONFIG_SIZE, 136);
});

// Golden bytes: the C structures of Linux 6.1's header, filled by a compiled program.

Deno.test("VirtioInputAbsinfo has the C structure's bytes, with signed numbers", () => {
  const hex = "ffffffffff7f000004000000080000000c000000";
  const absinfo = { min: -1, max: 32767, fuzz: 4, flat: 8, res: 12 };
  assertEquals(
    encodedHex(
      input.VIRTIO_INPUT_ABSINFO_SIZE,
      (view) => input.encodeVirtioInputAbsinfo(view, 0, absinfo),
    ),
    hex,
  );
  assertEquals(input.decodeVirtioInputAbsinfo(fromHex("ee" + hex), 1), absinfo);
});

Deno.test("VirtioInputDevids has the C structure's bytes", () => {
  const hex = "0600270601000300";
  const devids = { bustype: 6, vendor: 0x627, product: 1, version: 3 };
  assertEquals(
    encodedHex(
      input.VIRTIO_INPUT_DEVIDS_SIZE,
      (view) => input.encodeVirtioInputDevids(view, 0, devids),
    ),
    hex,
  );
  assertEquals(input.decodeVirtioInputDevids(fromHex("ee" + hex), 1), devids);
});

Deno.test("VirtioInputEvent has the C structure's bytes, with a signed value", () => {
  const hex = "02000100fbffffff";
  const event = { type: 2, code: 1, value: -5 };
  assertEquals(
    encodedHex(
      input.VIRTIO_INPUT_EVENT_SIZE,
      (view) => input.encodeVirtioInputEvent(view, 0, event),
    ),
    hex,
  );
  assertEquals(input.decodeVirtioInputEvent(fromHex("ee" + hex), 1), event);
});
