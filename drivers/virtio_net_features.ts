/**
 * Features of network cards that Linux 6.1 knows, and which make no sense without others.
 *
 * Linux: drivers/net/virtio_net.c
 *
 * @module
 */
import { VIRTIO_F_ANY_LAYOUT } from "../uapi/virtio_config.ts";
import * as uapi from "../uapi/virtio_net.ts";
import { devErr, devWarn } from "../kernel/base/device.ts";
import { KernelError } from "../kernel/errors.ts";
import { ETH_MIN_MTU } from "../kernel/net/if.ts";
import type { VirtioDevice } from "./virtio/virtio.ts";
import { virtioClearBit, virtioCread16, virtioHasFeature } from "./virtio/virtio_config.ts";

/** What the driver knows. Linux: VIRTNET_FEATURES */
export const VIRTNET_FEATURES: readonly number[] = [
  uapi.VIRTIO_NET_F_CSUM,
  uapi.VIRTIO_NET_F_GUEST_CSUM,
  uapi.VIRTIO_NET_F_MAC,
  uapi.VIRTIO_NET_F_HOST_TSO4,
  uapi.VIRTIO_NET_F_HOST_UFO,
  uapi.VIRTIO_NET_F_HOST_TSO6,
  uapi.VIRTIO_NET_F_HOST_ECN,
  uapi.VIRTIO_NET_F_GUEST_TSO4,
  uapi.VIRTIO_NET_F_GUEST_TSO6,
  uapi.VIRTIO_NET_F_GUEST_ECN,
  uapi.VIRTIO_NET_F_GUEST_UFO,
  uapi.VIRTIO_NET_F_MRG_RXBUF,
  uapi.VIRTIO_NET_F_STATUS,
  uapi.VIRTIO_NET_F_CTRL_VQ,
  uapi.VIRTIO_NET_F_CTRL_RX,
  uapi.VIRTIO_NET_F_CTRL_VLAN,
  uapi.VIRTIO_NET_F_GUEST_ANNOUNCE,
  uapi.VIRTIO_NET_F_MQ,
  uapi.VIRTIO_NET_F_CTRL_MAC_ADDR,
  uapi.VIRTIO_NET_F_MTU,
  uapi.VIRTIO_NET_F_CTRL_GUEST_OFFLOADS,
  uapi.VIRTIO_NET_F_SPEED_DUPLEX,
  uapi.VIRTIO_NET_F_STANDBY,
  uapi.VIRTIO_NET_F_RSS,
  uapi.VIRTIO_NET_F_HASH_REPORT,
  uapi.VIRTIO_NET_F_NOTF_COAL,
];

/** What it knows on a legacy card. Linux: features_legacy */
export const VIRTNET_FEATURES_LEGACY: readonly number[] = [
  ...VIRTNET_FEATURES,
  uapi.VIRTIO_NET_F_GSO,
  VIRTIO_F_ANY_LAYOUT,
];

/** Features that need the control queue, in the order in which they are looked at. */
const NEED_CTRL_VQ: readonly (readonly [bit: number, name: string])[] = [
  [uapi.VIRTIO_NET_F_CTRL_RX, "VIRTIO_NET_F_CTRL_RX"],
  [uapi.VIRTIO_NET_F_CTRL_VLAN, "VIRTIO_NET_F_CTRL_VLAN"],
  [uapi.VIRTIO_NET_F_GUEST_ANNOUNCE, "VIRTIO_NET_F_GUEST_ANNOUNCE"],
  [uapi.VIRTIO_NET_F_MQ, "VIRTIO_NET_F_MQ"],
  [uapi.VIRTIO_NET_F_CTRL_MAC_ADDR, "VIRTIO_NET_F_CTRL_MAC_ADDR"],
  [uapi.VIRTIO_NET_F_RSS, "VIRTIO_NET_F_RSS"],
  [uapi.VIRTIO_NET_F_HASH_REPORT, "VIRTIO_NET_F_HASH_REPORT"],
  [uapi.VIRTIO_NET_F_NOTF_COAL, "VIRTIO_NET_F_NOTF_COAL"],
];

/** The first feature that lacks the control queue. Linux: virtnet_validate_features() */
function lacksCtrlVq(vdev: VirtioDevice): string | undefined {
  if (virtioHasFeature(vdev, uapi.VIRTIO_NET_F_CTRL_VQ)) return undefined;
  return NEED_CTRL_VQ.find(([bit]) => virtioHasFeature(vdev, bit))?.[1];
}

/**
 * Looks at what the card offers before anything is settled: gives up what cannot work, refuses what
 * makes no sense.
 *
 * Linux: virtnet_validate()
 *
 * @throws {KernelError} `EINVAL` for a feature without the control queue that it needs.
 */
export async function virtnetValidate(vdev: VirtioDevice): Promise<undefined> {
  const name = lacksCtrlVq(vdev);
  if (name !== undefined) {
    const why = `device advertises feature ${name} but not VIRTIO_NET_F_CTRL_VQ`;
    devErr(vdev, why);
    throw new KernelError("EINVAL", `${vdev.name}: ${why}`);
  }
  if (
    virtioHasFeature(vdev, uapi.VIRTIO_NET_F_MTU) &&
    virtioCread16(vdev, uapi.VIRTIO_NET_CONFIG_MTU) < ETH_MIN_MTU
  ) virtioClearBit(vdev, uapi.VIRTIO_NET_F_MTU);
  if (
    virtioHasFeature(vdev, uapi.VIRTIO_NET_F_STANDBY) &&
    !virtioHasFeature(vdev, uapi.VIRTIO_NET_F_MAC)
  ) {
    devWarn(
      vdev,
      "device advertises feature VIRTIO_NET_F_STANDBY but not VIRTIO_NET_F_MAC, disabling standby",
    );
    virtioClearBit(vdev, uapi.VIRTIO_NET_F_STANDBY);
  }
}
