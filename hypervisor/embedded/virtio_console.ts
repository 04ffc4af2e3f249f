/**
 * Consoles and serial ports: `virtio-serial-device` with its ports.
 *
 * Port 0 has queues 0 and 1, the control messages have 2 and 3, port n has 2n + 2 and 2n + 3
 * (VIRTIO 1.4, 5.3.2). Control messages for which the driver gave no buffer are lost, as in QEMU.
 *
 * QEMU: hw/char/virtio-serial-bus.c.
 *
 * @module
 */
import {
  encodeVirtioConsoleControl,
  encodeVirtioConsoleResize,
  VIRTIO_CONSOLE_CONFIG_COLS,
  VIRTIO_CONSOLE_CONFIG_EMERG_WR,
  VIRTIO_CONSOLE_CONFIG_MAX_NR_PORTS,
  VIRTIO_CONSOLE_CONFIG_ROWS,
  VIRTIO_CONSOLE_CONFIG_SIZE,
  VIRTIO_CONSOLE_CONSOLE_PORT,
  VIRTIO_CONSOLE_CONTROL_SIZE,
  VIRTIO_CONSOLE_DEVICE_READY,
  VIRTIO_CONSOLE_F_EMERG_WRITE,
  VIRTIO_CONSOLE_F_MULTIPORT,
  VIRTIO_CONSOLE_F_SIZE,
  VIRTIO_CONSOLE_PORT_ADD,
  VIRTIO_CONSOLE_PORT_NAME,
  VIRTIO_CONSOLE_PORT_OPEN,
  VIRTIO_CONSOLE_PORT_READY,
  VIRTIO_CONSOLE_RESIZE,
  VIRTIO_CONSOLE_RESIZE_SIZE,
  type VirtioConsoleResize,
} from "../../uapi/virtio_console.ts";
import { VIRTIO_ID_CONSOLE } from "../../uapi/virtio_ids.ts";
import type { Chardev } from "./chardev.ts";
import type { DeviceBus } from "./device.ts";
import { featureBit, hasFeature, VirtioModel, type VirtioProps } from "./virtio_model.ts";
import { type PortOwner, SerialPort, type SerialPortProps } from "./virtio_serial_port.ts";
import type { Virtqueue } from "./virtqueue.ts";
import type { VirtqueueElement } from "./virtqueue_element.ts";

export type { SerialPortProps } from "./virtio_serial_port.ts";

/** Properties of `virtio-serial-device`; the names are QEMU's, camelCased. */
export interface VirtioSerialProps extends VirtioProps {
  /** Number of ports that fit, from 1 to 511; more than 1 offers MULTIPORT. Default 31. */
  readonly maxPorts?: number;
  /** Whether a byte can be sent through configuration space. Default true. */
  readonly emergencyWrite?: boolean;
  /** Size of the console, in characters. QEMU 7.2 tells none, which is the default. */
  readonly size?: VirtioConsoleResize;
}

const PORTS_MAX = 511;
const CONTROL_IN = 2;
const CONTROL_OUT = 3;

/** Queue of port `nr` that the device writes; the next one is the queue that it reads. */
function inputQueue(nr: number): number {
  return nr === 0 ? 0 : 2 * nr + 2;
}

/** The device that the ports sit on. */
export class VirtioSerial extends VirtioModel implements PortOwner {
  readonly deviceId = VIRTIO_ID_CONSOLE;
  readonly name = "virtio-serial-device";
  readonly queueCount: number;
  protected readonly deviceFeatures: bigint;
  readonly #portsMax: number;
  readonly #emergencyWrite: boolean;
  readonly #ports: SerialPort[] = [];
  #emergency = 0;

