/**
 * What a received packet's header may say, and putting a packet together.
 *
 * Linux: include/linux/virtio_net.h
 *
 * @module
 */
import * as uapi from "../uapi/virtio_net.ts";

/** Kinds of segmentation that may come, without the congestion flag. */
const GSO_TYPES: readonly number[] = [
  uapi.VIRTIO_NET_HDR_GSO_TCPV4,
  uapi.VIRTIO_NET_HDR_GSO_UDP,
  uapi.VIRTIO_NET_HDR_GSO_TCPV6,
];

/** True when the header can be right for a packet of this length. Linux: virtio_net_hdr_to_skb() */
export function isHeaderSane(header: uapi.VirtioNetHdr, length: number): boolean {
  if ((header.flags & uapi.VIRTIO_NET_HDR_F_NEEDS_CSUM) !== 0) {
    if (header.csumStart + header.csumOffset + 2 > length) return false;
  }
  if (header.gsoType === uapi.VIRTIO_NET_HDR_GSO_NONE) return true;
  const type = header.gsoType & ~uapi.VIRTIO_NET_HDR_GSO_ECN;
  return GSO_TYPES.includes(type) && header.gsoSize > 0;
}

/** The pieces one after the other. */
export function join(pieces: readonly Uint8Array[]): Uint8Array {
  if (pieces.length === 1) return pieces[0];
  const whole = new Uint8Array(pieces.reduce((sum, piece) => sum + piece.length, 0));
  let at = 0;
  for (const piece of pieces) {
    whole.set(piece, at);
    at += piece.length;
  }
  return whole;
}
