/**
 * The few system calls that Deno does not offer: socket pairs and memory files that a child inherits,
 * shared mappings, and waiting for a socket without giving up the thread.
 *
 * Everything here is a file descriptor, so the system takes all of it back when the program ends,
 * however it ends.
 *
 * @module
 */
import { QemuUnavailableError } from "./errors.ts";

const AF_UNIX = 1;
const SOCK_STREAM = 1;
const SOCK_CLOEXEC = 0o2000000;
const F_SETFD = 2;
const FD_CLOEXEC = 1;
const SOL_SOCKET = 1;
const SO_RCVTIMEO = 20;
const SHUT_RDWR = 2;
const MSG_DONTWAIT = 0x40;
const MSG_NOSIGNAL = 0x4000;
const POLLIN = 1;
const PROT_READ_WRITE = 3;
const MAP_SHARED = 1;

const SYMBOLS = {
  socketpair: { parameters: ["i32", "i32", "i32", "buffer"], result: "i32" },
  setsockopt: { parameters: ["i32", "i32", "i32", "buffer", "u32"], result: "i32" },
  shutdown: { parameters: ["i32", "i32"], result: "i32" },
  fcntl: { parameters: ["i32", "i32", "i32"], result: "i32" },
  close: { parameters: ["i32"], result: "i32" },
  memfd_create: { parameters: ["buffer", "u32"], result: "i32" },
  ftruncate: { parameters: ["i32", "i64"], result: "i32" },
  pread: { parameters: ["i32", "buffer", "usize", "i64"], result: "isize" },
  pwrite: { parameters: ["i32", "buffer", "usize", "i64"], result: "isize" },
  mmap: { parameters: ["pointer", "usize", "i32", "i32", "i32", "i64"], result: "pointer" },
  munmap: { parameters: ["pointer", "usize"], result: "i32" },
  // Counts fit into 32 bits, and small integers cost nothing.
  recv: { parameters: ["i32", "buffer", "usize", "i32"], result: "i32" },
  send: { parameters: ["i32", "buffer", "usize", "i32"], result: "i32" },
  ppoll: { parameters: ["buffer", "usize", "buffer", "pointer"], result: "i32" },
  poll: { parameters: ["buffer", "usize", "i32"], result: "i32", nonblocking: true },
} as const;

/** What a receive call came to. */
export type Received = number | "closed" | "nothing";

/** One open C library. Closed with the machine that uses it. */
export class Libc implements Disposable {
  readonly #library: Deno.DynamicLibrary<typeof SYMBOLS>;
  readonly #timespec = new BigInt64Array(2);

  /** @throws {QemuUnavailableError} On a system that is not Linux with glibc. */
  constructor() {
    try {
      this.#library = Deno.dlopen("libc.so.6", SYMBOLS);
    } catch (cause) {
      if (cause instanceof Deno.errors.NotCapable) throw cause;
      throw new QemuUnavailableError("The machine qemu needs Linux with glibc", { cause });
    }
  }

