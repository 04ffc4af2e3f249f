/**
 * Consoles and serial ports of a hypervisor.
 *
 * Queues 0 and 1 belong to port 0, with MULTIPORT 2 and 3 to control messages, and 2n + 2 and 2n + 3 to
 * port n. A console without MULTIPORT has one port, which is a console.
 *
 * Linux: drivers/char/virtio_console.c. VIRTIO 1.4, 5.3
 *
 * @module
 */
import { classRegister, classUnregister, devErr } from "../kernel/base/device.ts";
import type { RegisteredDriver } from "../kernel/base/driver.ts";
import { registerChrdev, unregisterChrdev } from "../kernel/chrdev.ts";
import { errnoOf, KernelError } from "../kernel/errors.ts";
import type { Kernel } from "../kernel/kernel.ts";
import type { Module, ModuleImage } from "../kernel/module.ts";
import { Slot } from "../kernel/slot.ts";
import { PlainDirectory } from "../kernel/vfs/node.ts";
import { SYSTEM_WQ, Work } from "../kernel/workqueue.ts";
import {
  VIRTIO_CONSOLE_BAD_ID,
  VIRTIO_CONSOLE_CONFIG,
  VIRTIO_CONSOLE_CONFIG_COLS,
  VIRTIO_CONSOLE_CONFIG_EMERG_WR,
  VIRTIO_CONSOLE_CONFIG_MAX_NR_PORTS,
  VIRTIO_CONSOLE_CONFIG_ROWS,
  VIRTIO_CONSOLE_DEVICE_READY,
  VIRTIO_CONSOLE_F_MULTIPORT,
  VIRTIO_CONSOLE_F_SIZE,
  VIRTIO_CONSOLE_PORT_OPEN,
  VIRTIO_CONSOLE_PORT_READY,
} from "../uapi/virtio_console.ts";
import { VIRTIO_ID_CONSOLE, VIRTIO_ID_RPROC_SERIAL } from "../uapi/virtio_ids.ts";
import type { VirtioDriver } from "./virtio/driver.ts";
import {
  registerVirtioDriver,
  unregisterVirtioDriver,
  type VirtioDevice,
} from "./virtio/virtio.ts";
import {
  virtioBreakDevice,
  virtioCread16,
  virtioCreadFeature,
  virtioCwrite32,
  virtioDeviceReady,
  virtioFindVqs,
  virtioResetDevice,
  type VqSpec,
} from "./virtio/virtio_config.ts";
import type { Virtqueue } from "./virtio/virtio_ring.ts";
import {
  addPort,
  controlWorkHandler,
  PORTS_CLASS,
  removePortData,
  unplugPort,
} from "./virtio_console_control.ts";
import { PDRVDATA, PortsDevice } from "./virtio_console_device.ts";
import { resizeConsole } from "./virtio_console_hvc.ts";
import type { Port } from "./virtio_console_port.ts";

/** Most ports that Linux believes a device to have. */
const VIRTCONS_MAX_PORTS = 0x8000;
const VIRTIO_DEV_ANY_ID = 0xffffffff;

function portdevOf(vdev: Pick<VirtioDevice, "priv">): PortsDevice {
  return vdev.priv as PortsDevice;
}

/** Input came. Linux: in_intr() */
function inIntr(vq: Virtqueue): undefined {
  const portdev = portdevOf(vq.vdev);
  const port = portdev.portByVq(vq);
  if (port === undefined) return;
  port.hasData();
  if (!port.guestConnected && !portdev.isRprocSerial) port.discardData();
  port.waitqueue.wakeUp();
  port.console?.hvc.poll(true);
}

/** The device has taken output. Linux: out_intr() */
function outIntr(vq: Virtqueue): undefined {
  portdevOf(vq.vdev).portByVq(vq)?.waitqueue.wakeUp();
}

/** Linux: control_intr() */
function controlIntr(vq: Virtqueue): undefined {
  const { controlWork } = portdevOf(vq.vdev);
  if (controlWork !== undefined) vq.vdev.kernel.get(SYSTEM_WQ).queue(controlWork);
}

/** Linux: init_vqs() */
async function initVqs(portdev: PortsDevice): Promise<undefined> {
  const pair: readonly VqSpec[] = [
    { name: "input", callback: inIntr },
    { name: "output", callback: outIntr },
  ];
  const specs: VqSpec[] = [...pair];
  if (portdev.useMultiport) {
    specs.push({ name: "control-i", callback: controlIntr }, { name: "control-o" });
    for (let port = 1; port < portdev.maxNrPorts; port++) specs.push(...pair);
  }
  const vqs = await virtioFindVqs(portdev.vdev, specs);
  if (portdev.useMultiport) [portdev.controlIn, portdev.controlOut] = vqs.splice(2, 2);
  portdev.inVqs = vqs.filter((_vq, at) => at % 2 === 0);
  portdev.outVqs = vqs.filter((_vq, at) => at % 2 === 1);
}

