/**
 * `ping` and `arping`.
 *
 * @module
 */
import { formatMac } from "../../kernel/net/eth.ts";
import { ETH_P_ARP } from "../../kernel/net/if.ts";
import { formatIpv4, parseIpv4 } from "../../kernel/net/ipv4/address.ts";
import { arpAnswer, arpRequest, sendFrame } from "../../kernel/net/ipv4/arp.ts";
import {
  echoReplySeq,
  echoRequest,
  ICMP_HEADER_SIZE,
  ICMP_LISTENERS,
  type IcmpPacket,
  icmpSend,
} from "../../kernel/net/ipv4/icmp.ts";
import { INET } from "../../kernel/net/ipv4/inet.ts";
import { NET_DEVICES, type PacketTap } from "../../kernel/net/registry.ts";
import { WaitQueue } from "../../kernel/wait.ts";
import { strerror } from "../errors.ts";
import type { Process } from "../process.ts";
import { type Options, parseOptions, showUsage } from "./options.ts";

const NS_PER_SECOND = 1_000_000_000;
const NS_PER_MICRO = 1000;
const DEFAULT_SIZE = 56;
const DEFAULT_WAIT_SECONDS = 10;

function secondsOf(options: Options, letter: string, fallback: number): number {
  const text = options.get(letter);
  return (text === undefined ? fallback : Number(text)) * NS_PER_SECOND;
}

/** `1.234` of so many nanoseconds, in milliseconds. */
function millis(ns: number): string {
  const micros = Math.floor(ns / NS_PER_MICRO);
  return `${Math.floor(micros / 1000)}.${`${micros % 1000}`.padStart(3, "0")}`;
}

/** Sleeps until there is something to see, or until a time. */
async function waitUntil(process: Process, queue: WaitQueue, seen: () => boolean, atNs: number) {
  const { sched, clock } = process.kernel;
  const timer = sched.addTimer(atNs, queue.name, () => queue.wakeUp());
  try {
    await queue.waitEventInterruptible(() => seen() || clock.nowNs >= atNs);
  } finally {
    sched.deleteTimer(timer);
  }
}

/** One run of `ping`. */
class Ping {
  readonly #process: Process;
  readonly #target: number;
  readonly #host: string;
  readonly #options: Options;
  readonly #id: number;
  readonly #queue: WaitQueue;
  readonly #arrived: (IcmpPacket & { readonly atNs: number })[] = [];
  readonly #sentNs: number[] = [];
  readonly #times: number[] = [];
  readonly #answered = new Set<number>();

  constructor(process: Process, host: string, target: number, options: Options) {
    const { sched } = process.kernel;
    this.#process = process;
    this.#host = host;
    this.#target = target;
    this.#options = options;
    this.#id = (sched.current?.pid ?? 0) & 0xffff;
    this.#queue = new WaitQueue(sched, `an answer of ${host}`);
  }

