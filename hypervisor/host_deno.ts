/**
 * The host program under Deno: files, the terminal, pipes and sockets for a machine that runs in this
 * process.
 *
 * Files are read and written at once; streams deliver between other work. Whoever opens something
 * closes it.
 *
 * @module
 */
import type { Host, HostDatagram, HostFile, HostStream, OpenMode, SocketAddress } from "./host.ts";

const READ_SIZE = 65_536;

type Listener = (data: Uint8Array) => undefined;

/** What node's datagram sockets offer; Deno's own are not in its stable interface. */
interface NodeSocket {
  bind(port: number, host: string): void;
  send(data: Uint8Array, port: number, host: string, done: () => void): void;
  on(event: "message", listener: (data: Uint8Array) => void): void;
  on(event: "error", listener: (error: Error) => void): void;
  close(): void;
}

interface NodeDgram {
  createSocket(type: "udp4" | "udp6"): NodeSocket;
}

/** What the system said, without Deno's additions: `No such file or directory`. */
function reason(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  return message.replace(/ \(os error \d+\).*$/s, "");
}

function describe(address: SocketAddress): string {
  return address.type === "unix" ? address.path : `${address.host}:${address.port}`;
}

/** An event that many wait for, and the number of those who can cause it. */
class Bell {
  sources = 0;
  #promise: Promise<void> | undefined;
  #resolve: (() => void) | undefined;
  #rung = false;

  ring(): undefined {
    this.#rung = true;
    this.#resolve?.();
  }

  /** Settles when it has rung since the last call. */
  wait(): Promise<void> {
    if (this.#rung || !this.#promise) {
      this.#promise = new Promise((resolve) => this.#resolve = resolve);
      if (this.#rung) this.#resolve?.();
      this.#rung = false;
    }
    return this.#promise;
  }
}

// Files

class DenoFile implements HostFile {
  readonly #file: Deno.FsFile;

  constructor(file: Deno.FsFile) {
    this.#file = file;
  }

  size(): number {
    return this.#file.seekSync(0, Deno.SeekMode.End);
  }

  readAt(offset: number, into: Uint8Array): number {
    this.#file.seekSync(offset, Deno.SeekMode.Start);
    let done = 0;
    while (done < into.length) {
      const count = this.#file.readSync(into.subarray(done));
      if (!count) break;
      done += count;
    }
    return done;
  }

  writeAt(offset: number, data: Uint8Array): undefined {
    this.#file.seekSync(offset, Deno.SeekMode.Start);
    writeAllSync(this.#file, data);
  }

  sync(): undefined {
    this.#file.syncSync();
  }

  truncate(size: number): undefined {
    this.#file.truncateSync(size);
  }

  close(): undefined {
    this.#file.close();
  }
}

function writeAllSync(to: { writeSync(data: Uint8Array): number }, data: Uint8Array): undefined {
  for (let done = 0; done < data.length;) done += to.writeSync(data.subarray(done));
}

const OPEN_OPTIONS: Readonly<Record<OpenMode, Deno.OpenOptions>> = {
  read: { read: true },
  "read-write": { read: true, write: true },
  create: { read: true, write: true, create: true, truncate: true },
  append: { read: true, write: true, create: true },
};

function open(path: string, options: Deno.OpenOptions): Deno.FsFile {
  try {
    return Deno.openSync(path, options);
  } catch (error) {
    throw new Error(`Could not open '${path}': ${reason(error)}`, { cause: error });
  }
}

function openFile(path: string, mode: OpenMode): HostFile {
  const file = open(path, OPEN_OPTIONS[mode]);
  if (!file.statSync().isDirectory) return new DenoFile(file);
  file.close();
  throw new Error(`Could not open '${path}': Is a directory`);
}

// Streams

/** What all streams have in common: bytes wait until somebody listens. */
abstract class Stream implements HostStream {
  protected closed = false;
  readonly #bell: Bell;
  #listener: Listener | undefined;
  #early: Uint8Array[] = [];

  constructor(bell: Bell) {
    this.#bell = bell;
    bell.sources++;
  }

  abstract write(data: Uint8Array): undefined;
  /** Lets go of what the stream holds. */
  protected abstract release(): undefined;

