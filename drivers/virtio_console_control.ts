/**
 * Ports come and go, and what the host says about them.
 *
 * Linux: drivers/char/virtio_console.c: add_port(), unplug_port(), handle_control_message()
 *
 * @module
 */
import { deviceAdd, deviceDestroy } from "../kernel/base/core.ts";
import { type Class, devErr, Device, deviceUevent, devWarn } from "../kernel/base/device.ts";
import type { ChrdevRegion } from "../kernel/chrdev.ts";
import { KernelError } from "../kernel/errors.ts";
import type { AttributeGroup } from "../kernel/kobject.ts";
import {
  decodeVirtioConsoleControl,
  decodeVirtioConsoleResize,
  VIRTIO_CONSOLE_CONSOLE_PORT,
  VIRTIO_CONSOLE_CONTROL_SIZE,
  VIRTIO_CONSOLE_PORT_ADD,
  VIRTIO_CONSOLE_PORT_NAME,
  VIRTIO_CONSOLE_PORT_OPEN,
  VIRTIO_CONSOLE_PORT_READY,
  VIRTIO_CONSOLE_PORT_REMOVE,
  VIRTIO_CONSOLE_RESIZE,
} from "../uapi/virtio_console.ts";
import { hvcRemove } from "./tty/hvc_console.ts";
import type { Virtqueue } from "./virtio/virtio_ring.ts";
import { PDRVDATA, type PortsDevice } from "./virtio_console_device.ts";
import { addPortDebugfs, portNode } from "./virtio_console_file.ts";
import { initPortConsole, resizeConsole } from "./virtio_console_hvc.ts";
import { addInbuf, getInbuf, Port, type PortBuffer } from "./virtio_console_port.ts";

/** Linux: pdrvdata.class */
export const PORTS_CLASS: Class = { name: "virtio-ports" };

const decoder = new TextDecoder();

/**
 * Sets a port up and tells the host that it is ready, or that it failed.
 *
 * Linux: add_port()
 *
 * @throws {KernelError} `ENOMEM` and what registering gives; nothing is left behind then but input
 *   buffers in the port's queue, which stay until the device goes.
 */
export async function addPort(portdev: PortsDevice, id: number): Promise<undefined> {
  const { vdev } = portdev;
  const port = new Port(portdev, id);
  try {
    vdev.kernel.failable(`memory for ${port.name}`);
    await addPortDevice(port);
    if (portdev.isRprocSerial) port.hostConnected = true;
    else if (!portdev.useMultiport) await initPortConsole(port);
  } catch (error) {
    if (port.dev?.registered) await deviceDestroy(port.dev);
    portdev.sendControl(id, VIRTIO_CONSOLE_PORT_READY, 0);
    throw error;
  }
  portdev.ports.push(port);
  portdev.sendControl(id, VIRTIO_CONSOLE_PORT_READY, 1);
  addPortDebugfs(port);
}

/** The device of a port, and its input buffers. */
async function addPortDevice(port: Port): Promise<undefined> {
  const { portdev, id } = port;
  const { vdev } = portdev;
  const { major } = portdev.chrdev as ChrdevRegion;
  const dev = new Device(vdev.kernel, port.name);
  dev.cls = PORTS_CLASS;
  dev.parentDevice = vdev;
  dev.devt = { major, minor: id, node: portNode(port, major) };
  port.dev = dev;
  try {
    await deviceAdd(dev);
  } catch (error) {
    if (error instanceof KernelError) {
      devErr(vdev, `Error ${-error.errno} creating device for port ${id}`);
    }
    throw error;
  }
  try {
    portdev.fill(port.inVq);
  } catch (error) {
    devErr(dev, "Error allocating inbufs");
    throw error;
  }
}

/** Takes a port away; whoever has it open gets errors from now on. Linux: unplug_port() */
export async function unplugPort(port: Port): Promise<undefined> {
  const { portdev, kernel } = port;
  portdev.ports.splice(portdev.ports.indexOf(port), 1);
  if (port.guestConnected) {
    port.guestConnected = false;
    port.hostConnected = false;
    port.waitqueue.wakeUp();
  }
  if (port.console !== undefined) {
    const { consoles } = kernel.get(PDRVDATA);
    consoles.splice(consoles.indexOf(port), 1);
    await hvcRemove(port.console.hvc);
  }
  removePortData(port);
  port.gone = true;
  await deviceDestroy(port.dev as Device);
  port.debugfs?.remove(port.name);
}

