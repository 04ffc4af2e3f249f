/**
 * Network cards: the driver of virtio-net devices.
 *
 * A card that offers no address gets one from {@linkcode ethRandomAddr}, the same in every run.
 * Hash reports and steering by hash are negotiated as Linux does, but never switched on: nothing here
 * asks for them. There is no XDP, and offloads are only negotiated.
 *
 * Linux: drivers/net/virtio_net.c. VIRTIO 1.4, 5.1
 *
 * @module
 */
import { VIRTIO_DEV_ANY_ID } from "../uapi/virtio_config.ts";
import { VIRTIO_ID_NET } from "../uapi/virtio_ids.ts";
import * as uapi from "../uapi/virtio_net.ts";
import { devErr, devInfo } from "../kernel/base/device.ts";
import type { RegisteredDriver } from "../kernel/base/driver.ts";
import { numOnlineCpus } from "../kernel/cpu.ts";
import { KernelError } from "../kernel/errors.ts";
import type { Kernel } from "../kernel/kernel.ts";
import type { AttributeGroup } from "../kernel/kobject.ts";
import { type ModuleImage, thisModule } from "../kernel/module.ts";
import { parseBool } from "../kernel/module_param.ts";
import {
  allocEtherdev,
  netifDeviceAttach,
  netifDeviceDetach,
  registerNetdevice,
  unregisterNetdev,
} from "../kernel/net/dev.ts";
import { ethHwAddrRandom, formatMac } from "../kernel/net/eth.ts";
import { ETH_ALEN, ETH_MAX_MTU, ETH_MIN_MTU } from "../kernel/net/if.ts";
import { netifCarrierOff, netifCarrierOn } from "../kernel/net/link_watch.ts";
import {
  netifSetRealNumRxQueues,
  netifSetRealNumTxQueues,
  type RxQueue,
} from "../kernel/net/net_queues.ts";
import type { NetDevice } from "../kernel/net/netdevice.ts";
import { NET_DEVICES } from "../kernel/net/registry.ts";
import { Slot } from "../kernel/slot.ts";
import { SYSTEM_WQ } from "../kernel/workqueue.ts";
import { netFailoverCreate, netFailoverDestroy } from "./net_failover.ts";
import type { VirtioDriver } from "./virtio/driver.ts";
import {
  registerVirtioDriver,
  unregisterVirtioDriver,
  type VirtioDevice,
} from "./virtio/virtio.ts";
import {
  virtioCread16,
  virtioCread32,
  virtioCread8,
  virtioCreadBytes,
  virtioDeviceReady,
  virtioHasFeature,
} from "./virtio/virtio_config.ts";
import {
  VIRTNET_FEATURES,
  VIRTNET_FEATURES_LEGACY,
  virtnetValidate,
} from "./virtio_net_features.ts";
import { VirtnetInfo } from "./virtio_net_info.ts";
import {
  configChangedWork,
  refillWork,
  updateSettings,
  virtnetClose,
  virtnetNetdev,
  virtnetOpen,
  virtnetSetAffinity,
  virtnetSetQueues,
} from "./virtio_net_ops.ts";
import { initVqs, NAME, removeVqCommon } from "./virtio_net_vqs.ts";

/** The driver of each kernel and the state of its cards. */
interface VirtnetState {
  driver: RegisteredDriver | undefined;
  readonly infos: Map<NetDevice, VirtnetInfo>;
}

const VIRTNET: Slot<VirtnetState> = new Slot(NAME, () => ({
  driver: undefined,
  infos: new Map(),
}));

/**
 * The driver's state of the card behind an interface.
 *
 * @throws {KernelError} `ENODEV` when there is none.
 */
export function virtnetInfo(dev: NetDevice): VirtnetInfo {
  const vi = dev.kernel.get(VIRTNET).infos.get(dev);
  if (vi === undefined) throw new KernelError("ENODEV", `${dev.name}: is not of virtio_net`);
  return vi;
}

const VIRTNET_NETDEV = virtnetNetdev(virtnetInfo);

/** Size of the next buffer of a receive queue. Linux: mergeable_rx_buffer_size_show() */
const MRG_RX_GROUP: AttributeGroup<RxQueue> = {
  name: "virtio_net",
  attrs: [{
    name: "mergeable_rx_buffer_size",
    mode: 0o444,
    show: ({ dev, index }) => `${virtnetInfo(dev).rq[index].mergeableBufLen}\n`,
  }],
};

/** How many pairs of queues the card has. */
function maxQueuePairs(vdev: VirtioDevice): number {
  const many = virtioHasFeature(vdev, uapi.VIRTIO_NET_F_MQ) ||
    virtioHasFeature(vdev, uapi.VIRTIO_NET_F_RSS);
  if (!many) return 1;
  const pairs = virtioCread16(vdev, uapi.VIRTIO_NET_CONFIG_MAX_VIRTQUEUE_PAIRS);
  const usable = pairs >= uapi.VIRTIO_NET_CTRL_MQ_VQ_PAIRS_MIN &&
    pairs <= uapi.VIRTIO_NET_CTRL_MQ_VQ_PAIRS_MAX &&
    virtioHasFeature(vdev, uapi.VIRTIO_NET_F_CTRL_VQ);
  return usable ? pairs : 1;
}

