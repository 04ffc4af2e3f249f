/**
 * What all virtio devices have in common: the device status bits and the feature bits that do not
 * belong to one device type. Feature constants are bit numbers, not masks.
 *
 * Linux: include/uapi/linux/virtio_config.h. VIRTIO 1.4, 2.1 and 6.
 *
 * @module
 */

// Device status (VIRTIO 1.4, 2.1); these are masks.

/** The guest has found the device and knows it as a virtio device. */
export const VIRTIO_CONFIG_S_ACKNOWLEDGE = 1;
/** The guest has a driver for the device. */
export const VIRTIO_CONFIG_S_DRIVER = 2;
/** The driver is set up and drives the device. */
export const VIRTIO_CONFIG_S_DRIVER_OK = 4;
/** The driver has chosen the features; the device clears the bit again if it refuses them. */
export const VIRTIO_CONFIG_S_FEATURES_OK = 8;
/** The device is, or shall be, suspended; exists only with {@linkcode VIRTIO_F_SUSPEND}. New in 1.4. */
export const VIRTIO_CONFIG_S_SUSPEND = 0x10;
/** The device met an error it cannot recover from without a reset. */
export const VIRTIO_CONFIG_S_NEEDS_RESET = 0x40;
/** The guest has given up on the device. */
export const VIRTIO_CONFIG_S_FAILED = 0x80;

// Feature bits that the ring and the transport own (VIRTIO 1.4, 6); these are bit numbers.

/**
 * First bit that belongs to the ring or the transport. A driver need not list these bits: the core
 * offers all of them to the transport, and the ring drops those it does not know.
 */
export const VIRTIO_TRANSPORT_F_START = 28;
/** End of the transport's bits, exclusive in Linux's loops. 41 in Linux 6.1, 42 since 6.8. */
export const VIRTIO_TRANSPORT_F_END = 41;

/** The device interrupts when the ring has run empty, even if told not to. Legacy only. */
export const VIRTIO_F_NOTIFY_ON_EMPTY = 24;
/** The device takes a request cut into descriptors in any way. Legacy only: always so since 1.0. */
export const VIRTIO_F_ANY_LAYOUT = 27;
/** The device follows VIRTIO 1.0 or later; without it, it is a legacy device. */
export const VIRTIO_F_VERSION_1 = 32;
/** The device reaches memory as the platform says (IOMMU, limited addresses), not by physical address. */
export const VIRTIO_F_ACCESS_PLATFORM = 33;
/** Older name of {@linkcode VIRTIO_F_ACCESS_PLATFORM}. */
export const VIRTIO_F_IOMMU_PLATFORM = VIRTIO_F_ACCESS_PLATFORM;
/** Virtqueues may use the packed layout. */
export const VIRTIO_F_RING_PACKED = 34;
/** The device uses buffers in the order in which they were made available. */
export const VIRTIO_F_IN_ORDER = 35;
/** Memory accesses of both sides are ordered as the platform says, so that real barriers are needed. */
export const VIRTIO_F_ORDER_PLATFORM = 36;
/** The device supports single root I/O virtualization (PCI only). */
export const VIRTIO_F_SR_IOV = 37;
/** Available-buffer notifications carry the ring position along with the queue's index. */
export const VIRTIO_F_NOTIFICATION_DATA = 38;
/** Available-buffer notifications carry a value the device gave instead of the queue's index. */
export const VIRTIO_F_NOTIF_CONFIG_DATA = 39;
/** The driver can reset one queue alone. */
export const VIRTIO_F_RING_RESET = 40;
/** The device has administration virtqueues. */
export const VIRTIO_F_ADMIN_VQ = 41;
/** The driver can suspend the device with {@linkcode VIRTIO_CONFIG_S_SUSPEND}. New in 1.4. */
export const VIRTIO_F_SUSPEND = 43;

/** Matches any device or vendor in a driver's id table. Linux: VIRTIO_DEV_ANY_ID, mod_devicetable.h. */
export const VIRTIO_DEV_ANY_ID = 0xffffffff;