/** How many ports the device says it has. Throws `EINVAL`. */
function readMaxNrPorts(portdev: PortsDevice): undefined {
  const { vdev } = portdev;
  if (portdev.isRprocSerial) return;
  const count = virtioCreadFeature(
    vdev,
    VIRTIO_CONSOLE_F_MULTIPORT,
    4,
    VIRTIO_CONSOLE_CONFIG_MAX_NR_PORTS,
  );
  if (count === undefined) return;
  if (count === 0 || count > VIRTCONS_MAX_PORTS) {
    devErr(vdev, `Invalidate max_nr_ports ${count | 0}`);
    throw new KernelError("EINVAL", `${vdev.name}: cannot have ${count} ports`);
  }
  portdev.maxNrPorts = count;
}

/** Logs what a step of probe failed with, and throws it on. */
async function step<T>(
  vdev: VirtioDevice,
  what: (errno: number) => string,
  body: () => T | Promise<T>,
): Promise<T> {
  try {
    return await body();
  } catch (error) {
    if (error instanceof KernelError) devErr(vdev, what(-error.errno));
    throw error;
  }
}

/** Linux: virtcons_probe() */
async function virtconsProbe(vdev: VirtioDevice): Promise<undefined> {
  const { kernel } = vdev;
  const portdev = new PortsDevice(vdev);
  vdev.priv = portdev;
  try {
    portdev.chrdev = await step(
      vdev,
      (errno) => `Error ${errno} registering chrdev for device ${vdev.index}`,
      () => registerChrdev(kernel, "virtio-portsdev"),
    );
    readMaxNrPorts(portdev);
    portdev.configWork = new Work("config_work_handler", async () => configWorkHandler(portdev));
    portdev.controlWork = new Work("control_work_handler", () => controlWorkHandler(portdev));
    await step(vdev, (errno) => `Error ${errno} initializing vqs`, () => initVqs(portdev));
  } catch (error) {
    freePortdev(portdev);
    throw error;
  }
  virtioDeviceReady(vdev);
  const { controlIn } = portdev;
  if (controlIn !== undefined) {
    try {
      portdev.fill(controlIn);
    } catch (error) {
      devErr(vdev, "Error allocating buffers for control queue");
      portdev.sendControl(VIRTIO_CONSOLE_BAD_ID, VIRTIO_CONSOLE_DEVICE_READY, 0);
      await virtconsRemove(vdev);
      throw error;
    }
  } else {
    await addPort(portdev, 0).catch((error) => {
      if (!(error instanceof KernelError)) throw error;
    });
  }
  kernel.get(PDRVDATA).portdevs.push(portdev);
  portdev.sendControl(VIRTIO_CONSOLE_BAD_ID, VIRTIO_CONSOLE_DEVICE_READY, 1);
}

/** Gives back what the probe took before there were queues. */
function freePortdev(portdev: PortsDevice): undefined {
  const { vdev, chrdev } = portdev;
  if (chrdev !== undefined) unregisterChrdev(vdev.kernel, chrdev);
  portdev.free();
  vdev.priv = undefined;
}

/** Linux: virtcons_remove() */
async function virtconsRemove(vdev: VirtioDevice): Promise<undefined> {
  const { kernel } = vdev;
  const portdev = portdevOf(vdev);
  const { portdevs } = kernel.get(PDRVDATA);
  const at = portdevs.indexOf(portdev);
  if (at >= 0) portdevs.splice(at, 1);
  const work = (portdev.useMultiport ? portdev.controlWork : portdev.configWork) as Work;
  // Ends busy waits for a device that will not answer.
  virtioBreakDevice(vdev);
  await kernel.get(SYSTEM_WQ).flush(work);
  virtioResetDevice(vdev);
  await kernel.get(SYSTEM_WQ).cancel(work);
  for (const port of [...portdev.ports]) await unplugPort(port);
  portdev.removeVqs();
  freePortdev(portdev);
}

/** The size of a console without MULTIPORT changed. Linux: config_work_handler() */
function configWorkHandler(portdev: PortsDevice): undefined {
  if (portdev.useMultiport) return;
  const { vdev } = portdev;
  const cols = virtioCread16(vdev, VIRTIO_CONSOLE_CONFIG_COLS);
  const rows = virtioCread16(vdev, VIRTIO_CONSOLE_CONFIG_ROWS);
  const port = portdev.portById(0);
  if (port === undefined) return;
  port.ws = { rows, cols };
  resizeConsole(port);
}

/** Linux: config_intr() */
function configIntr(vdev: VirtioDevice): undefined {
  const portdev = portdevOf(vdev);
  if (portdev.useMultiport || portdev.configWork === undefined) return;
  vdev.kernel.get(SYSTEM_WQ).queue(portdev.configWork);
}

