/**
 * Packet dumps in the format of tcpdump: `-object filter-dump`.
 *
 * @module
 */
import type { HostFile } from "../host.ts";
import type { FrameDirection, NetFilter } from "./netdev.ts";

const MAGIC = 0xa1b2c3d4;
const VERSION_MAJOR = 2;
const VERSION_MINOR = 4;
const LINKTYPE_ETHERNET = 1;
const FILE_HEADER_SIZE = 24;
const RECORD_HEADER_SIZE = 16;

/** The options of `filter-dump`; the names are QEMU's. */
export interface FilterDumpOptions {
  /** Name of the object. */
  readonly id: string;
  /** Most bytes kept of a frame. Default 65,536. */
  readonly maxlen?: number;
  /** Which way the frames go that are kept. Default `all`. */
  readonly queue?: FrameDirection | "all";
}

/** Writes the frames of a network to a file. Times are virtual. */
export class FilterDump implements NetFilter {
  /** Name of the object. */
  readonly id: string;
  readonly #file: HostFile;
  readonly #nowNs: () => number;
  readonly #frameMax: number;
  readonly #queue: FrameDirection | "all";
  #offset = 0;

  /**
   * @param file Where to write; it is closed with the dump.
   * @param nowNs Tells virtual time in nanoseconds.
   */
  constructor(options: FilterDumpOptions, file: HostFile, nowNs: () => number) {
    this.id = options.id;
    this.#file = file;
    this.#nowNs = nowNs;
    this.#frameMax = options.maxlen ?? 65_536;
    this.#queue = options.queue ?? "all";
    this.#append(fileHeader(this.#frameMax));
  }

  frame(frame: Uint8Array, direction: FrameDirection): undefined {
    if (this.#queue !== "all" && this.#queue !== direction) return;
    const kept = Math.min(frame.length, this.#frameMax);
    const record = new Uint8Array(RECORD_HEADER_SIZE + kept);
    const view = new DataView(record.buffer);
    const micros = Math.floor(this.#nowNs() / 1000);
    view.setUint32(0, Math.floor(micros / 1_000_000), true);
    view.setUint32(4, micros % 1_000_000, true);
    view.setUint32(8, kept, true);
    view.setUint32(12, frame.length, true);
    record.set(frame.subarray(0, kept), RECORD_HEADER_SIZE);
    this.#append(record);
  }

  /** Closes the file. */
  close(): undefined {
    this.#file.close();
  }

  #append(bytes: Uint8Array): undefined {
    this.#file.writeAt(this.#offset, bytes);
    this.#offset += bytes.length;
  }
}

function fileHeader(frameMax: number): Uint8Array {
  const header = new Uint8Array(FILE_HEADER_SIZE);
  const view = new DataView(header.buffer);
  view.setUint32(0, MAGIC, true);
  view.setUint16(4, VERSION_MAJOR, true);
  view.setUint16(6, VERSION_MINOR, true);
  view.setUint32(16, frameMax, true);
  view.setUint32(20, LINKTYPE_ETHERNET, true);
  return header;
}