  #check(call: string, result: number): number {
    if (result < 0) throw new QemuUnavailableError(`${call}() failed on this system`);
    return result;
  }

  /**
   * Makes two connected sockets: ours, which no child inherits, and one for the next child.
   *
   * @param patienceMs A receive call on ours that waits gives up after this time.
   */
  socketPair(patienceMs: number): { readonly ours: number; readonly theirs: number } {
    const { symbols } = this.#library;
    const pair = new Int32Array(2);
    this.#check("socketpair", symbols.socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair));
    const [ours, theirs] = pair;
    this.#check("fcntl", symbols.fcntl(theirs, F_SETFD, 0));
    const seconds = Math.floor(patienceMs / 1000);
    const timeval = BigInt64Array.of(BigInt(seconds), BigInt((patienceMs - 1000 * seconds) * 1000));
    const result = symbols.setsockopt(ours, SOL_SOCKET, SO_RCVTIMEO, timeval, timeval.byteLength);
    this.#check("setsockopt", result);
    return { ours, theirs };
  }

  /** Makes a file in memory that the next child inherits. */
  memoryFile(name: string, size: number): number {
    const { symbols } = this.#library;
    const fd = this.#check(
      "memfd_create",
      symbols.memfd_create(new TextEncoder().encode(`${name}\0`), 0),
    );
    this.#check("ftruncate", symbols.ftruncate(fd, BigInt(size)));
    return fd;
  }

  /** Keeps a file from children that are started from now on. */
  keep(fd: number): undefined {
    this.#library.symbols.fcntl(fd, F_SETFD, FD_CLOEXEC);
  }

  /** Maps a file into memory, shared with everybody who maps it. */
  map(fd: number, size: number): Deno.PointerObject {
    const { symbols } = this.#library;
    const address = symbols.mmap(null, BigInt(size), PROT_READ_WRITE, MAP_SHARED, fd, 0n);
    if (address === null || Deno.UnsafePointer.value(address) === 2n ** 64n - 1n) {
      throw new QemuUnavailableError(`mmap() of ${size} bytes failed on this system`);
    }
    return address;
  }

  /** Ends a mapping. Whoever still holds an `ArrayBuffer` of it must not exist any more. */
  unmap(address: Deno.PointerObject, size: number): undefined {
    this.#library.symbols.munmap(address, BigInt(size));
  }

  /** Reads from a file at `offset`; returns the number of bytes. */
  readAt(fd: number, into: Uint8Array, offset: number): number {
    const { symbols } = this.#library;
    const view = into as Uint8Array<ArrayBuffer>;
    return Math.max(0, Number(symbols.pread(fd, view, BigInt(into.length), BigInt(offset))));
  }

  /** Writes all of `data` to a file at `offset`. */
  writeAt(fd: number, data: Uint8Array, offset: number): undefined {
    const { symbols } = this.#library;
    for (let at = 0; at < data.length;) {
      const rest = data.subarray(at) as Uint8Array<ArrayBuffer>;
      const count = symbols.pwrite(fd, rest, BigInt(rest.length), BigInt(offset + at));
      at += this.#check("pwrite", Number(count));
    }
  }

  /** Takes what has arrived at a socket; with `wait` stays until something has or patience ends. */
  receive(fd: number, into: Uint8Array, wait: boolean): Received {
    const view = into as Uint8Array<ArrayBuffer>;
    const flags = wait ? 0 : MSG_DONTWAIT;
    const count = this.#library.symbols.recv(fd, view, BigInt(view.length), flags);
    if (count > 0) return count;
    return count === 0 ? "closed" : "nothing";
  }

  /** Sends bytes; without `wait` only as many as fit. Returns how many were sent, or -1 for none. */
  send(fd: number, data: Uint8Array, wait: boolean): number {
    const view = data as Uint8Array<ArrayBuffer>;
    const flags = MSG_NOSIGNAL | (wait ? 0 : MSG_DONTWAIT);
    return this.#library.symbols.send(fd, view, BigInt(view.length), flags);
  }

  /** Waits, asleep and keeping the thread, until a socket has something to say; false when time is up. */
  waitReadable(fds: readonly number[], timeoutUs: number): boolean {
    this.#timespec[0] = BigInt(Math.floor(timeoutUs / 1e6));
    this.#timespec[1] = BigInt(Math.floor(timeoutUs % 1e6) * 1000);
    const { symbols } = this.#library;
    return symbols.ppoll(pollList(fds), BigInt(fds.length), this.#timespec, null) !== 0;
  }

  /** Resolves when one of the sockets has something to say, or when time is up. */
  async untilReadable(fds: readonly number[], timeoutMs: number): Promise<undefined> {
    await this.#library.symbols.poll(pollList(fds), BigInt(fds.length), timeoutMs);
  }

  /** Ends a connection both ways: whoever waits on either end wakes up. */
  shutdown(fd: number): undefined {
    this.#library.symbols.shutdown(fd, SHUT_RDWR);
  }

  /** Closes a file descriptor. */
  close(fd: number): undefined {
    this.#library.symbols.close(fd);
  }

  [Symbol.dispose](): undefined {
    this.#library.close();
  }
}

/** An array of struct pollfd that asks for something to read. */
function pollList(fds: readonly number[]): Uint8Array<ArrayBuffer> {
  const list = new DataView(new ArrayBuffer(8 * fds.length));
  for (const [index, fd] of fds.entries()) {
    list.setInt32(8 * index, fd, true);
    list.setInt16(8 * index + 4, POLLIN, true);
  }
  return new Uint8Array(list.buffer);
}
