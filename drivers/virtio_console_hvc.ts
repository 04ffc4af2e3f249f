/**
 * Ports that are consoles: how hvc moves characters through them.
 *
 * Linux: drivers/char/virtio_console.c: hv_ops, init_port_console()
 *
 * @module
 */
import { devErr, type Device } from "../kernel/base/device.ts";
import { ERRNO } from "../kernel/errno.ts";
import { KernelError } from "../kernel/errors.ts";
import type { Kernel } from "../kernel/kernel.ts";
import { PAGE_SIZE } from "../kernel/mem.ts";
import { Slot } from "../kernel/slot.ts";
import { VIRTIO_CONSOLE_F_SIZE, VIRTIO_CONSOLE_PORT_OPEN } from "../uapi/virtio_console.ts";
import { hvcAlloc } from "./tty/hvc_console.ts";
import type { HvcStruct, HvOps } from "./tty/hvc_struct.ts";
import { virtioHasFeature } from "./virtio/virtio_config.ts";
import { PDRVDATA } from "./virtio_console_device.ts";
import type { Port } from "./virtio_console_port.ts";

/** Linux: hv_ops */
const HV_OPS: Slot<HvOps> = new Slot("virtio hvc", hvOps);

function hvOps(kernel: Kernel): HvOps {
  const find = (vtermno: number): Port | undefined =>
    kernel.get(PDRVDATA).consoles.find((port) => port.console?.vtermno === vtermno);
  const stopNotifying = (hp: HvcStruct): undefined => {
    hp.irqRequested = false;
  };
  return {
    getChars: (vtermno, count) => find(vtermno)?.fillReadbuf(count) ?? -ERRNO.EPIPE,
    putChars: (vtermno, data) => find(vtermno)?.send(data, true) ?? -ERRNO.EPIPE,
    notifierAdd(hp) {
      const port = find(hp.vtermno);
      if (port === undefined) {
        throw new KernelError("EINVAL", `hvc${hp.index}: its port is gone`);
      }
      hp.irqRequested = true;
      resizeConsole(port);
    },
    notifierDel: stopNotifying,
    notifierHangup: stopNotifying,
  };
}

/** Tells hvc the size of a console. Linux: resize_console() */
export function resizeConsole(port: Port | undefined): undefined {
  const console = port?.console;
  if (port === undefined || console === undefined) return;
  const { isRprocSerial, vdev } = port.portdev;
  if (!isRprocSerial && virtioHasFeature(vdev, VIRTIO_CONSOLE_F_SIZE)) {
    console.hvc.resize(port.ws);
  }
}

/**
 * Makes a port a console.
 *
 * Linux: init_port_console()
 *
 * @throws {KernelError} What hvc says; the port then stays what it was.
 */
export async function initPortConsole(port: Port): Promise<undefined> {
  const { kernel } = port;
  const data = kernel.get(PDRVDATA);
  const vtermno = data.nextVtermno;
  try {
    const hvc = await hvcAlloc(kernel, vtermno, kernel.get(HV_OPS), PAGE_SIZE);
    port.console = { vtermno, hvc };
  } catch (error) {
    if (error instanceof KernelError) {
      devErr(port.dev as Device, `error ${-error.errno} allocating hvc for port`);
    }
    throw error;
  }
  data.nextVtermno++;
  // Only now can hvc find the port: what a new console prints at once, all older messages, is lost.
  data.consoles.push(port);
  port.guestConnected = true;
  port.portdev.sendControl(port.id, VIRTIO_CONSOLE_PORT_OPEN, 1);
}
