/**
 * The entropy source: one queue of buffers that the device fills. It has no features, no
 * configuration and no structures.
 *
 * Linux: include/uapi/linux/virtio_rng.h. VIRTIO 1.4, 5.4.
 *
 * @module
 */
export { VIRTIO_ID_RNG } from "./virtio_ids.ts";
