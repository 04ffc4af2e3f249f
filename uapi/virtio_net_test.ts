import { assertEquals, assertThrows } from "@std/assert";
import { encodedHex, fromHex, layOut, places } from "./_testing.ts";
import * as net from "./virtio_net.ts";

Deno.test("VIRTIO_NET_CONFIG is the specification's structure", () => {
  // VIRTIO 1.4, 5.1.4
  const expected = layOut(`
    u8 mac[6]; le16 status; le16 max_virtqueue_pairs; le16 mtu; le32 speed; u8 duplex;
    u8 rss_max_key_size; le16 rss_max_indirection_table_length; le32 supported_hash_types;`);
  assertEquals(places(net.VIRTIO_NET_CONFIG), expected);
  assertEquals(net.VIRTIO_NET_CONFIG_SIZE, 24);
});

Deno.test("VIRTIO_NET_F_* share no bit", () => {
  const bits = Object.entries(net)
    .filter(([name]) => name.startsWith("VIRTIO_NET_F_"))
    .map(([, value]) => value);
  assertEquals(new Set(bits).size, bits.length);
});

// Golden bytes: the C structures of Linux 6.1's header, filled by a compiled program.

const HDR_V1 = "01813600a805220010000300";
const HEADER: net.VirtioNetHdr = {
  flags: net.VIRTIO_NET_HDR_F_NEEDS_CSUM,
  gsoType: net.VIRTIO_NET_HDR_GSO_TCPV4 | net.VIRTIO_NET_HDR_GSO_ECN,
  hdrLen: 54,
  gsoSize: 1448,
  csumStart: 34,
  csumOffset: 16,
  numBuffers: 3,
};

Deno.test("VirtioNetHdr has the C structure's bytes with numBuffers", () => {
  const size = net.VIRTIO_NET_HDR_V1_SIZE;
  const encode = (view: DataView) => net.encodeVirtioNetHdr(view, 0, HEADER, size);
  assertEquals(encodedHex(size, encode), HDR_V1);
  assertEquals(net.decodeVirtioNetHdr(fromHex("ee" + HDR_V1), 1, size), HEADER);
});

Deno.test("VirtioNetHdr leaves out numBuffers in the short header", () => {
  const size = net.VIRTIO_NET_HDR_SIZE;
  const encode = (view: DataView) => net.encodeVirtioNetHdr(view, 0, HEADER, size);
  assertEquals(encodedHex(12, encode), HDR_V1.slice(0, 20) + "eeee");
  assertEquals(net.decodeVirtioNetHdr(fromHex(HDR_V1.slice(0, 20)), 0, size), {
    ...HEADER,
    numBuffers: 0,
  });
});

Deno.test("VirtioNetCtrlHdr has the C structure's bytes", () => {
  const header = {
    class: net.VIRTIO_NET_CTRL_MQ,
    cmd: net.VIRTIO_NET_CTRL_MQ_VQ_PAIRS_SET,
  };
  const encode = (view: DataView) => net.encodeVirtioNetCtrlHdr(view, 0, header);
  assertEquals(encodedHex(net.VIRTIO_NET_CTRL_HDR_SIZE, encode), "0400");
  assertEquals(net.decodeVirtioNetCtrlHdr(fromHex("ee0400"), 1), header);
});

Deno.test("VirtioNetCtrlMac counts its addresses in 32 bits", () => {
  const hex = "02000000 525400123456 01005e000001".replaceAll(" ", "");
  const table = {
    macs: [
      Uint8Array.of(0x52, 0x54, 0, 0x12, 0x34, 0x56),
      Uint8Array.of(1, 0, 0x5e, 0, 0, 1),
    ],
  };
  const encode = (view: DataView) => net.encodeVirtioNetCtrlMac(view, 0, table);
  assertEquals(encodedHex(net.virtioNetCtrlMacSize(2), encode), hex);
  assertEquals(net.decodeVirtioNetCtrlMac(fromHex("ee" + hex), 1), table);
});

Deno.test("decodeVirtioNetCtrlMac() refuses a count that the bytes do not hold", () => {
  for (const hex of ["02000000 525400123456 01005e0000", "ffffffff 525400123456"]) {
    assertThrows(() => net.decodeVirtioNetCtrlMac(fromHex(hex), 0), RangeError, "Cannot decode");
  }
});