  /** @throws {Error} When the number of ports is not possible, in QEMU's words. */
  constructor(props: VirtioSerialProps = {}) {
    super(props);
    const { maxPorts = 31, emergencyWrite = true, size } = props;
    if (maxPorts === 0) throw new Error("Maximum number of serial ports not specified");
    if (maxPorts > PORTS_MAX) throw new Error(`maximum ports supported: ${PORTS_MAX}`);
    this.#portsMax = maxPorts;
    this.#emergencyWrite = emergencyWrite;
    this.queueCount = 2 * (maxPorts + 1);
    this.deviceFeatures = featureBit(VIRTIO_CONSOLE_F_SIZE, size !== undefined) |
      featureBit(VIRTIO_CONSOLE_F_MULTIPORT, maxPorts > 1) |
      featureBit(VIRTIO_CONSOLE_F_EMERG_WRITE, emergencyWrite);
    const configSize = emergencyWrite ? VIRTIO_CONSOLE_CONFIG_SIZE : VIRTIO_CONSOLE_CONFIG_EMERG_WR;
    this.config = new DataView(new ArrayBuffer(configSize));
    this.config.setUint32(VIRTIO_CONSOLE_CONFIG_MAX_NR_PORTS, maxPorts, true);
    if (size) this.#setSize(size);
  }

  /**
   * Adds a port; before the machine is switched on.
   *
   * @param chardev The other end; a port without one throws away what the guest sends.
   * @throws {Error} When the number or the name is taken or not possible, in QEMU's words.
   */
  addPort(props: SerialPortProps, chardev?: Chardev): SerialPort {
    const nr = this.#numberFor(props);
    const port = new SerialPort(nr, props, chardev, this);
    this.#ports.push(port);
    return port;
  }

  /** The ports, in the order in which they were added. */
  get ports(): readonly SerialPort[] {
    return this.#ports;
  }

  /** Whether control messages are in use. */
  get multiport(): boolean {
    return hasFeature(this.negotiated, VIRTIO_CONSOLE_F_MULTIPORT);
  }

  /** Whether the driver has set DRIVER_OK. */
  get ready(): boolean {
    return this.driverOk;
  }

  /** The transport that the device sits on. */
  get transport(): DeviceBus {
    return this.bus;
  }

  queueSize(index: number): number {
    return index === CONTROL_IN || index === CONTROL_OUT ? 32 : 128;
  }

  override realize(bus: DeviceBus, queues: readonly Virtqueue[]): undefined {
    super.realize(bus, queues);
    for (const port of this.#ports) {
      const index = inputQueue(port.nr);
      port.realize(queues[index], queues[index + 1]);
    }
  }

  override setStatus(status: number): undefined {
    super.setStatus(status);
    if (!this.driverOk) return this.#resetPorts();
    // A driver without control messages cannot open its one port: it is open.
    if (!this.multiport) this.#find(0)?.setGuestConnected(true);
  }

  override reset(): undefined {
    super.reset();
    this.#resetPorts();
  }

  handleOutput(index: number): undefined {
    if (index === CONTROL_IN) return;
    if (index === CONTROL_OUT) return this.#handleControl();
    const nr = index < CONTROL_IN ? 0 : (index - (index & 1) - 2) / 2;
    const port = this.#find(nr);
    if ((index & 1) === 0) return port?.handleInput();
    if (port) return port.handleOutput();
    discard(this.queues[index]);
    this.bus.notifyQueue(this.queues[index]);
  }

  /**
   * Tells the driver a new size of a console: by configuration space for the first port if the device
   * offers SIZE, and by a control message if those are in use.
   */
  resize(nr: number, size: VirtioConsoleResize): undefined {
    if (nr === 0 && hasFeature(this.deviceFeatures, VIRTIO_CONSOLE_F_SIZE)) {
      this.#setSize(size);
      this.notifyConfig();
    }
    if (!this.multiport) return;
    const body = new Uint8Array(VIRTIO_CONSOLE_RESIZE_SIZE);
    encodeVirtioConsoleResize(new DataView(body.buffer), 0, size);
    this.#send(nr, VIRTIO_CONSOLE_RESIZE, 0, body);
  }

  protected override configWritten(offset: number, value: number): undefined {
    const at = offset - VIRTIO_CONSOLE_CONFIG_EMERG_WR;
    if (at >= 0) this.#emergency |= value << (8 * at);
  }

