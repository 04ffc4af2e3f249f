/**
 * What scripts of requests to a device are made of: the world outside, notes of what happened, and a
 * few ways to write bytes.
 *
 * @module
 */
import { Activity } from "../hypervisor/embedded/activity.ts";
import { RingbufChardev, ScriptChardev } from "../hypervisor/embedded/chardev.ts";
import type { DeviceModel } from "../hypervisor/embedded/device.ts";
import { InputHub, parseInputEvents } from "../hypervisor/embedded/input_hub.ts";
import type { VirtioNet } from "../hypervisor/embedded/virtio_net.ts";
import { MiniDriver, SlotBench, type UsedBuffer } from "./mini_driver.ts";

/** One script, and the device that it runs against on both machines. */
export interface DeviceScript {
  /** Name for the table. */
  readonly name: string;
  /** QEMU's options; `IMAGE` stands for the path of an image of 1 MiB of sevens, `PIPE` for that of a pipe. */
  readonly args: readonly string[];
  /** The same device, embedded, and what the world outside sees of it. */
  readonly embed: () => { readonly model: DeviceModel; readonly host: HostSide };
  /** Puts the requests; returns a line for each. */
  readonly run: (driver: MiniDriver, host: HostSide) => string[];
}

/** The world outside the machine. */
export interface HostSide {
  /** Sends text into the character device `in`. */
  type(text: string): undefined;
  /** Takes what came out of the ring buffer `out`. */
  output(): string;
  /** Runs `input-send-event`. */
  input(events: readonly unknown[]): undefined;
  /** The driver of a second device. */
  readonly peer: MiniDriver;
  /** Runs `set_link` on the first card. */
  setLink(up: boolean): undefined;
  /** Runs `announce-self`. */
  announce(): undefined;
}

/** Size of the image `IMAGE` in bytes. */
export const IMAGE_SIZE = 1 << 20;

/** What an embedded device has outside. */
export class EmbeddedHost implements HostSide {
  readonly in = new ScriptChardev("in", new Activity());
  readonly out = new RingbufChardev("out");
  type(text: string): undefined {
    this.in.end.write(text);
  }
  output(): string {
    return new TextDecoder().decode(this.out.read(65536));
  }
  readonly hub = new InputHub();
  input(events: readonly unknown[]): undefined {
    this.hub.send(parseInputEvents({ events }));
  }
  readonly cards: VirtioNet[] = [];
  #peer: MiniDriver | undefined;
  get peer(): MiniDriver {
    return this.#peer ??= new MiniDriver(new SlotBench(this.cards[1]));
  }
  setLink(up: boolean): undefined {
    this.cards[0].netdev?.setLink(up);
  }
  announce(): undefined {
    for (const card of this.cards) card.announce();
  }
}

/** A number that stands for some bytes. */
export function checksum(data: Uint8Array): number {
  return data.reduce((sum, byte) => (sum * 31 + byte) >>> 0, 0);
}

/** Puts byte strings together. */
export const join = (...parts: Uint8Array[]) => Uint8Array.from(parts.flatMap((part) => [...part]));

/** Returns `length` bytes of one value. */
export const fill = (length: number, value: number) => new Uint8Array(length).fill(value);

/** The bytes of a text. */
export const text = (words: string) => new TextEncoder().encode(words);

/** Returns what a request gave, or why it gave nothing; the device is reset then. */
export function answer(driver: MiniDriver, request: () => UsedBuffer, queues = 1): string {
  try {
    const { len, data } = request();
    return `len ${len}, status ${data.at(-1)}, sum ${checksum(data)}`;
  } catch (error) {
    driver.init(queues);
    return (error as Error).message;
  }
}

/** Returns buffers that came back as text: length and bytes of each. */
export function show(buffers: readonly UsedBuffer[]): string {
  if (buffers.length === 0) return "nothing";
  const hex = (data: Uint8Array) =>
    [...data].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  return buffers.map(({ len, data }) => `${len} [${hex(data.subarray(0, len))}]`).join(" ");
}

/** Remembers what happened, one line each. */
export class Notes {
  readonly lines: string[] = [];
  readonly driver: MiniDriver;
  readonly host: HostSide;
  constructor(driver: MiniDriver, host: HostSide) {
    this.driver = driver;
    this.host = host;
  }
  give(queue: number, ...lengths: number[]): undefined {
    for (const length of lengths) this.driver.add(queue, [], [length]);
    this.driver.kick(queue, 10);
  }
  send(queue: number, ...out: Uint8Array[]): undefined {
    this.driver.add(queue, out, []);
    this.driver.kick(queue, 10);
    this.lines.push(`queue ${queue} gave back ${show(this.driver.used(queue))}`);
  }
  took(what: string, queue: number): undefined {
    this.lines.push(`${what}: ${show(this.driver.used(queue))}`);
  }
  printed(): undefined {
    this.lines.push(`printed ${JSON.stringify(this.host.output())}`);
  }
}
