/**
 * Device type numbers, as the DeviceID register of virtio-mmio gives them. Zero is an empty slot.
 *
 * Linux: include/uapi/linux/virtio_ids.h. VIRTIO 1.4, 5.
 *
 * @module
 */

/** Network card. */
export const VIRTIO_ID_NET = 1;
/** Block device. */
export const VIRTIO_ID_BLOCK = 2;
/** Console. */
export const VIRTIO_ID_CONSOLE = 3;
/** Entropy source. */
export const VIRTIO_ID_RNG = 4;
/** Memory balloon, traditional. */
export const VIRTIO_ID_BALLOON = 5;
/** ioMemory. */
export const VIRTIO_ID_IOMEM = 6;
/** Remote processor messages. */
export const VIRTIO_ID_RPMSG = 7;
/** SCSI host. */
export const VIRTIO_ID_SCSI = 8;
/** 9P file system transport. */
export const VIRTIO_ID_9P = 9;
/** Wireless network MAC. */
export const VIRTIO_ID_MAC80211_WLAN = 10;
/** Serial link to a remote processor. */
export const VIRTIO_ID_RPROC_SERIAL = 11;
/** CAIF modem link. */
export const VIRTIO_ID_CAIF = 12;
/** Memory balloon, revised. */
export const VIRTIO_ID_MEMORY_BALLOON = 13;
/** Graphics. */
export const VIRTIO_ID_GPU = 16;
/** Clock and timer. */
export const VIRTIO_ID_CLOCK = 17;
/** Keyboard, mouse, tablet and other input. */
export const VIRTIO_ID_INPUT = 18;
/** Socket transport between guest and host. */
export const VIRTIO_ID_VSOCK = 19;
/** Cryptography. */
export const VIRTIO_ID_CRYPTO = 20;
/** Signal distribution. */
export const VIRTIO_ID_SIGNAL_DIST = 21;
/** Persistent store for crash logs. */
export const VIRTIO_ID_PSTORE = 22;
/** I/O memory management unit. */
export const VIRTIO_ID_IOMMU = 23;
/** Hot-pluggable memory. */
export const VIRTIO_ID_MEM = 24;
/** Sound. */
export const VIRTIO_ID_SOUND = 25;
/** Shared file system. */
export const VIRTIO_ID_FS = 26;
/** Persistent memory. */
export const VIRTIO_ID_PMEM = 27;
/** Replay-protected memory block. */
export const VIRTIO_ID_RPMB = 28;
/** Simulated wireless hardware. */
export const VIRTIO_ID_MAC80211_HWSIM = 29;
/** Video encoder. */
export const VIRTIO_ID_VIDEO_ENCODER = 30;
/** Video decoder. */
export const VIRTIO_ID_VIDEO_DECODER = 31;
/** System control and management interface. */
export const VIRTIO_ID_SCMI = 32;
/** Nitro secure module. */
export const VIRTIO_ID_NITRO_SEC_MOD = 33;
/** I2C adapter. */
export const VIRTIO_ID_I2C_ADAPTER = 34;
/** Watchdog. */
export const VIRTIO_ID_WATCHDOG = 35;
/** CAN bus. */
export const VIRTIO_ID_CAN = 36;
/** Shared DMA buffers. */
export const VIRTIO_ID_DMABUF = 37;
/** Parameter server. */
export const VIRTIO_ID_PARAM_SERV = 38;
/** Audio policy. */
export const VIRTIO_ID_AUDIO_POLICY = 39;
/** Bluetooth. */
export const VIRTIO_ID_BT = 40;
/** General-purpose I/O. */
export const VIRTIO_ID_GPIO = 41;

// Named by VIRTIO 1.4 only; Linux 6.1 has no constants for them.

/** Remote direct memory access. */
export const VIRTIO_ID_RDMA = 42;
/** Camera. */
export const VIRTIO_ID_CAMERA = 43;
/** Inter-system memory. */
export const VIRTIO_ID_ISM = 44;
/** SPI controller. */
export const VIRTIO_ID_SPI = 45;
/** Trusted execution environment. */
export const VIRTIO_ID_TEE = 46;
/** CPU balloon. */
export const VIRTIO_ID_CPU_BALLOON = 47;
/** Media. */
export const VIRTIO_ID_MEDIA = 48;
/** USB controller. */
export const VIRTIO_ID_USB = 49;

// PCI device ids of transitional devices, which speak both the legacy and the modern interface.

/** Network card, transitional. */
export const VIRTIO_TRANS_ID_NET = 0x1000;
/** Block device, transitional. */
export const VIRTIO_TRANS_ID_BLOCK = 0x1001;
/** Memory balloon, transitional. */
export const VIRTIO_TRANS_ID_BALLOON = 0x1002;
/** Console, transitional. */
export const VIRTIO_TRANS_ID_CONSOLE = 0x1003;
/** SCSI host, transitional. */
export const VIRTIO_TRANS_ID_SCSI = 0x1004;
/** Entropy source, transitional. */
export const VIRTIO_TRANS_ID_RNG = 0x1005;
/** 9P file system transport, transitional. */
export const VIRTIO_TRANS_ID_9P = 0x1009;
