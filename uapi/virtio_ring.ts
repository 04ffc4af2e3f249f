/**
 * Layout of virtqueues in memory: the split ring in full, and the constants of the packed ring.
 *
 * Linux: include/uapi/linux/virtio_ring.h. VIRTIO 1.4, 2.7 and 2.8.
 *
 * @module
 */

// Feature bits of the ring

/** A descriptor may point to a table of descriptors. */
export const VIRTIO_RING_F_INDIRECT_DESC = 28;
/** Both sides publish at which index they want to be notified (used_event, avail_event). */
export const VIRTIO_RING_F_EVENT_IDX = 29;

// Descriptor flags

/** The buffer goes on in the descriptor named by `next`. */
export const VRING_DESC_F_NEXT = 1;
/** The device writes the buffer; without the flag, it reads. */
export const VRING_DESC_F_WRITE = 2;
/** The buffer is a table of descriptors. */
export const VRING_DESC_F_INDIRECT = 4;

// Notification suppression without event indexes

/** In the used ring's flags: the device asks not to be notified of new buffers. */
export const VRING_USED_F_NO_NOTIFY = 1;
/** In the available ring's flags: the driver asks not to be interrupted for used buffers. */
export const VRING_AVAIL_F_NO_INTERRUPT = 1;

// Packed ring

/** Number of the descriptor flag that marks a descriptor as available. */
export const VRING_PACKED_DESC_F_AVAIL = 7;
/** Number of the descriptor flag that marks a descriptor as used. */
export const VRING_PACKED_DESC_F_USED = 15;
/** Event flags: notify always. */
export const VRING_PACKED_EVENT_FLAG_ENABLE = 0x0;
/** Event flags: never notify. */
export const VRING_PACKED_EVENT_FLAG_DISABLE = 0x1;
/** Event flags: notify at the descriptor given by the offset; needs EVENT_IDX. */
export const VRING_PACKED_EVENT_FLAG_DESC = 0x2;
/** Number of the bit of an event offset that holds the wrap counter. */
export const VRING_PACKED_EVENT_F_WRAP_CTR = 15;

// Alignment of the parts of a split ring, in bytes

/** Alignment of the available ring. */
export const VRING_AVAIL_ALIGN_SIZE = 2;
/** Alignment of the used ring. */
export const VRING_USED_ALIGN_SIZE = 4;
/** Alignment of the descriptor table. */
export const VRING_DESC_ALIGN_SIZE = 16;

/** Most entries of a queue. VIRTIO 1.4, 2.7. */
export const VIRTQUEUE_SIZE_MAX = 32768;

// struct vring_desc

/** Size of a descriptor in bytes. */
export const VRING_DESC_SIZE = 16;
/** Offset of the 64-bit buffer address in a descriptor. */
export const VRING_DESC_ADDR = 0;
/** Offset of the 32-bit buffer length in a descriptor. */
export const VRING_DESC_LEN = 8;
/** Offset of the 16-bit flags in a descriptor. */
export const VRING_DESC_FLAGS = 12;
/** Offset of the 16-bit index of the next descriptor in a descriptor. */
export const VRING_DESC_NEXT = 14;

// struct vring_avail

/** Offset of the 16-bit flags in the available ring. */
export const VRING_AVAIL_FLAGS = 0;
/** Offset of the 16-bit running index in the available ring. */
export const VRING_AVAIL_IDX = 2;
/** Offset of the entries in the available ring. */
export const VRING_AVAIL_RING = 4;
/** Size of an entry of the available ring: a 16-bit descriptor index. */
export const VRING_AVAIL_ELEM_SIZE = 2;

// struct vring_used

/** Offset of the 16-bit flags in the used ring. */
export const VRING_USED_FLAGS = 0;
/** Offset of the 16-bit running index in the used ring. */
export const VRING_USED_IDX = 2;
/** Offset of the entries in the used ring. */
export const VRING_USED_RING = 4;
/** Size of an entry of the used ring. */
export const VRING_USED_ELEM_SIZE = 8;
/** Offset of the 32-bit index of the chain's head in an entry of the used ring. */
export const VRING_USED_ELEM_ID = 0;
/** Offset of the 32-bit number of bytes written in an entry of the used ring. */
export const VRING_USED_ELEM_LEN = 4;

// struct vring_packed_desc and struct vring_packed_desc_event

/** Size of a packed descriptor in bytes. */
export const VRING_PACKED_DESC_SIZE = 16;
/** Offset of the 64-bit buffer address in a packed descriptor. */
export const VRING_PACKED_DESC_ADDR = 0;
/** Offset of the 32-bit buffer length in a packed descriptor. */
export const VRING_PACKED_DESC_LEN = 8;
/** Offset of the 16-bit buffer id in a packed descriptor. */
export const VRING_PACKED_DESC_ID = 12;
/** Offset of the 16-bit flags in a packed descriptor. */
export const VRING_PACKED_DESC_FLAGS = 14;
/** Size of an event suppression structure in bytes. */
export const VRING_PACKED_EVENT_SIZE = 4;
/** Offset of the 16-bit ring offset and wrap counter in an event suppression structure. */
export const VRING_PACKED_EVENT_OFF_WRAP = 0;
/** Offset of the 16-bit flags in an event suppression structure. */
export const VRING_PACKED_EVENT_FLAGS = 2;

/** Where the parts of a split ring lie, in bytes from its start. */
export interface VringLayout {
  /** Descriptor table. */
  readonly desc: number;
  /** Available ring. */
  readonly avail: number;
  /** Used ring. */
  readonly used: number;
  /** used_event: behind the available ring's last entry, written by the driver. */
  readonly usedEvent: number;
  /** avail_event: behind the used ring's last entry, written by the device. */
  readonly availEvent: number;
  /** Size of the whole. */
  readonly size: number;
}

/**
 * Returns where the parts of a split ring lie that is one piece of memory: descriptors, available
 * ring, then the used ring at the next multiple of `align`, which is a power of two.
 *
 * Linux: vring_init(). VIRTIO 1.4, 2.7.2.
 */
export function vringLayout(num: number, align: number): VringLayout {
  const avail = num * VRING_DESC_SIZE;
  const usedEvent = avail + VRING_AVAIL_RING + num * VRING_AVAIL_ELEM_SIZE;
  const used = alignUp(usedEvent + 2, align);
  const availEvent = used + VRING_USED_RING + num * VRING_USED_ELEM_SIZE;
  return { desc: 0, avail, used, usedEvent, availEvent, size: availEvent + 2 };
}

/** Returns the size in bytes of a split ring of `num` entries in one piece. Linux: vring_size(). */
export function vringSize(num: number, align: number): number {
  return vringLayout(num, align).size;
}

/**
 * Returns whether moving the index from `oldIdx` to `newIdx` passed the entry at `eventIdx`, so that
 * the side that published `eventIdx` must be notified. All indexes count modulo 2^16.
 *
 * Linux: vring_need_event(). VIRTIO 1.4, 2.7.7.2 and 2.7.10.
 */
export function vringNeedEvent(eventIdx: number, newIdx: number, oldIdx: number): boolean {
  return ((newIdx - eventIdx - 1) & 0xffff) < ((newIdx - oldIdx) & 0xffff);
}

function alignUp(value: number, align: number): number {
  return (value + align - 1) & ~(align - 1);
}
