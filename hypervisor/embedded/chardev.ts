/**
 * Character devices: the far end of consoles and serial ports.
 *
 * @module
 */
import type { Host, HostFile, HostStream, SocketAddress } from "../host.ts";
import type { CharEnd } from "../platform.ts";
import type { Activity } from "./activity.ts";
import { Claimable } from "./claim.ts";

/** Kinds of `-chardev` that the embedded machine knows. */
export const CHARDEV_BACKENDS = [
  "null",
  "file",
  "stdio",
  "pipe",
  "ringbuf",
  "memory",
  "socket",
  "script",
] as const;

/** The options of `-chardev`; the names are QEMU's. `script` exists on paraguest's machines only. */
export interface ChardevOptions {
  /** Name of the character device. */
  readonly id: string;
  /** Kind: one of {@linkcode CHARDEV_BACKENDS}. */
  readonly backend: string;
  /** Path of a file, pipe or Unix socket. */
  readonly path?: string;
  /** Whether a file is continued instead of emptied. Default false. */
  readonly append?: boolean;
  /** Size of a ring buffer in bytes, a power of two. Default 65,536. */
  readonly size?: number;
  /** Address of an Internet socket. */
  readonly host?: string;
  /** Port of an Internet socket. */
  readonly port?: number;
  /** Whether a socket listens. Default false. */
  readonly server?: boolean;
  /** Whether several devices share it; not supported. */
  readonly mux?: boolean;
}

/** The device in front of a character device. */
export interface CharFrontend {
  /** Returns how many bytes the device can take now. */
  canReceive(): number;
  /** Takes bytes from outside, at most as many as {@linkcode canReceive} said. */
  receive(data: Uint8Array): undefined;
  /** A character device that took only a part of a write can take more now. */
  writable?(): undefined;
}

/** A character device: bytes that the device in front sends go out, bytes from outside wait for it. */
export abstract class Chardev extends Claimable {
  /** What QMP's `query-chardev` calls it. */
  abstract readonly filename: string;
  /** Whether somebody is at the other end: serial ports tell their driver. */
  readonly open: boolean = true;
  /** Whether bytes can come from outside while the guest waits. */
  readonly external: boolean = false;
  /** Whether the guest has the port open. */
  frontendOpen = false;
  #frontend: CharFrontend | undefined;
  #pending: Uint8Array[] = [];

  /**
   * Sends bytes of the guest outwards; the bytes are copied.
   *
   * @returns How many were taken. For the rest, {@linkcode CharFrontend.writable} says when.
   */
  abstract write(data: Uint8Array): number;

  /** Puts a device in front. Waiting bytes reach it when it accepts them. */
  connect(frontend: CharFrontend): undefined {
    this.#frontend = frontend;
    this.acceptInput();
  }

  /** The device in front can take bytes again. QEMU: qemu_chr_fe_accept_input(). */
  acceptInput(): undefined {
    const frontend = this.#frontend;
    while (frontend && this.#pending.length > 0) {
      const room = frontend.canReceive();
      if (room <= 0) return;
      const first = this.#pending[0];
      const data = first.length <= room ? first : first.subarray(0, room);
      if (data === first) this.#pending.shift();
      else this.#pending[0] = first.subarray(room);
      frontend.receive(data);
    }
  }

  /** Lets go of files and sockets. */
  close(): undefined {}

  /** Brings bytes from outside to the device in front, now or when it can take them. */
  protected deliver(data: Uint8Array): undefined {
    if (data.length > 0) this.#pending.push(data);
    this.acceptInput();
  }

  /** Tells the device in front that more can be written. */
  protected becomeWritable(): undefined {
    this.#frontend?.writable?.();
  }

  protected inUse(property: string): string {
    return `Property '${property}' can't take value '${this.id}': Device '${this.id}' is in use`;
  }
}

/** Takes everything and says nothing. QEMU: `-chardev null`. */
export class NullChardev extends Chardev {
  readonly filename = "null";
  override readonly open = false;

  write(data: Uint8Array): number {
    return data.length;
  }
}

/** Writes to a file. QEMU: `-chardev file`. */
export class FileChardev extends Chardev {
  readonly filename = "file";
  readonly #file: HostFile;
  #offset: number;

  /** @param file Where to write, from its end on. */
  constructor(id: string, file: HostFile) {
    super(id);
    this.#file = file;
    this.#offset = file.size();
  }

  write(data: Uint8Array): number {
    this.#file.writeAt(this.#offset, data);
    this.#offset += data.length;
    return data.length;
  }

  override close(): undefined {
    this.#file.close();
  }
}

/** A terminal, a pipe or a socket. QEMU: `-chardev stdio`, `pipe`, `socket`. */
export class StreamChardev extends Chardev {
  readonly filename: string;
  override readonly external = true;
  readonly #stream: HostStream;