  /** Sends, waits, prints what comes, until enough has come or it has taken too long. */
  async run(): Promise<number> {
    const { kernel } = this.#process;
    const size = Number(this.#options.get("s") ?? DEFAULT_SIZE);
    const text = `PING ${this.#host} (${formatIpv4(this.#target)}): ${size} data bytes\n`;
    await this.#process.out(text);
    const listen = (packet: IcmpPacket): undefined => {
      this.#arrived.push({ ...packet, atNs: kernel.clock.nowNs });
      this.#queue.wakeUp();
    };
    kernel.get(ICMP_LISTENERS).add(listen);
    try {
      await this.#exchange(size);
    } finally {
      kernel.get(ICMP_LISTENERS).delete(listen);
    }
    return await this.#summary();
  }

  async #exchange(size: number): Promise<undefined> {
    const { clock } = this.#process.kernel;
    const count = Number(this.#options.get("c") ?? Infinity);
    const interval = secondsOf(this.#options, "i", 1);
    const deadline = clock.nowNs + secondsOf(this.#options, "w", Infinity);
    const ttl = Number(this.#options.get("t") ?? 0) || undefined;
    while (this.#times.length < count && clock.nowNs < deadline) {
      const last = this.#sentNs.length === count;
      if (!last) this.#send(size, ttl);
      const pause = this.#sentNs.length < count
        ? interval
        : secondsOf(this.#options, "W", DEFAULT_WAIT_SECONDS);
      await this.#listenUntil(Math.min(clock.nowNs + pause, deadline), count);
      if (last || (this.#sentNs.length === count && this.#times.length < count)) return;
    }
  }

  #send(size: number, ttl: number | undefined): undefined {
    const { kernel } = this.#process;
    const seq = this.#sentNs.length;
    this.#sentNs.push(kernel.clock.nowNs);
    icmpSend(kernel, this.#target, echoRequest(this.#id, seq, new Uint8Array(size)), { ttl });
  }

  async #listenUntil(atNs: number, count: number): Promise<undefined> {
    const { clock } = this.#process.kernel;
    while (clock.nowNs < atNs && this.#times.length < count) {
      await waitUntil(this.#process, this.#queue, () => this.#arrived.length > 0, atNs);
      for (const packet of this.#arrived.splice(0)) await this.#take(packet);
    }
  }

  async #take({ source, ttl, message, atNs }: IcmpPacket & { readonly atNs: number }) {
    const seq = echoReplySeq(message, this.#id);
    if (seq === undefined || this.#sentNs[seq] === undefined) return;
    if (this.#answered.has(seq)) return;
    this.#answered.add(seq);
    const time = atNs - this.#sentNs[seq];
    this.#times.push(time);
    if (this.#options.has("q")) return;
    const timeText = message.length >= ICMP_HEADER_SIZE + 4 ? ` time=${millis(time)} ms` : "";
    await this.#process.out(
      `${message.length} bytes from ${formatIpv4(source)}: seq=${seq} ttl=${ttl}${timeText}\n`,
    );
  }

  async #summary(): Promise<number> {
    const [sent, received] = [this.#sentNs.length, this.#times.length];
    const loss = Math.floor((sent - received) * 100 / sent);
    await this.#process.out(
      `\n--- ${this.#host} ping statistics ---\n` +
        `${sent} packets transmitted, ${received} packets received, ${loss}% packet loss\n`,
    );
    if (received === 0) return 1;
    const sum = this.#times.reduce((all, time) => all + time, 0);
    const figures = [Math.min(...this.#times), sum / received, Math.max(...this.#times)];
    await this.#process.out(`round-trip min/avg/max = ${figures.map(millis).join("/")} ms\n`);
    return 0;
  }
}

/** `ping [-q] [-c COUNT] [-s SIZE] [-t TTL] [-i SECONDS] [-W SECONDS] [-w SECONDS] HOST` */
export async function ping(process: Process): Promise<number> {
  const options = await parseOptions(process, { letters: "46qc:s:t:i:W:w:I:p:A" });
  const [host] = options.rest;
  if (host === undefined) return await showUsage(process, "[OPTIONS] HOST");
  const target = parseIpv4(host);
  if (target === undefined) {
    await process.complain(`bad address '${host}'`);
    return 1;
  }
  try {
    return await new Ping(process, host, target, options).run();
  } catch (error) {
    await process.flush();
    await process.complain(`sendto: ${strerror(error)}`);
    return 1;
  }
}

/** `arping [-c COUNT] [-w SECONDS] -I DEV ADDRESS`: asks who has an address. */
export async function arping(process: Process): Promise<number> {
  const options = await parseOptions(process, { letters: "c:w:I:s:fqbDUA" });
  const target = parseIpv4(options.rest[0] ?? "");
  const name = options.get("I") ?? "eth0";
  const dev = process.kernel.get(NET_DEVICES).find(name);
  if (dev === undefined || target === undefined) {
    await process.complain(dev === undefined ? `interface ${name} not found` : "bad address");
    return 2;
  }
  const { clock, sched } = process.kernel;
  const source = process.kernel.get(INET).addresses(dev)[0]?.local ?? 0;
  const count = Number(options.get("c") ?? Infinity);
  const deadline = clock.nowNs + secondsOf(options, "w", Infinity);
  await process.out(`ARPING ${formatIpv4(target)} from ${formatIpv4(source)} ${name}\n`);
  const queue = new WaitQueue(sched, `an answer of ${formatIpv4(target)}`);
  const answers: Uint8Array[] = [];
  const receive = (_dev: unknown, frame: Uint8Array): undefined => {
    const answer = arpAnswer(frame);
    if (answer?.ip === target) answers.push(answer.mac);
    queue.wakeUp();
  };
  const tap: PacketTap = { dev, protocol: ETH_P_ARP, receive };
  const { taps } = process.kernel.get(NET_DEVICES);
  taps.add(tap);
  let [sent, received] = [0, 0];
  try {
    while (received < count && clock.nowNs < deadline) {
      const askedNs = clock.nowNs;
      if (sent < count) {
        sent++;
        sendFrame(dev, arpRequest(dev, target, source));
      }
      const untilNs = Math.min(askedNs + NS_PER_SECOND, deadline);
      await waitUntil(process, queue, () => answers.length > 0, untilNs);
      for (const mac of answers.splice(0)) {
        received++;
        const time = millis(clock.nowNs - askedNs);
        await process.out(
          `Unicast reply from ${formatIpv4(target)} [${formatMac(mac)}] ${time}ms\n`,
        );
        if (received < count) await process.sleep(untilNs - clock.nowNs);
      }
    }
  } finally {
    taps.delete(tap);
  }
  await process.out(
    `Sent ${sent} probe(s) (0 broadcast(s))\n` +
      `Received ${received} response(s) (0 request(s), 0 broadcast(s))\n`,
  );
  return received > 0 ? 0 : 1;
}
