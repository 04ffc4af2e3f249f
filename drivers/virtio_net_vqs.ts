/**
 * The queues of a network card: receive and transmit in pairs, then control.
 *
 * Linux: drivers/net/virtio_net.c
 *
 * @module
 */
import { checkNapiWeight } from "../kernel/net/napi.ts";
import { thisModule } from "../kernel/module.ts";
import {
  virtioDelVqs,
  virtioFindVqs,
  virtioResetDevice,
  type VqSpec,
} from "./virtio/virtio_config.ts";
import { ControlQueue } from "./virtio_net_ctrl.ts";
import type { VirtnetInfo } from "./virtio_net_info.ts";
import { ReceiveQueue } from "./virtio_net_rx.ts";
import { SendQueue } from "./virtio_net_tx.ts";

/** Name of driver and module. */
export const NAME = "virtio_net";

/**
 * Makes the queues and has the card know them.
 *
 * Linux: init_vqs()
 *
 * @throws {KernelError} `ENOMEM`, or what the transport throws; nothing is left behind then.
 */
export async function initVqs(vi: VirtnetInfo): Promise<undefined> {
  allocQueues(vi);
  try {
    await findVqs(vi);
  } catch (error) {
    freeQueues(vi);
    throw error;
  }
}

/** Linux: virtnet_alloc_queues() */
function allocQueues(vi: VirtnetInfo): undefined {
  const module = thisModule(vi.kernel, NAME);
  const weight = Number(module.param("napi_weight"));
  const txWeight = module.param("napi_tx") === "Y" ? weight : 0;
  // The device has neither a name nor a number yet.
  checkNapiWeight(
    vi.kernel,
    `${vi.vdev.logName} (unnamed net_device) (uninitialized)`,
    weight,
  );
  vi.ctrl = vi.hasCvq ? new ControlQueue(vi) : undefined;
  for (let i = 0; i < vi.maxQueuePairs; i++) {
    vi.rq.push(new ReceiveQueue(vi, i, weight));
    vi.sq.push(new SendQueue(vi, i, txWeight));
  }
}

/** Linux: virtnet_free_queues() */
function freeQueues(vi: VirtnetInfo): undefined {
  vi.rq = [];
  vi.sq = [];
  vi.ctrl?.free();
  vi.ctrl = undefined;
}

/** Linux: virtnet_find_vqs() */
async function findVqs(vi: VirtnetInfo): Promise<undefined> {
  const specs: VqSpec[] = [];
  for (let i = 0; i < vi.maxQueuePairs; i++) {
    const [rq, sq] = [vi.rq[i], vi.sq[i]];
    specs.push({ name: `input.${i}`, callback: () => rq.recvDone() });
    specs.push({ name: `output.${i}`, callback: () => sq.xmitDone() });
  }
  if (vi.hasCvq) specs.push({ name: "control" });
  const vqs = await virtioFindVqs(vi.vdev, specs);
  for (let i = 0; i < vi.maxQueuePairs; i++) {
    vi.rq[i].vq = vqs[2 * i];
    vi.sq[i].vq = vqs[2 * i + 1];
  }
  vi.cvq = vi.hasCvq ? vqs[2 * vi.maxQueuePairs] : undefined;
}

/** Resets the card and gives back all that it had. Linux: remove_vq_common() */
export function removeVqCommon(vi: VirtnetInfo): undefined {
  virtioResetDevice(vi.vdev);
  for (const sq of vi.sq) sq.release();
  for (const rq of vi.rq) rq.release();
  virtioDelVqs(vi.vdev);
  freeQueues(vi);
}
