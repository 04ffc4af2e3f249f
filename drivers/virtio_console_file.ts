/**
 * `/dev/vportNpM`: what opening, reading, writing and closing a port does, and what debugfs shows.
 *
 * Linux: drivers/char/virtio_console.c: port_fops, port_debugfs
 *
 * @module
 */
import { KernelError } from "../kernel/errors.ts";
import { thisModule } from "../kernel/module.ts";
import { type OpenFile, type OpenFlags, type SpecialFile, textFile } from "../kernel/vfs/node.ts";
import { VIRTIO_CONSOLE_PORT_OPEN } from "../uapi/virtio_console.ts";
import { PDRVDATA } from "./virtio_console_device.ts";
import type { Port } from "./virtio_console_port.ts";

/** Most bytes that one write takes. */
const WRITE_LIMIT = 32 * 1024;

/** An open port. */
export class PortFile implements OpenFile {
  constructor(readonly port: Port, readonly flags: OpenFlags) {}

  #checkPlugged(): undefined {
    if (!this.port.guestConnected) {
      throw new KernelError("ENODEV", `${this.port.name}: was unplugged`);
    }
  }

  /**
   * Reads what came; waits for it while the host has the other end open.
   *
   * Linux: port_fops_read()
   *
   * @returns Nothing when the host has closed its end.
   */
  async read(count: number): Promise<Uint8Array> {
    const { port } = this;
    this.#checkPlugged();
    if (!port.hasData()) {
      if (!port.hostConnected) return new Uint8Array(0);
      if (this.flags.nonblock === true) throw new KernelError("EAGAIN", `${port.name}: no data`);
      await port.waitqueue.waitEventInterruptible(() => !port.willReadBlock());
      this.#checkPlugged();
    }
    if (!port.hasData() && !port.hostConnected) return new Uint8Array(0);
    return port.fillReadbuf(count);
  }

  /** Sends up to 32 KiB; waits while the host has closed its end or the queue is full. Linux: port_fops_write() */
  async write(data: Uint8Array): Promise<number> {
    const { port } = this;
    if (data.length === 0) return 0;
    if (port.willWriteBlock()) {
      if (this.flags.nonblock === true) throw new KernelError("EAGAIN", `${port.name}: no room`);
      await port.waitqueue.waitEventInterruptible(() => !port.willWriteBlock());
    }
    this.#checkPlugged();
    const sent = port.send(data.subarray(0, WRITE_LIMIT), false);
    if (sent < 0) throw new KernelError("ENOMEM", `${port.name}: no memory for what to send`);
    return sent;
  }

  /** Linux: port_fops_poll() */
  poll(): { readonly in: boolean; readonly out: boolean; readonly hup: boolean } {
    const { port } = this;
    if (!port.guestConnected) return { in: false, out: false, hup: true };
    return { in: !port.willReadBlock(), out: !port.willWriteBlock(), hup: !port.hostConnected };
  }

  /** Tells the host and drops unread input. Linux: port_fops_release() */
  async close(): Promise<undefined> {
    const { port } = this;
    if (!port.gone) port.portdev.sendControl(port.id, VIRTIO_CONSOLE_PORT_OPEN, 0);
    port.guestConnected = false;
    port.discardData();
    port.reclaim();
    thisModule(port.kernel, "virtio_console").refs--;
  }
}

/**
 * The node of a port.
 *
 * Linux: port_fops_open(): `ENXIO` for a port that is a console, `EBUSY` when it is open
 */
export function portNode(port: Port, major: number): SpecialFile {
  return {
    kind: "char",
    mode: 0o600,
    major,
    minor: port.id,
    async open(flags) {
      if (port.gone) throw new KernelError("ENXIO", `${port.name}: was unplugged`);
      if (port.console !== undefined) {
        throw new KernelError("ENXIO", `${port.name}: is a console, which is opened as hvc`);
      }
      if (port.guestConnected) throw new KernelError("EBUSY", `${port.name}: is open already`);
      thisModule(port.kernel, "virtio_console").refs++;
      port.guestConnected = true;
      port.reclaim();
      port.portdev.sendControl(port.id, VIRTIO_CONSOLE_PORT_OPEN, 1);
      return new PortFile(port, flags);
    },
  };
}

/** Linux: port_debugfs_show() */
function showPort(port: Port): string {
  const { stats, console } = port;
  return [
    `name: ${port.portName ?? ""}`,
    `guest_connected: ${Number(port.guestConnected)}`,
    `host_connected: ${Number(port.hostConnected)}`,
    `outvq_full: ${Number(port.outvqFull)}`,
    `bytes_sent: ${stats.bytesSent}`,
    `bytes_received: ${stats.bytesReceived}`,
    `bytes_discarded: ${stats.bytesDiscarded}`,
    `is_console: ${console === undefined ? "no" : "yes"}`,
    `console_vtermno: ${console?.vtermno ?? 0}`,
    "",
  ].join("\n");
}

/** Makes the port's file in `/sys/kernel/debug/virtio-ports`. */
export function addPortDebugfs(port: Port): undefined {
  const dir = port.kernel.get(PDRVDATA).debugfsDir;
  const { name } = port;
  dir.add(name, textFile(() => showPort(port)));
  port.debugfs = dir;
}
