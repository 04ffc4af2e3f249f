/**
 * Ethernet: addresses and what is common to all Ethernet devices.
 *
 * Linux: net/ethernet/eth.c, include/linux/etherdevice.h
 *
 * @module
 */
import { KernelError } from "../errors.ts";
import type { Kernel } from "../kernel.ts";
import { ETH_ALEN, ETH_HLEN, ETH_P_802_2, ETH_P_802_3_MIN, IFF_UP, NET_ADDR_RANDOM } from "./if.ts";
import type { NetDevice } from "./netdevice.ts";

const FNV_OFFSET = 0x811c9dc5;
const FNV_PRIME = 0x01000193;

/** An address in its usual form: `52:54:00:12:34:56`. Linux: %pM */
export function formatMac(address: Uint8Array): string {
  return Array.from(address, (byte) => byte.toString(16).padStart(2, "0")).join(":");
}

/**
 * The bytes of an address in its usual form.
 *
 * @throws {KernelError} `EINVAL` when it is none.
 */
export function parseMac(text: string): Uint8Array {
  const words = text.split(":");
  if (words.length !== ETH_ALEN || words.some((word) => !/^[0-9a-fA-F]{1,2}$/.test(word))) {
    throw new KernelError("EINVAL", `'${text}' is not an Ethernet address`);
  }
  return Uint8Array.from(words, (word) => parseInt(word, 16));
}

/** The address names a group. Linux: is_multicast_ether_addr() */
function isMulticastEtherAddr(address: Uint8Array): boolean {
  return (address[0] & 1) !== 0;
}

/** The address names one station and is not zero. Linux: is_valid_ether_addr() */
export function isValidEtherAddr(address: Uint8Array): boolean {
  return address.length === ETH_ALEN && !isMulticastEtherAddr(address) &&
    address.some((byte) => byte !== 0);
}

function fnv(hash: number, bytes: Iterable<number>): number {
  for (const byte of bytes) hash = Math.imul(hash ^ byte, FNV_PRIME);
  return hash >>> 0;
}

/**
 * A locally administered address that looks random and is the same in every run: it is made of the
 * machine's `/chosen/rng-seed`, where the device tree has one, and of the path of the device.
 *
 * Linux: eth_random_addr(), with a generator that the boot loader seeded
 */
export function ethRandomAddr(kernel: Kernel, path: string): Uint8Array {
  const seed = kernel.tree?.chosen?.get("rng-seed") ?? new Uint8Array();
  const address = new Uint8Array(ETH_ALEN);
  let hash = fnv(fnv(FNV_OFFSET, seed), new TextEncoder().encode(path));
  for (let at = 0; at < ETH_ALEN; at++) {
    hash = fnv(hash, [at]);
    address[at] = hash >>> 24;
  }
  address[0] = (address[0] & 0xfe) | 0x02;
  return address;
}

/** Gives a device such an address. Linux: eth_hw_addr_random() */
export function ethHwAddrRandom(dev: NetDevice): undefined {
  dev.addrAssignType = NET_ADDR_RANDOM;
  dev.devAddr = ethRandomAddr(dev.kernel, dev.parentDevice?.path ?? dev.name);
}

/**
 * Says whether the address may be changed now.
 *
 * Linux: eth_prepare_mac_addr_change()
 *
 * @throws {KernelError} `EBUSY` while up, unless the device can change it then; `EADDRNOTAVAIL` for
 *   an address that is not one station's.
 */
export function ethPrepareMacAddrChange(dev: NetDevice, address: Uint8Array): undefined {
  if (!dev.liveAddrChange && (dev.flags & IFF_UP) !== 0) {
    throw new KernelError("EBUSY", `${dev.name}: is up`);
  }
  if (!isValidEtherAddr(address)) {
    throw new KernelError(
      "EADDRNOTAVAIL",
      `${dev.name}: ${formatMac(address)} is no address for an interface`,
    );
  }
}

/** The device's own address must be one station's. Linux: eth_validate_addr() */
export function ethValidateAddr(dev: NetDevice): undefined {
  if (!isValidEtherAddr(dev.devAddr)) {
    throw new KernelError("EADDRNOTAVAIL", `${dev.name}: has no usable address`);
  }
}

/** What follows the header: a protocol number, or `ETH_P_802_2` where there is a length. */
export function ethProtocol(frame: Uint8Array): number {
  const type = frame[ETH_HLEN - 2] << 8 | frame[ETH_HLEN - 1];
  return type >= ETH_P_802_3_MIN ? type : ETH_P_802_2;
}