/** Address and limits of the interface. */
function setupNetdev(vdev: VirtioDevice, dev: NetDevice): undefined {
  dev.parentDevice = vdev;
  dev.liveAddrChange = true;
  dev.hasNapi = true;
  dev.minMtu = ETH_MIN_MTU;
  dev.maxMtu = ETH_MAX_MTU;
  if (virtioHasFeature(vdev, uapi.VIRTIO_NET_F_MAC)) {
    dev.devAddr = virtioCreadBytes(vdev, uapi.VIRTIO_NET_CONFIG_MAC, ETH_ALEN);
  } else {
    ethHwAddrRandom(dev);
    devInfo(vdev, `Assigned random MAC address ${formatMac(dev.devAddr)}`);
  }
}

/** Reads what the card could do with hashes; nothing here uses it. */
function readRss(vi: VirtnetInfo): undefined {
  if (!vi.has(uapi.VIRTIO_NET_F_RSS) && !vi.has(uapi.VIRTIO_NET_F_HASH_REPORT)) return;
  virtioCread16(vi.vdev, uapi.VIRTIO_NET_CONFIG_RSS_MAX_INDIRECTION_TABLE_LENGTH);
  virtioCread8(vi.vdev, uapi.VIRTIO_NET_CONFIG_RSS_MAX_KEY_SIZE);
  virtioCread32(vi.vdev, uapi.VIRTIO_NET_CONFIG_SUPPORTED_HASH_TYPES);
}

/**
 * The MTU that the card wants, or 0.
 *
 * @throws {KernelError} `EINVAL` when it shrank below the least since it was looked at.
 */
function readMtu(vi: VirtnetInfo): number {
  if (!vi.has(uapi.VIRTIO_NET_F_MTU)) return 0;
  const { dev, vdev } = vi;
  const mtu = virtioCread16(vdev, uapi.VIRTIO_NET_CONFIG_MTU);
  if (mtu < dev.minMtu) {
    const why = `device MTU appears to have changed it is now ${mtu} < ${dev.minMtu}`;
    devErr(vdev, why);
    throw new KernelError("EINVAL", `${vdev.name}: ${why}`);
  }
  dev.mtu = dev.maxMtu = mtu;
  return mtu;
}

/** Linux: virtnet_probe() */
async function virtnetProbe(vdev: VirtioDevice): Promise<undefined> {
  const { kernel } = vdev;
  const pairs = maxQueuePairs(vdev);
  const dev = allocEtherdev(kernel, VIRTNET_NETDEV, pairs);
  setupNetdev(vdev, dev);
  const vi = new VirtnetInfo(vdev, dev, pairs, { refill: refillWork, config: configChangedWork });
  vdev.priv = vi;
  kernel.get(VIRTNET).infos.set(dev, vi);
  try {
    readRss(vi);
    vi.setBigPackets(readMtu(vi));
    if (vi.anyHeaderSg) dev.neededHeadroom = vi.hdrLen;
    vi.currQueuePairs = Math.min(pairs, numOnlineCpus(kernel));
    await initVqs(vi);
    virtnetSetAffinity(vi);
    await probeWithQueues(vi);
  } catch (error) {
    kernel.get(VIRTNET).infos.delete(dev);
    throw error;
  }
}

/** The second half of probe: from here on a failure takes the queues down again. */
async function probeWithQueues(vi: VirtnetInfo): Promise<undefined> {
  const { dev } = vi;
  try {
    if (vi.mergeableRxBufs) dev.sysfsRxQueueGroup = MRG_RX_GROUP;
    netifSetRealNumTxQueues(dev, vi.currQueuePairs);
    netifSetRealNumRxQueues(dev, vi.currQueuePairs);
    if (vi.has(uapi.VIRTIO_NET_F_STANDBY)) vi.failover = await netFailoverCreate(dev);
    await registerAndStart(vi);
  } catch (error) {
    if (vi.failover !== undefined) await netFailoverDestroy(vi.failover);
    await vi.refill.cancel();
    removeVqCommon(vi);
    throw error;
  }
}

async function registerAndStart(vi: VirtnetInfo): Promise<undefined> {
  const { dev, vdev, kernel } = vi;
  const { rtnl } = kernel.get(NET_DEVICES);
  const ready = await rtnl.with(async () => {
    await registerNetdevice(dev);
    virtioDeviceReady(vdev);
    return tellRandomMac(vi);
  });
  try {
    if (!ready) throw new KernelError("EINVAL", `${vdev.name}: the card refuses its address`);
    kernel.failable(`a notifier of processors for ${vdev.name}`);
  } catch (error) {
    await unregisterNetdev(dev);
    throw error;
  }
  await rtnl.with(async () => virtnetSetQueues(vi, vi.currQueuePairs)).catch(ignoreRefusal);
  startLink(vi);
}

