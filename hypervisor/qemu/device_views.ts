/**
 * What QEMU's devices believe, asked of QEMU itself: not through the registers that the driver uses, so
 * it is a second opinion.
 *
 * QEMU: qapi/virtio.json
 *
 * @module
 */
import * as balloon from "../../uapi/virtio_balloon.ts";
import * as blk from "../../uapi/virtio_blk.ts";
import * as config from "../../uapi/virtio_config.ts";
import * as console from "../../uapi/virtio_console.ts";
import * as net from "../../uapi/virtio_net.ts";
import * as ring from "../../uapi/virtio_ring.ts";
import { SLOT_BASE, SLOT_SIZE } from "../embedded/memory_map.ts";
import type { DeviceView, QueueView } from "../platform.ts";
import type { QmpLink } from "./qmp_link.ts";

/** QEMU names bits as Linux does. */
const NUMBERS: Readonly<Record<string, unknown>> = {
  ...balloon,
  ...blk,
  ...config,
  ...console,
  ...net,
  ...ring,
};
interface Status {
  readonly "device-id": number;
  readonly "num-vqs": number;
  readonly status: {
    readonly statuses: readonly string[];
    readonly "unknown-statuses"?: number;
  };
  readonly "guest-features": {
    readonly transports: readonly string[];
    readonly "dev-features"?: readonly string[];
    readonly "unknown-dev-features"?: number;
  };
}

interface QueueStatus {
  readonly "queue-index": number;
  readonly "vring-num": number;
  readonly "vring-desc": number;
  readonly "vring-avail": number;
  readonly "vring-used": number;
  readonly "last-avail-idx": number;
  readonly "used-idx": number;
}

/** The number behind `NAME: explanation`. */
function numberOf(text: string): number {
  const name = text.split(":")[0];
  const value = NUMBERS[name];
  if (typeof value === "number") return value;
  throw new Error(`qemu: the name '${name}' in QEMU's account of a device is unknown`);
}

function features(status: Status): bigint {
  const { transports, ...rest } = status["guest-features"];
  const names = [...transports, ...rest["dev-features"] ?? []];
  const known = names.reduce((sum, name) => sum | 1n << BigInt(numberOf(name)), 0n);
  return known | BigInt(rest["unknown-dev-features"] ?? 0);
}

function statusBits({ status }: Status): number {
  const known = status.statuses.reduce((sum, name) => sum | numberOf(name), 0);
  return known | (status["unknown-statuses"] ?? 0);
}

function queueView(qmp: QmpLink, path: string, queue: number): QueueView | undefined {
  const status = qmp.run("x-query-virtio-queue-status", { path, queue }) as QueueStatus;
  if (status["vring-desc"] === 0) return undefined;
  return {
    index: status["queue-index"],
    size: status["vring-num"],
    desc: status["vring-desc"],
    avail: status["vring-avail"],
    used: status["vring-used"],
    lastAvailIdx: status["last-avail-idx"],
    usedIdx: status["used-idx"],
  };
}

/** All virtio devices, by address. */
export function queryDeviceViews(qmp: QmpLink): DeviceView[] {
  const views: DeviceView[] = [];
  for (const { path } of qmp.run("x-query-virtio") as { readonly path: string }[]) {
    const bus = String(qmp.run("qom-get", { path, property: "parent_bus" }));
    const slot = /virtio-mmio-bus\.(\d+)$/.exec(bus);
    if (slot === null) continue;
    const status = qmp.run("x-query-virtio-status", { path }) as Status;
    const queues = Array.from({ length: status["num-vqs"] }, (_, i) => queueView(qmp, path, i));
    views.push({
      address: SLOT_BASE + SLOT_SIZE * Number(slot[1]),
      deviceId: status["device-id"],
      status: statusBits(status),
      features: features(status),
      queues: queues.filter((queue) => queue !== undefined),
    });
  }
  return views.sort((a, b) => a.address - b.address);
}
