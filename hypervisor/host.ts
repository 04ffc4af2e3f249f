/**
 * What a machine needs of the host program: files, terminals, sockets. The embedded machine takes it
 * as an argument, so that it runs where there is no file system; `host_deno.ts` serves it under Deno.
 *
 * @module
 */

/** An open image file. All calls are synchronous and throw when the host refuses. */
export interface HostFile {
  /** Size in bytes. */
  size(): number;
  /** Reads at `offset` until `into` is full or the file ends; returns the number of bytes. */
  readAt(offset: number, into: Uint8Array): number;
  /** Writes all of `data` at `offset`. */
  writeAt(offset: number, data: Uint8Array): undefined;
  /** Returns when what was written is on stable storage. */
  sync(): undefined;
  /** Changes the size; new bytes are zero. */
  truncate(size: number): undefined;
  /** Closes the file. */
  close(): undefined;
}

/** How {@linkcode Host.openFile} opens a file. */
export type OpenMode = "read" | "read-write" | "create" | "append";

/** A two-way flow of bytes with the world outside: a terminal, a pipe, a stream socket. */
export interface HostStream {
  /** Sends bytes; returns at once. */
  write(data: Uint8Array): undefined;
  /** Hears what arrives; called between, never inside, other calls. */
  onData(listener: (data: Uint8Array) => undefined): undefined;
  /** Closes it. */
  close(): undefined;
}

/** A datagram socket. */
export interface HostDatagram {
  /** Sends one datagram to the peer that it was opened for. */
  send(data: Uint8Array): undefined;
  /** Hears each datagram that arrives. */
  onData(listener: (data: Uint8Array) => undefined): undefined;
  /** Closes it. */
  close(): undefined;
}

/** The host program as a machine sees it. Paths are relative to its current folder. */
export interface Host {
  /**
   * Opens an image or a log.
   *
   * @throws {Error} A one-line message that names the path and the reason.
   */
  openFile(path: string, mode: OpenMode): HostFile;
  /** The terminal that the program runs on. */
  stdio(): HostStream;
  /** Opens a named pipe pair `PATH.in`/`PATH.out`, or `PATH` for both, as QEMU's pipe chardev does. */
  pipe(path: string): HostStream;
  /** Connects or listens on a stream socket at `host:port` or a Unix path. */
  stream(address: SocketAddress, listen: boolean): HostStream;
  /** Opens a datagram socket. */
  datagram(local: SocketAddress | undefined, remote: SocketAddress): HostDatagram;
  /** Settles when any stream, pipe or socket of this host has delivered something since the last call. */
  activity(): Promise<void> | undefined;
}

/** Where a socket is. */
export type SocketAddress =
  | { readonly type: "inet"; readonly host: string; readonly port: number }
  | { readonly type: "unix"; readonly path: string };
