import { assertEquals } from "@std/assert";
import { isHeaderSane } from "./virtio_net_hdr.ts";

const PLAIN = {
  flags: 0,
  gsoType: 0,
  hdrLen: 0,
  gsoSize: 0,
  csumStart: 0,
  csumOffset: 0,
  numBuffers: 1,
};

Deno.test("isHeaderSane() takes exactly the kinds of segments that there are", () => {
  const kinds = Array.from({ length: 256 }, (_, gsoType) => gsoType)
    .filter((gsoType) => isHeaderSane({ ...PLAIN, gsoType, gsoSize: 1 }, 100));
  // None; TCP over IPv4, UDP and TCP over IPv6, each with and without congestion marks.
  assertEquals(kinds, [0, 1, 3, 4, 0x81, 0x83, 0x84]);
});

Deno.test("isHeaderSane() refuses segments without a size", () => {
  assertEquals(isHeaderSane({ ...PLAIN, gsoType: 1 }, 100), false);
  assertEquals(isHeaderSane({ ...PLAIN, gsoSize: 5 }, 100), true);
});

Deno.test("isHeaderSane() wants a checksum inside the packet, whenever one is missing", () => {
  for (let end = 0; end < 40; end++) {
    for (let csumStart = 0; csumStart <= end; csumStart++) {
      const header = { ...PLAIN, flags: 1, csumStart, csumOffset: end - csumStart };
      assertEquals(isHeaderSane(header, 30), end <= 28);
      assertEquals(isHeaderSane({ ...header, flags: 0 }, 30), true);
    }
  }
});