/** Linux: virtcons_freeze() */
async function virtconsFreeze(vdev: VirtioDevice): Promise<undefined> {
  const portdev = portdevOf(vdev);
  const wq = vdev.kernel.get(SYSTEM_WQ);
  virtioResetDevice(vdev);
  portdev.controlIn?.disableCb();
  await wq.cancel(portdev.controlWork as Work);
  await wq.cancel(portdev.configWork as Work);
  for (const port of portdev.ports) {
    port.inVq.disableCb();
    port.outVq.disableCb();
    port.hostConnected = false;
    removePortData(port);
  }
  portdev.removeVqs();
}

/** Linux: virtcons_restore() */
async function virtconsRestore(vdev: VirtioDevice): Promise<undefined> {
  const portdev = portdevOf(vdev);
  await initVqs(portdev);
  virtioDeviceReady(vdev);
  if (portdev.controlIn !== undefined) portdev.fill(portdev.controlIn);
  for (const port of portdev.ports) {
    port.inVq = portdev.inVqs[port.id];
    port.outVq = portdev.outVqs[port.id];
    portdev.fill(port.inVq);
    portdev.sendControl(port.id, VIRTIO_CONSOLE_PORT_READY, 1);
    if (port.guestConnected) portdev.sendControl(port.id, VIRTIO_CONSOLE_PORT_OPEN, 1);
  }
}

const COMMON = {
  probe: virtconsProbe,
  remove: virtconsRemove,
} as const;

/** Linux: struct virtio_driver virtio_console */
const VIRTIO_CONSOLE_DRIVER: VirtioDriver = {
  ...COMMON,
  name: "virtio_console",
  idTable: [{ device: VIRTIO_ID_CONSOLE, vendor: VIRTIO_DEV_ANY_ID }],
  featureTable: [VIRTIO_CONSOLE_F_SIZE, VIRTIO_CONSOLE_F_MULTIPORT],
  configFields: VIRTIO_CONSOLE_CONFIG,
  configChanged: configIntr,
  freeze: virtconsFreeze,
  restore: virtconsRestore,
};

/** Linux: struct virtio_driver virtio_rproc_serial */
const VIRTIO_RPROC_SERIAL_DRIVER: VirtioDriver = {
  ...COMMON,
  name: "virtio_rproc_serial",
  idTable: [{ device: VIRTIO_ID_RPROC_SERIAL, vendor: VIRTIO_DEV_ANY_ID }],
  featureTable: [],
};

const DRIVERS: Slot<RegisteredDriver[]> = new Slot("virtio_console drivers", () => []);

/** Linux: virtio_console_init() */
async function virtioConsoleInit(kernel: Kernel, module: Module): Promise<undefined> {
  kernel.failable("the class virtio-ports");
  classRegister(kernel, PORTS_CLASS);
  kernel.get(PDRVDATA).debugfsDir = kernel.debugfs.add("virtio-ports", new PlainDirectory());
  const drivers = kernel.get(DRIVERS);
  try {
    drivers.push(await registerVirtioDriver(kernel, VIRTIO_CONSOLE_DRIVER, module));
    drivers.push(await registerVirtioDriver(kernel, VIRTIO_RPROC_SERIAL_DRIVER, module));
  } catch (error) {
    kernel.err(
      `Error -${errnoOf(error)} registering virtio${
        drivers.length === 0 ? "" : " rproc serial"
      } driver`,
    );
    await virtioConsoleFini(kernel);
    throw error;
  }
}

/** Linux: virtio_console_fini() */
async function virtioConsoleFini(kernel: Kernel): Promise<undefined> {
  for (const driver of kernel.get(DRIVERS).splice(0)) await unregisterVirtioDriver(driver);
  classUnregister(kernel, PORTS_CLASS);
  kernel.debugfs.remove("virtio-ports");
}

/** The driver, built in or as a module. */
export const VIRTIO_CONSOLE: ModuleImage = {
  name: "virtio_console",
  init: {
    name: "virtio_console_init",
    nameIn: ({ virtioConsoleInit: name }) => name,
    level: "device",
    fn: virtioConsoleInit,
  },
  exit: { name: "virtio_console_fini", fn: virtioConsoleFini },
  aliases: ["virtio:d00000003v*", "virtio:d0000000Bv*"],
  size: 45056,
  description: "Virtio console driver",
  license: "GPL",
};

/**
 * Prints through the emergency register, without any queue and before any driver. Linux never does; a device
 * must offer VIRTIO_CONSOLE_F_EMERG_WRITE, and may do so to a driver that does not accept it.
 *
 * VIRTIO 1.4, 5.3.4
 */
export function virtconsEmergWrite(vdev: VirtioDevice, text: string): undefined {
  for (const byte of new TextEncoder().encode(text)) {
    virtioCwrite32(vdev, VIRTIO_CONSOLE_CONFIG_EMERG_WR, byte);
  }
}

/**
 * The port called `name`: by its device (`"vport0p1"`), or by what the host calls it.
 *
 * @returns `undefined` when there is none.
 */
export function findPort(kernel: Kernel, name: string): Port | undefined {
  return kernel.get(PDRVDATA).portdevs.flatMap(({ ports }) => ports)
    .find((port) => port.name === name || port.portName === name);
}