  protected override configWriteDone(): undefined {
    const value = this.#emergency;
    this.#emergency = 0;
    if (value === 0 || !this.#emergencyWrite) return;
    this.#ports.find((port) => port.isConsole && port.hostConnected)?.emergencyWrite(value & 0xff);
  }

  #setSize({ cols, rows }: VirtioConsoleResize): undefined {
    this.config.setUint16(VIRTIO_CONSOLE_CONFIG_COLS, cols, true);
    this.config.setUint16(VIRTIO_CONSOLE_CONFIG_ROWS, rows, true);
  }

  #find(nr: number): SerialPort | undefined {
    return this.#ports.find((port) => port.nr === nr);
  }

  #resetPorts(): undefined {
    for (const port of this.#ports) port.reset();
  }

  #numberFor({ kind, nr: wanted, name }: SerialPortProps): number {
    if (name !== undefined && this.#ports.some((port) => port.name === name)) {
      throw new Error(`virtio-serial-bus: A port already exists by name ${name}`);
    }
    if (wanted !== undefined && this.#find(wanted)) {
      throw new Error(`virtio-serial-bus: A port already exists at id ${wanted}`);
    }
    const nr = wanted ?? this.#freeNumber(kind);
    if (nr >= this.#portsMax) {
      throw new Error(
        `virtio-serial-bus: Out-of-range port id specified, max. allowed: ${this.#portsMax - 1}`,
      );
    }
    if (nr === 0 && kind !== "virtconsole") {
      throw new Error(
        "Port number 0 on virtio-serial devices reserved for virtconsole devices for backward compatibility.",
      );
    }
    return nr;
  }

  /** The first console is port 0; nothing else is. */
  #freeNumber(kind: SerialPortProps["kind"]): number {
    if (kind === "virtconsole" && !this.#find(0)) return 0;
    let nr = 1;
    while (this.#find(nr)) nr++;
    return nr;
  }

  #handleControl(): undefined {
    const queue = this.queues[CONTROL_OUT];
    for (let element = queue.pop(); element; element = queue.pop()) {
      if (element.outLength >= VIRTIO_CONSOLE_CONTROL_SIZE) this.#obey(element);
      queue.push(element, 0);
    }
    this.bus.notifyQueue(queue);
  }

  #obey(message: VirtqueueElement): undefined {
    const id = message.outU32(0);
    const event = message.outU16(4);
    const value = message.outU16(6);
    if (event === VIRTIO_CONSOLE_DEVICE_READY) {
      if (value === 0) return;
      for (const { nr } of this.#ports) this.#send(nr, VIRTIO_CONSOLE_PORT_ADD, 1);
      return;
    }
    const port = this.#find(id);
    if (!port) return this.bus.violation("VIRTIO 1.4, 5.3.6.2", `Unexpected port id ${id}`);
    if (event === VIRTIO_CONSOLE_PORT_READY && value !== 0) this.#introduce(port);
    if (event === VIRTIO_CONSOLE_PORT_OPEN) port.setGuestConnected(value !== 0);
  }

  /** Tells the driver what it needs to know of a port that it has made ready. */
  #introduce(port: SerialPort): undefined {
    if (port.isConsole) this.#send(port.nr, VIRTIO_CONSOLE_CONSOLE_PORT, 1);
    if (port.name !== undefined) {
      const name = new TextEncoder().encode(`${port.name}\0`);
      this.#send(port.nr, VIRTIO_CONSOLE_PORT_NAME, 1, name);
    }
    if (port.hostConnected) this.#send(port.nr, VIRTIO_CONSOLE_PORT_OPEN, 1);
  }

  #send(id: number, event: number, value: number, body = new Uint8Array()): undefined {
    const queue = this.queues[CONTROL_IN];
    const element = queue.pop();
    if (!element) return;
    const message = new Uint8Array(VIRTIO_CONSOLE_CONTROL_SIZE + body.length);
    encodeVirtioConsoleControl(new DataView(message.buffer), 0, { id, event, value });
    message.set(body, VIRTIO_CONSOLE_CONTROL_SIZE);
    element.writeIn(0, message);
    queue.push(element, message.length);
    this.bus.notifyQueue(queue);
  }
}

function discard(queue: Virtqueue): undefined {
  for (let element = queue.pop(); element; element = queue.pop()) queue.push(element, 0);
}
