import { assertEquals } from "@std/assert";
import { encodedHex, fromHex, layOut, places } from "./_testing.ts";
import * as console_ from "./virtio_console.ts";

Deno.test("VIRTIO_CONSOLE_CONFIG is the specification's structure", () => {
  // VIRTIO 1.4, 5.3.4
  const expected = layOut("le16 cols; le16 rows; le32 max_nr_ports; le32 emerg_wr;");
  assertEquals(places(console_.VIRTIO_CONSOLE_CONFIG), expected);
  assertEquals(console_.VIRTIO_CONSOLE_CONFIG_SIZE, 12);
});

Deno.test("VirtioConsoleControl has the bytes of the compiled C structure", () => {
  const hex = "ffffffff06000100";
  const message = {
    id: console_.VIRTIO_CONSOLE_BAD_ID,
    event: console_.VIRTIO_CONSOLE_PORT_OPEN,
    value: 1,
  };
  assertEquals(
    encodedHex(
      console_.VIRTIO_CONSOLE_CONTROL_SIZE,
      (view) => console_.encodeVirtioConsoleControl(view, 0, message),
    ),
    hex,
  );
  assertEquals(console_.decodeVirtioConsoleControl(fromHex("ee" + hex), 1), message);
});

Deno.test("VirtioConsoleResize has columns first, as VIRTIO 1.4, 5.3.6.2 says", () => {
  const size = { cols: 80, rows: 25 };
  assertEquals(
    encodedHex(
      console_.VIRTIO_CONSOLE_RESIZE_SIZE,
      (view) => console_.encodeVirtioConsoleResize(view, 0, size),
    ),
    "50001900",
  );
  assertEquals(console_.decodeVirtioConsoleResize(fromHex("ee50001900"), 1), size);
});
