/**
 * One port of `virtio-serial-device`: `virtconsole` or `virtserialport`, between two queues and a
 * character device.
 *
 * QEMU: hw/char/virtio-console.c, virtio_serial_write(), flush_queued_data().
 *
 * @module
 */
import type { Chardev, CharFrontend } from "./chardev.ts";
import type { DeviceBus } from "./device.ts";
import type { Virtqueue } from "./virtqueue.ts";
import type { VirtqueueElement } from "./virtqueue_element.ts";

/** Properties of `virtconsole` and `virtserialport`; the names are QEMU's. */
export interface SerialPortProps {
  /** Which of the two. */
  readonly kind: "virtconsole" | "virtserialport";
  /** Number of the port. Default: 0 for the first console, else the first that is free. */
  readonly nr?: number;
  /** Name that the guest shows. */
  readonly name?: string;
}

/** What a port needs of its device. */
export interface PortOwner {
  /** The transport. */
  readonly transport: DeviceBus;
  /** Whether the driver has set DRIVER_OK. */
  readonly ready: boolean;
}

/** A port with its buffers on the way. */
export class SerialPort implements CharFrontend {
  /** Number of the port. */
  readonly nr: number;
  /** Name that the guest shows. */
  readonly name: string | undefined;
  /** Whether the port is for a console: the driver may put a terminal on it. */
  readonly isConsole: boolean;
  /** Whether somebody listens on the host's side. */
  readonly hostConnected: boolean;
  /** Whether the guest has the port open. */
  guestConnected = false;
  readonly #chardev: Chardev | undefined;
  readonly #owner: PortOwner;
  #input: Virtqueue | undefined;
  #output: Virtqueue | undefined;
  #throttled = false;
  /** What the character device took only a part of: the element, the piece in it, and the position there. */
  #current: VirtqueueElement | undefined;
  #piece = 0;
  #position = 0;

  /** @param nr Number of the port, which the device has settled. */
  constructor(nr: number, props: SerialPortProps, chardev: Chardev | undefined, owner: PortOwner) {
    this.nr = nr;
    this.name = props.name;
    this.isConsole = props.kind === "virtconsole";
    this.#chardev = chardev;
    this.#owner = owner;
    // A console sends whether or not somebody listens; a serial port wants to lose nothing.
    this.hostConnected = chardev !== undefined && (this.isConsole || chardev.open);
    chardev?.claim(`${props.kind}.chardev`);
    if (chardev) chardev.frontendOpen = this.isConsole;
  }

  /** Gives the port its queues. */
  realize(input: Virtqueue, output: Virtqueue): undefined {
    this.#input = input;
    this.#output = output;
    this.#chardev?.connect(this);
  }

  /** The guest opened or closed the port. */
  setGuestConnected(connected: boolean): undefined {
    this.guestConnected = connected;
    if (this.#chardev && !this.isConsole) this.#chardev.frontendOpen = connected;
    if (connected) this.#chardev?.acceptInput();
  }

  /** Back to the state after power-on. */
  reset(): undefined {
    this.#current = undefined;
    this.#throttled = false;
    if (this.guestConnected) this.setGuestConnected(false);
  }

  /** The guest gave buffers for input. */
  handleInput(): undefined {
    this.#chardev?.acceptInput();
  }

  /** The guest gave buffers with output. */
  handleOutput(): undefined {
    if (!this.hostConnected) return this.#discard();
    if (!this.#throttled) this.#flush();
  }

  /** Sends one byte without any queue. */
  emergencyWrite(byte: number): undefined {
    this.#chardev?.write(Uint8Array.of(byte));
  }

  canReceive(): number {
    const queue = this.#input;
    if (!queue?.ready || !this.#owner.ready || !this.guestConnected) return 0;
    for (let element = queue.pop(); element; element = queue.pop()) {
      const room = element.inLength;
      if (room > 0) {
        queue.unpop(element);
        return room;
      }
      this.#owner.transport.violation(
        "VIRTIO 1.4, 5.3.6.2",
        `port ${this.nr}: receive buffer of no writable bytes`,
      );
      queue.push(element, 0);
    }
    return 0;
  }

  receive(data: Uint8Array): undefined {
    const queue = this.#input;
    const element = queue?.pop();
    if (!queue || !element) return;
    queue.push(element, element.writeIn(0, data));
    this.#owner.transport.notifyQueue(queue);
  }

  writable(): undefined {
    this.#throttled = false;
    if (this.#output?.ready) this.#flush();
  }

  #discard(): undefined {
    const queue = this.#output!;
    for (let element = queue.pop(); element; element = queue.pop()) queue.push(element, 0);
    this.#owner.transport.notifyQueue(queue);
  }

  /** Writes what the guest gave, until the character device takes no more. */
  #flush(): undefined {
    const queue = this.#output!;
    for (;;) {
      if (!this.#current) {
        this.#current = queue.pop();
        this.#piece = this.#position = 0;
      }
      const element = this.#current;
      if (!element || !this.#writePieces(element)) break;
      queue.push(element, 0);
      this.#current = undefined;
    }
    this.#owner.transport.notifyQueue(queue);
  }

  /** Writes the rest of an element; returns false when the character device took only a part. */
  #writePieces(element: VirtqueueElement): boolean {
    for (; this.#piece < element.out.count; this.#piece++, this.#position = 0) {
      const data = element.outView(this.#piece).subarray(this.#position);
      const taken = this.#chardev?.write(data) ?? data.length;
      // A console loses what does not fit, as a terminal that is not there does.
      if (taken >= data.length || this.isConsole) continue;
      this.#position += taken;
      this.#throttled = true;
      return false;
    }
    return true;
  }
}