  /** @param filename What `query-chardev` says. */
  constructor(id: string, filename: string, stream: HostStream, activity: Activity) {
    super(id);
    this.filename = filename;
    this.#stream = stream;
    stream.onData((data) => {
      this.deliver(data.slice());
      activity.ring();
    });
  }

  write(data: Uint8Array): number {
    this.#stream.write(data);
    return data.length;
  }

  override close(): undefined {
    this.#stream.close();
  }
}

/** Keeps the last bytes that the guest wrote. QEMU: `-chardev ringbuf`. */
export class RingbufChardev extends Chardev {
  readonly filename = "ringbuf";
  readonly #bytes: Uint8Array;
  #produced = 0;
  #consumed = 0;

  /**
   * @param size How many bytes are kept: a power of two.
   * @throws {Error} When it is not.
   */
  constructor(id: string, size = 65_536) {
    super(id);
    if (!(size > 0 && (size & (size - 1)) === 0)) {
      throw new Error("size of ringbuf chardev must be power of two");
    }
    this.#bytes = new Uint8Array(size);
  }

  write(data: Uint8Array): number {
    for (const byte of data) this.#bytes[this.#produced++ & (this.#bytes.length - 1)] = byte;
    this.#consumed = Math.max(this.#consumed, this.#produced - this.#bytes.length);
    return data.length;
  }

  /** Takes at most `count` bytes, the oldest first. QEMU: QMP `ringbuf-read`. */
  read(count: number): Uint8Array {
    const size = Math.min(count, this.#produced - this.#consumed);
    return Uint8Array.from(
      { length: size },
      () => this.#bytes[this.#consumed++ & (this.#bytes.length - 1)],
    );
  }
}

/** A terminal in the hands of a script: {@linkcode ScriptChardev.end} is the host's end. */
export class ScriptChardev extends Chardev {
  readonly filename = "script";
  override readonly external = true;
  /** The host's end. */
  readonly end: CharEnd;
  #sent: Uint8Array[] = [];

  /** @param activity Rung when the script writes. */
  constructor(id: string, activity: Activity) {
    super(id);
    this.end = {
      write: (data) => {
        this.deliver(typeof data === "string" ? new TextEncoder().encode(data) : data.slice());
        activity.ring();
      },
      read: () => this.#take(),
    };
  }

  write(data: Uint8Array): number {
    this.#sent.push(data.slice());
    return data.length;
  }

  #take(): Uint8Array {
    const all = new Uint8Array(this.#sent.reduce((sum, part) => sum + part.length, 0));
    let at = 0;
    for (const part of this.#sent) {
      all.set(part, at);
      at += part.length;
    }
    this.#sent = [];
    return all;
  }
}

function needPath({ backend, path }: ChardevOptions): string {
  if (path !== undefined) return path;
  if (backend === "file") throw new Error("chardev: file: no filename given");
  throw new Error(`chardev: ${backend}: no device path given`);
}

function socketAddress({ path, host, port }: ChardevOptions): SocketAddress {
  if (path !== undefined) return { type: "unix", path };
  if (port === undefined) throw new Error("chardev: socket: no port given");
  return { type: "inet", host: host ?? "localhost", port };
}

function needHost({ id, backend }: ChardevOptions, host: Host | undefined): Host {
  if (host) return host;
  throw new Error(`chardev '${id}': ${backend} needs a host program with files and terminals`);
}

/**
 * Makes the character device of a `-chardev`.
 *
 * @param host Where files, terminals and sockets are; `undefined` when there are none.
 * @param activity Rung whenever bytes come from outside.
 * @throws {Error} One line, in QEMU's words where QEMU has them.
 */
export function createChardev(
  options: ChardevOptions,
  host: Host | undefined,
  activity: Activity,
): Chardev {
  const { id, backend } = options;
  if (options.mux) throw new Error(`chardev '${id}': mux=on is not supported; use two chardevs`);
  const stream = (filename: string, open: (host: Host) => HostStream) =>
    new StreamChardev(id, filename, open(needHost(options, host)), activity);
  switch (backend) {
    case "null":
      return new NullChardev(id);
    case "file": {
      const path = needPath(options);
      const mode = options.append ? "append" : "create";
      return new FileChardev(id, needHost(options, host).openFile(path, mode));
    }
    case "stdio":
      return stream("stdio", (host) => host.stdio());
    case "pipe": {
      const path = needPath(options);
      return stream("pipe", (host) => host.pipe(path));
    }
    case "ringbuf":
    case "memory":
      return new RingbufChardev(id, options.size);
    case "socket": {
      const address = socketAddress(options);
      return stream("socket", (host) => host.stream(address, options.server ?? false));
    }
    case "script":
      return new ScriptChardev(id, activity);
  }
  throw new Error(
    `'${backend}' is not a valid char driver name; known: ${CHARDEV_BACKENDS.join(", ")}`,
  );
}
