/**
 * The console device: features, configuration, control messages.
 *
 * Queues: 0 and 1 are port 0's receive and transmit queues. With MULTIPORT, 2 and 3 carry control
 * messages to and from the driver, and port n (from 1 on) has 2n + 2 and 2n + 3.
 *
 * Linux: include/uapi/linux/virtio_console.h. VIRTIO 1.4, 5.3.
 *
 * @module
 */
import type { ConfigField } from "./register.ts";

// Feature bits (bit numbers)

/** `cols` and `rows` give the size of the console. */
export const VIRTIO_CONSOLE_F_SIZE = 0;
/** The device has several ports, and control queues. */
export const VIRTIO_CONSOLE_F_MULTIPORT = 1;
/** Writing `emerg_wr` prints a character without any queue. */
export const VIRTIO_CONSOLE_F_EMERG_WRITE = 2;

/** Port number in control messages that are not about a port. */
export const VIRTIO_CONSOLE_BAD_ID = 0xffffffff;

// Events of control messages

/** Driver: it takes control messages now (1), or it failed (0). */
export const VIRTIO_CONSOLE_DEVICE_READY = 0;
/** Device: a port is there. The specification calls the event DEVICE_ADD. */
export const VIRTIO_CONSOLE_PORT_ADD = 1;
/** Device: a port is gone. The specification calls the event DEVICE_REMOVE. */
export const VIRTIO_CONSOLE_PORT_REMOVE = 2;
/** Driver: the port is set up (1), or it failed (0). */
export const VIRTIO_CONSOLE_PORT_READY = 3;
/** Device: the port is a console. Driver: it has made it one. */
export const VIRTIO_CONSOLE_CONSOLE_PORT = 4;
/** Device: the console's size has changed; a {@linkcode VirtioConsoleResize} follows. */
export const VIRTIO_CONSOLE_RESIZE = 5;
/** Either side: the port was opened (1) or closed (0). */
export const VIRTIO_CONSOLE_PORT_OPEN = 6;
/** Device: the port's name follows, in UTF-8, without a zero byte by the specification. */
export const VIRTIO_CONSOLE_PORT_NAME = 7;

// Configuration space: offsets of the fields in bytes

/** Width of the console in characters, 16 bits. */
export const VIRTIO_CONSOLE_CONFIG_COLS = 0;
/** Height of the console in characters, 16 bits. */
export const VIRTIO_CONSOLE_CONFIG_ROWS = 2;
/** Most ports that the device can have. */
export const VIRTIO_CONSOLE_CONFIG_MAX_NR_PORTS = 4;
/** Prints the low byte of what is written. */
export const VIRTIO_CONSOLE_CONFIG_EMERG_WR = 8;
/** Size of the configuration in bytes. */
export const VIRTIO_CONSOLE_CONFIG_SIZE = 12;

/** The fields of the configuration space. The driver never reads `emerg_wr`. */
export const VIRTIO_CONSOLE_CONFIG: readonly ConfigField[] = [
  {
    offset: VIRTIO_CONSOLE_CONFIG_COLS,
    width: 2,
    name: "cols",
    access: "R",
    feature: VIRTIO_CONSOLE_F_SIZE,
  },
  {
    offset: VIRTIO_CONSOLE_CONFIG_ROWS,
    width: 2,
    name: "rows",
    access: "R",
    feature: VIRTIO_CONSOLE_F_SIZE,
  },
  {
    offset: VIRTIO_CONSOLE_CONFIG_MAX_NR_PORTS,
    width: 4,
    name: "max_nr_ports",
    access: "R",
    feature: VIRTIO_CONSOLE_F_MULTIPORT,
  },
  {
    offset: VIRTIO_CONSOLE_CONFIG_EMERG_WR,
    width: 4,
    name: "emerg_wr",
    access: "RW",
    feature: VIRTIO_CONSOLE_F_EMERG_WRITE,
  },
];
Object.freeze(VIRTIO_CONSOLE_CONFIG);

/** Size of a {@linkcode VirtioConsoleControl} in bytes. */
export const VIRTIO_CONSOLE_CONTROL_SIZE = 8;

/** A control message; some events have more bytes behind it. Linux: struct virtio_console_control. */
export interface VirtioConsoleControl {
  /** Number of the port, or {@linkcode VIRTIO_CONSOLE_BAD_ID}. */
  readonly id: number;
  /** One of the events above. */
  readonly event: number;
  /** Depends on the event. */
  readonly value: number;
}

/** Reads a control message. */
export function decodeVirtioConsoleControl(view: DataView, offset: number): VirtioConsoleControl {
  return {
    id: view.getUint32(offset, true),
    event: view.getUint16(offset + 4, true),
    value: view.getUint16(offset + 6, true),
  };
}

/** Writes a control message. */
export function encodeVirtioConsoleControl(
  view: DataView,
  offset: number,
  message: VirtioConsoleControl,
): void {
  view.setUint32(offset, message.id, true);
  view.setUint16(offset + 4, message.event, true);
  view.setUint16(offset + 6, message.value, true);
}

/** Size of a {@linkcode VirtioConsoleResize} in bytes. */
export const VIRTIO_CONSOLE_RESIZE_SIZE = 4;

/**
 * What follows a RESIZE message, in the specification's order. Linux takes the two numbers the other
 * way round, rows first, so that a device that follows the specification gets them swapped there.
 *
 * VIRTIO 1.4, 5.3.6.2.
 */
export interface VirtioConsoleResize {
  /** Width in characters. */
  readonly cols: number;
  /** Height in characters. */
  readonly rows: number;
}

/** Reads the new size of a console, in the specification's order. */
export function decodeVirtioConsoleResize(view: DataView, offset: number): VirtioConsoleResize {
  return { cols: view.getUint16(offset, true), rows: view.getUint16(offset + 2, true) };
}

/** Writes the new size of a console, in the specification's order. */
export function encodeVirtioConsoleResize(
  view: DataView,
  offset: number,
  size: VirtioConsoleResize,
): void {
  view.setUint16(offset, size.cols, true);
  view.setUint16(offset + 2, size.rows, true);
}
