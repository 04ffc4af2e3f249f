import { assertEquals } from "@std/assert";
import { encodedHex, fromHex } from "./_testing.ts";
import { decodeVirtioBalloonStat, encodeVirtioBalloonStat } from "./virtio_balloon.ts";

Deno.test("VirtioBalloonStat is packed, as VIRTIO 1.4, 5.5.6.3 says", () => {
  // le16 tag; le64 val;
  const hex = "0700efcdab8967452301";
  const stat = { tag: 7, val: 0x0123456789abcdefn };
  assertEquals(encodedHex(10, (view) => encodeVirtioBalloonStat(view, 0, stat)), hex);
  assertEquals(decodeVirtioBalloonStat(fromHex("ee" + hex), 1), stat);
});
