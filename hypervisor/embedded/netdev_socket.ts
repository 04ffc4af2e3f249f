/**
 * Networks over sockets, in QEMU's own framing, so that the other end may be a QEMU.
 *
 * @module
 */
import type { HostDatagram, HostStream } from "../host.ts";
import type { Activity } from "./activity.ts";
import { Netdev } from "./netdev.ts";

/** Largest frame that QEMU takes from a socket. QEMU: NET_BUFSIZE. */
const FRAME_MAX = 4096 + 65536;

/** One frame per datagram. QEMU: `-netdev dgram`. */
export class DgramNetdev extends Netdev {
  readonly type = "dgram";
  readonly external = true;
  readonly #socket: HostDatagram;

  /** @param socket Where frames come from and go to; it is closed with the network. */
  constructor(id: string, socket: HostDatagram, activity: Activity) {
    super(id);
    this.#socket = socket;
    socket.onData((data) => {
      this.deliver(data);
      activity.ring();
    });
  }

  protected transmit(frame: Uint8Array): boolean {
    this.#socket.send(frame);
    return true;
  }

  override close(): undefined {
    this.#socket.close();
  }
}

/** Cuts a flow of bytes into frames: 4 bytes of length, the highest first, then the frame. */
export class FrameReader {
  #bytes = new Uint8Array();

  /**
   * Takes bytes and returns the frames that they complete.
   *
   * @throws {Error} When a length is larger than any frame; the flow has no meaning from there on.
   */
  push(data: Uint8Array): Uint8Array[] {
    const bytes = new Uint8Array(this.#bytes.length + data.length);
    bytes.set(this.#bytes);
    bytes.set(data, this.#bytes.length);
    const view = new DataView(bytes.buffer);
    const frames: Uint8Array[] = [];
    let at = 0;
    while (bytes.length - at >= 4) {
      const length = view.getUint32(at, false);
      if (length > FRAME_MAX) throw new Error(`frame of ${length} bytes, at most ${FRAME_MAX}`);
      if (bytes.length - at - 4 < length) break;
      frames.push(bytes.subarray(at + 4, at + 4 + length));
      at += 4 + length;
    }
    this.#bytes = bytes.slice(at);
    return frames;
  }
}

/** Frames with their length in front, over one connection. QEMU: `-netdev stream`. */
export class StreamNetdev extends Netdev {
  readonly type = "stream";
  readonly external = true;
  readonly #stream: HostStream;
  readonly #reader = new FrameReader();

  /** @param stream The connection; it is closed with the network, or by a frame that cannot be. */
  constructor(id: string, stream: HostStream, activity: Activity) {
    super(id);
    this.#stream = stream;
    stream.onData((data) => {
      this.#receive(data);
      activity.ring();
    });
  }

  protected transmit(frame: Uint8Array): boolean {
    const data = new Uint8Array(4 + frame.length);
    new DataView(data.buffer).setUint32(0, frame.length, false);
    data.set(frame, 4);
    this.#stream.write(data);
    return true;
  }

  override close(): undefined {
    this.#stream.close();
  }

  #receive(data: Uint8Array): undefined {
    try {
      for (const frame of this.#reader.push(data)) this.deliver(frame);
    } catch {
      this.#stream.close();
    }
  }
}
