/**
 * Makes the network of a `-netdev`.
 *
 * @module
 */
import type { Host, SocketAddress } from "../host.ts";
import type { Activity } from "./activity.ts";
import { HubPort, type Hubs, type Netdev } from "./netdev.ts";
import { DgramNetdev, StreamNetdev } from "./netdev_socket.ts";
import { UserNetdev } from "./netdev_user.ts";

/** Kinds of `-netdev` that the embedded machine knows. */
export const NETDEV_TYPES = ["hubport", "dgram", "stream", "user"] as const;

/** The options of `-netdev`; the names are QEMU's. */
export interface NetdevOptions {
  /** Name of the network. */
  readonly id: string;
  /** Kind: one of {@linkcode NETDEV_TYPES}. */
  readonly type: string;
  /** Number of the hub. */
  readonly hubid?: number;
  /** Where a datagram socket listens. */
  readonly local?: SocketAddress;
  /** Where it sends to. */
  readonly remote?: SocketAddress;
  /** Where a stream connects or listens. */
  readonly addr?: SocketAddress;
  /** Whether a stream listens. Default false. */
  readonly server?: boolean;
}

/** What networks need of their machine. */
export interface NetdevEnvironment {
  /** Where sockets are; `undefined` when there are none. */
  readonly host: Host | undefined;
  /** Rung whenever a frame comes from outside. */
  readonly activity: Activity;
  /** The hubs, which several machines may share. */
  readonly hubs: Hubs;
}

/**
 * Makes the network of a `-netdev`.
 *
 * @throws {Error} One line, in QEMU's words where QEMU has them.
 */
export function createNetdev(options: NetdevOptions, environment: NetdevEnvironment): Netdev {
  const { id, type } = options;
  const { host, activity, hubs } = environment;
  switch (type) {
    case "user":
      return new UserNetdev(id);
    case "hubport":
      if (options.hubid === undefined) throw new Error("Parameter 'hubid' is missing");
      return new HubPort(id, hubs.get(options.hubid), activity);
    case "dgram":
    case "stream":
      if (host) return createSocket(options, host, activity);
      throw new Error(`netdev '${id}': ${type} needs a host program with sockets`);
  }
  throw new Error(
    `Parameter 'type' does not accept value '${type}'; known: ${NETDEV_TYPES.join(", ")}`,
  );
}

function createSocket(options: NetdevOptions, host: Host, activity: Activity): Netdev {
  const { id, type, local, remote, addr } = options;
  if (type === "stream") {
    if (!addr) throw new Error("Parameter 'addr' is missing");
    return new StreamNetdev(id, host.stream(addr, options.server ?? false), activity);
  }
  if (!local) throw new Error("dgram requires local= parameter");
  if (!remote) throw new Error("type=inet or type=unix requires remote parameter");
  return new DgramNetdev(id, host.datagram(local, remote), activity);
}