/** Drops unread input and gives back what the device has read. Linux: remove_port_data() */
export function removePortData(port: Port): undefined {
  port.discardData();
  port.reclaim();
}

/** Handles all control messages that came. Linux: control_work_handler() */
export async function controlWorkHandler(portdev: PortsDevice): Promise<undefined> {
  const vq = portdev.controlIn as Virtqueue<number>;
  const { kernel } = portdev.vdev;
  let buf: PortBuffer | undefined;
  while ((buf = getInbuf(kernel, vq)) !== undefined) {
    await handleControlMessage(portdev, buf);
    if (portdev.controlIn !== vq) return;
    if (!addInbuf(vq, buf.page)) devWarn(portdev.vdev, "Error adding buffer to queue");
  }
}

/** Linux: handle_control_message() */
async function handleControlMessage(portdev: PortsDevice, buf: PortBuffer): Promise<undefined> {
  const { kernel } = portdev.vdev;
  // A message that is too short is not one; Linux would read what an older one left in the buffer.
  if (buf.len < VIRTIO_CONSOLE_CONTROL_SIZE) return;
  const { id, event, value } = decodeVirtioConsoleControl(kernel.mem.view, buf.start);
  const port = portdev.portById(id);
  if (event === VIRTIO_CONSOLE_PORT_ADD) return await handlePortAdd(portdev, port, id);
  if (port === undefined) return;
  switch (event) {
    case VIRTIO_CONSOLE_PORT_REMOVE:
      return await unplugPort(port);
    case VIRTIO_CONSOLE_CONSOLE_PORT:
      if (value !== 0 && port.console === undefined) await initPortConsole(port).catch(ignored);
      return;
    case VIRTIO_CONSOLE_RESIZE:
      return handleResize(port, buf);
    case VIRTIO_CONSOLE_PORT_OPEN:
      port.hostConnected = value !== 0;
      port.waitqueue.wakeUp();
      return port.reclaim();
    case VIRTIO_CONSOLE_PORT_NAME:
      return handleName(port, buf);
  }
}

/** The host was told already, or nobody is there to be told. */
function ignored(error: unknown): undefined {
  if (!(error instanceof KernelError)) throw error;
}

async function handlePortAdd(
  portdev: PortsDevice,
  port: Port | undefined,
  id: number,
): Promise<undefined> {
  if (port !== undefined) return portdev.sendControl(id, VIRTIO_CONSOLE_PORT_READY, 1);
  if (id >= portdev.maxNrPorts) {
    return devWarn(
      portdev.vdev,
      `Request for adding port with out-of-bound id ${id}, max. supported id: ${
        portdev.maxNrPorts - 1
      }`,
    );
  }
  await addPort(portdev, id).catch(ignored);
  // So much work that others get their turn before the next message.
  await portdev.vdev.kernel.sched.yield();
}

/** The body is two numbers that Linux takes as rows, then columns. */
function handleResize(port: Port, buf: PortBuffer): undefined {
  if (port.console === undefined) return;
  const body = buf.start + VIRTIO_CONSOLE_CONTROL_SIZE;
  const { cols: first, rows: second } = decodeVirtioConsoleResize(port.kernel.mem.view, body);
  port.ws = { rows: first, cols: second };
  port.console.hvc.irqRequested = true;
  resizeConsole(port);
}

/** The name comes once; what follows a zero byte is not part of it. */
function handleName(port: Port, buf: PortBuffer): undefined {
  if (port.portName !== undefined) return;
  const dev = port.dev as Device;
  try {
    port.kernel.failable(`memory for the name of ${port.name}`);
  } catch (error) {
    devErr(dev, "Not enough space to store port name");
    return ignored(error);
  }
  const from = buf.start + VIRTIO_CONSOLE_CONTROL_SIZE;
  const bytes = port.kernel.mem.bytes.subarray(from, buf.start + buf.len);
  const end = bytes.indexOf(0);
  const name = port.portName = decoder.decode(bytes.slice(0, end < 0 ? undefined : end));
  const group: AttributeGroup<Device> = {
    attrs: [{ name: "name", mode: 0o444, show: () => `${name}\n` }],
  };
  dev.addGroup(group);
  deviceUevent(dev, "change");
}