/** A card that refuses a number of queues works with what it has, as in Linux. */
function ignoreRefusal(error: unknown): undefined {
  if (!(error instanceof KernelError)) throw error;
}

/** The card must know an address that it did not give. */
function tellRandomMac(vi: VirtnetInfo): boolean {
  if (vi.has(uapi.VIRTIO_NET_F_MAC) || !vi.has(uapi.VIRTIO_NET_F_CTRL_MAC_ADDR)) return true;
  return vi.ctrl?.setMac(vi.dev.devAddr) ?? true;
}

/** A card that does not tell of its link has one. */
function startLink(vi: VirtnetInfo): undefined {
  netifCarrierOff(vi.dev);
  if (vi.has(uapi.VIRTIO_NET_F_STATUS)) {
    vi.kernel.get(SYSTEM_WQ).queue(vi.configWork);
    return;
  }
  vi.status = uapi.VIRTIO_NET_S_LINK_UP;
  updateSettings(vi);
  netifCarrierOn(vi.dev);
}

/** Linux: virtnet_remove() */
async function virtnetRemove(vdev: VirtioDevice): Promise<undefined> {
  const vi = vdev.priv as VirtnetInfo;
  await vi.kernel.get(SYSTEM_WQ).flush(vi.configWork);
  await unregisterNetdev(vi.dev);
  if (vi.failover !== undefined) await netFailoverDestroy(vi.failover);
  removeVqCommon(vi);
  vi.kernel.get(VIRTNET).infos.delete(vi.dev);
}

/** Linux: virtnet_freeze() */
async function virtnetFreeze(vdev: VirtioDevice): Promise<undefined> {
  const vi = vdev.priv as VirtnetInfo;
  const { rtnl } = vi.kernel.get(NET_DEVICES);
  await vi.kernel.get(SYSTEM_WQ).flush(vi.configWork);
  netifDeviceDetach(vi.dev);
  if (vi.dev.running) await rtnl.with(() => virtnetClose(vi));
  removeVqCommon(vi);
}

/** Linux: virtnet_restore() */
async function virtnetRestore(vdev: VirtioDevice): Promise<undefined> {
  const vi = vdev.priv as VirtnetInfo;
  const { rtnl } = vi.kernel.get(NET_DEVICES);
  await initVqs(vi);
  virtioDeviceReady(vdev);
  vi.refillEnabled = true;
  if (vi.dev.running) await rtnl.with(() => virtnetOpen(vi));
  netifDeviceAttach(vi.dev);
  await rtnl.with(async () => virtnetSetQueues(vi, vi.currQueuePairs)).catch(ignoreRefusal);
}

const VIRTIO_NET_DRIVER: VirtioDriver = {
  name: NAME,
  idTable: [{ device: VIRTIO_ID_NET, vendor: VIRTIO_DEV_ANY_ID }],
  featureTable: VIRTNET_FEATURES,
  configFields: uapi.VIRTIO_NET_CONFIG,
  featureTableLegacy: VIRTNET_FEATURES_LEGACY,
  validate: virtnetValidate,
  probe: virtnetProbe,
  remove: virtnetRemove,
  configChanged: (vdev) => {
    const vi = vdev.priv as VirtnetInfo;
    vi.kernel.get(SYSTEM_WQ).queue(vi.configWork);
    return undefined;
  },
  freeze: virtnetFreeze,
  restore: virtnetRestore,
};

/** Linux: virtio_net_driver_init() */
async function virtioNetDriverInit(kernel: Kernel): Promise<number> {
  const module = thisModule(kernel, NAME);
  kernel.get(VIRTNET).driver = await registerVirtioDriver(kernel, VIRTIO_NET_DRIVER, module);
  return 0;
}

/** Linux: virtio_net_driver_exit() */
async function virtioNetDriverExit(kernel: Kernel): Promise<undefined> {
  await unregisterVirtioDriver(kernel.get(VIRTNET).driver as RegisteredDriver);
}

/** A number in decimal. Throws `EINVAL`. Linux: param_set_int() */
function parseInteger(value: string): string {
  if (!/^[+-]?[0-9]+$/.test(value)) throw new KernelError("EINVAL", `'${value}' is not a number`);
  return String(Number(value));
}

/** The driver as a module or built in. */
export const VIRTIO_NET: ModuleImage = {
  name: NAME,
  init: { name: "virtio_net_driver_init", level: "device", fn: virtioNetDriverInit },
  exit: { name: "virtio_net_driver_exit", fn: virtioNetDriverExit },
  imports: ["net_failover_destroy", "net_failover_create"],
  aliases: ["virtio:d00000001v*"],
  params: [
    { name: "napi_weight", mode: 0o444, default: "64", parse: parseInteger },
    { name: "csum", mode: 0o444, default: "Y", parse: parseBool },
    { name: "gso", mode: 0o444, default: "Y", parse: parseBool },
    { name: "napi_tx", mode: 0o644, default: "Y", parse: parseBool },
  ],
  size: 57344,
  description: "Virtio network driver",
  license: "GPL",
};