  onData(listener: Listener): undefined {
    this.#listener = listener;
    for (const data of this.#early.splice(0)) listener(data);
  }

  close(): undefined {
    if (this.closed) return;
    this.closed = true;
    this.#bell.sources--;
    this.release();
  }

  /** Reads until the end or until the stream is closed. */
  protected async pump(read: (into: Uint8Array) => Promise<number | null>): Promise<void> {
    const buffer = new Uint8Array(READ_SIZE);
    while (!this.closed) {
      const count = await read(buffer);
      if (count === null || this.closed) return;
      const data = buffer.slice(0, count);
      if (this.#listener) this.#listener(data);
      else this.#early.push(data);
      this.#bell.ring();
    }
  }
}

/** The terminal; keys come one by one while the stream is open, and Ctrl-C still ends the program. */
class StdioStream extends Stream {
  readonly #reader = Deno.stdin.readable.getReader();
  readonly #raw = Deno.stdin.isTerminal();

  constructor(bell: Bell) {
    super(bell);
    if (this.#raw) Deno.stdin.setRaw(true, { cbreak: true });
    this.#run();
  }

  write(data: Uint8Array): undefined {
    writeAllSync(Deno.stdout, data);
  }

  protected release(): undefined {
    if (this.#raw) Deno.stdin.setRaw(false);
    this.#reader.cancel().catch(() => undefined);
  }

  async #run(): Promise<void> {
    let rest: Uint8Array = new Uint8Array();
    const read = async (into: Uint8Array): Promise<number | null> => {
      if (rest.length === 0) {
        const { value, done } = await this.#reader.read();
        if (done) return null;
        rest = value;
      }
      const part = rest.subarray(0, into.length);
      into.set(part);
      rest = rest.subarray(part.length);
      return part.length;
    };
    await this.pump(read).catch(() => undefined);
  }
}

/** A pair of named pipes, or one for both ways. */
class PipeStream extends Stream {
  readonly #in: Deno.FsFile;
  readonly #out: Deno.FsFile;
  #writes: Promise<void> = Promise.resolve();

  constructor(bell: Bell, input: Deno.FsFile, output: Deno.FsFile) {
    super(bell);
    this.#in = input;
    this.#out = output;
    this.#run();
  }

  write(data: Uint8Array): undefined {
    const copy = data.slice();
    // Not at once: a full pipe would stop the whole program until somebody reads it.
    this.#writes = this.#writes.then(() => writeAll(this.#out, copy)).catch(() => undefined);
  }

  protected release(): undefined {
    // A read that waits ends only with a byte; the pipe is open both ways, so it may come from here.
    this.#in.writeSync(Uint8Array.of(0));
    this.#writes.then(() => {
      if (this.#out !== this.#in) this.#out.close();
    });
  }

  async #run(): Promise<void> {
    await this.pump((into) => this.#in.read(into)).catch(() => undefined);
    this.#writes.then(() => this.#in.close());
  }
}

async function writeAll(
  to: { write(data: Uint8Array): Promise<number> },
  data: Uint8Array,
): Promise<void> {
  for (let done = 0; done < data.length;) done += await to.write(data.subarray(done));
}

/** A stream socket, connected or listening for one peer at a time. */
class SocketStream extends Stream {
  #conn: Deno.Conn | undefined;
  #listener: Deno.Listener | undefined;
  /** What is written before the connection stands. */
  #early: Uint8Array[] = [];
  #writes: Promise<void> = Promise.resolve();

  constructor(bell: Bell, address: SocketAddress, listen: boolean) {
    super(bell);
    if (!listen) {
      this.#connect(address);
      return;
    }
    try {
      this.#listener = listenAt(address);
    } catch (error) {
      this.close();
      throw new Error(`Failed to listen on '${describe(address)}': ${reason(error)}`, {
        cause: error,
      });
    }
    this.#accept(this.#listener);
  }

  write(data: Uint8Array): undefined {
    const conn = this.#conn;
    if (conn) this.#send(conn, data.slice());
    else if (!this.#listener) this.#early.push(data.slice());
  }

  protected release(): undefined {
    this.#conn?.close();
    this.#listener?.close();
  }

  #send(conn: Deno.Conn, data: Uint8Array): undefined {
    this.#writes = this.#writes.then(() => writeAll(conn, data)).catch(() => undefined);
  }

  async #connect(address: SocketAddress): Promise<void> {
    try {
      const conn = address.type === "unix"
        ? await Deno.connect({ transport: "unix", path: address.path })
        : await Deno.connect({ hostname: address.host, port: address.port });
      await this.#serve(conn);
    } catch (error) {
      if (!this.closed) {
        console.error(`Failed to connect to '${describe(address)}': ${reason(error)}`);
      }
    }
  }

  async #accept(listener: Deno.Listener): Promise<void> {
    while (!this.closed) {
      const conn = await listener.accept().catch(() => undefined);
      if (!conn) return;
      await this.#serve(conn);
    }
  }

  /** Reads one connection to its end. */
  async #serve(conn: Deno.Conn): Promise<void> {
    if (this.closed) return conn.close();
    this.#conn = conn;
    for (const data of this.#early.splice(0)) this.#send(conn, data);
    await this.pump((into) => conn.read(into)).catch(() => undefined);
    if (this.closed) return;
    this.#conn = undefined;
    conn.close();
  }
}

function listenAt(address: SocketAddress): Deno.Listener {
  if (address.type === "inet") {
    return Deno.listen({ hostname: address.host, port: address.port });
  }
  try {
    if (Deno.lstatSync(address.path).isSocket) Deno.removeSync(address.path);
  } catch { /* there is none yet */ }
  return Deno.listen({ transport: "unix", path: address.path });
}

// Datagrams

class UdpSocket implements HostDatagram {
  readonly #socket: NodeSocket;
  readonly #remote: SocketAddress & { type: "inet" };
  readonly #bell: Bell;
  #closed = false;

  constructor(
    bell: Bell,
    local: (SocketAddress & { type: "inet" }) | undefined,
    remote: SocketAddress & { type: "inet" },
  ) {
    this.#bell = bell;
    this.#remote = remote;
    bell.sources++;
    this.#socket = nodeDgram().createSocket(remote.host.includes(":") ? "udp6" : "udp4");
    this.#socket.on("error", (error) => {
      console.error(`UDP socket for '${describe(remote)}': ${reason(error)}`);
    });
    if (local) this.#socket.bind(local.port, local.host);
  }

  send(data: Uint8Array): undefined {
    if (this.#closed) return;
    this.#socket.send(data.slice(), this.#remote.port, this.#remote.host, () => undefined);
  }

  onData(listener: Listener): undefined {
    this.#socket.on("message", (data) => {
      listener(new Uint8Array(data));
      this.#bell.ring();
    });
  }

  close(): undefined {
    if (this.#closed) return;
    this.#closed = true;
    this.#bell.sources--;
    this.#socket.close();
  }
}

function nodeDgram(): NodeDgram {
  const { process } = globalThis as unknown as {
    readonly process: { getBuiltinModule(name: string): NodeDgram };
  };
  return process.getBuiltinModule("node:dgram");
}

class DenoHost implements Host {
  readonly #bell = new Bell();

  openFile(path: string, mode: OpenMode): HostFile {
    return openFile(path, mode);
  }

  stdio(): HostStream {
    return new StdioStream(this.#bell);
  }

  pipe(path: string): HostStream {
    const both = { read: true, write: true };
    let input: Deno.FsFile | undefined;
    try {
      input = Deno.openSync(`${path}.in`, both);
      return new PipeStream(this.#bell, input, Deno.openSync(`${path}.out`, both));
    } catch {
      input?.close();
    }
    const file = open(path, both);
    return new PipeStream(this.#bell, file, file);
  }

  stream(address: SocketAddress, listen: boolean): HostStream {
    return new SocketStream(this.#bell, address, listen);
  }

  datagram(local: SocketAddress | undefined, remote: SocketAddress): HostDatagram {
    if (local?.type === "unix" || remote.type === "unix") {
      throw new Error("Unix datagram sockets are not supported; use type=inet");
    }
    return new UdpSocket(this.#bell, local, remote);
  }

  activity(): Promise<void> | undefined {
    return this.#bell.sources > 0 ? this.#bell.wait() : undefined;
  }
}

/**
 * Returns the host program that runs on Deno. What its methods open needs the permissions that Deno
 * asks for: files `--allow-read` and `--allow-write`, sockets `--allow-net`.
 */
export function denoHost(): Host {
  return new DenoHost();
}
