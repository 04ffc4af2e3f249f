/**
 * Reading what `initcall_debug` leaves in a kernel log, of this kernel or of a real one.
 *
 * Linux: init/main.c, kernel/async.c, drivers/base/dd.c, drivers/base/power/main.c
 *
 * @module
 */

/** What took time. */
export type BootSpanKind =
  /** An initcall, also a module's. */
  | "initcall"
  /** One attempt to bring a device and a driver together. */
  | "probe"
  /** A function that ran beside the task that asked for it. */
  | "async"
  /** A step of suspend or resume of one device. */
  | "pm";

/** Something that took time. */
export interface BootSpan {
  /** What it is. */
  readonly kind: BootSpanKind;
  /** The function, or the device of a probe. */
  readonly name: string;
  /** The module that the function belongs to, empty for what is built in. */
  readonly module: string;
  /** The task it ran in, `undefined` if the log does not say. */
  readonly pid: number | undefined;
  /** When it began, in microseconds of the log's clock. */
  readonly startUs: number;
  /** When it ended. A slow console keeps a call from beginning at once, so this is no sum. */
  readonly endUs: number;
  /** Microseconds that it took, as the kernel counted. */
  readonly durationUs: number;
  /** What it returned, `undefined` for what returns nothing, and for what did not return. */
  readonly result: number | undefined;
}

/** What a kernel log says about how the kernel started. */
export interface BootLog {
  /** In the order in which they began. */
  readonly spans: readonly BootSpan[];
  /** What the log says began but not how it ended; without duration. */
  readonly unfinished: readonly BootSpan[];
  /** When the first program was started, in microseconds. */
  readonly initAtUs: number | undefined;
  /** Whether lines have time stamps. Without them, times are sums of durations. */
  readonly stamped: boolean;
}

const LINE = /^(?:<\d+>)?(?:\[ *(\d+)\.(\d+)\] ?)?(?:\[ *[TC]\d+\] ?)?(.*)$/;
const SYMBOL = String.raw`(\S+?)(?:\+0x[0-9a-f]+\/0x[0-9a-f]+)?(?: \[(\S+)\])?`;
const CALLING = new RegExp(String.raw`^calling {2}${SYMBOL} @ (\d+)`);
const RETURNED = new RegExp(
  String.raw`^initcall ${SYMBOL} returned (?:(-?\d+) )?after (\d+) usecs`,
);
const PROBE = /^probe of (.+) returned (-?\d+) after (\d+) usecs/;
const PM_CALLING = /^(\S+ \S+): calling (\S+?)(?:\+\S+)?(?: \[\S+\])? @ (\d+), parent: /;
const PM_RETURNED = /^(\S+ \S+): (\S+?)(?:\+\S+)?(?: \[\S+\])? returned (-?\d+) after (\d+) usecs/;
const INIT = /^(Run \S+ as init process|Freeing unused kernel)/;
/** A function of kernel/async.c has its cookie in front: `12_sd_probe_async`. */
const ASYNC = /^\d+_/;

/**
 * Reads a kernel log. Lines that say nothing about initcalls, probes and the like are passed over, so
 * that the whole text of `dmesg`, of a serial console or of a journal will do.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { readBootLog } from "./boot_log.ts";
 * const { spans } = readBootLog(`
 * [    0.500000] calling  virtio_blk_init+0x0/0x110 @ 1
 * [    0.500900] probe of virtio0 returned 0 after 600 usecs
 * [    0.501000] initcall virtio_blk_init+0x0/0x110 returned 0 after 950 usecs
 * `);
 * assertEquals(spans.map(({ name, durationUs }) => `${name} ${durationUs}`), [
 *   "virtio_blk_init 950",
 *   "virtio0 600",
 * ]);
 * ```
 */
export function readBootLog(text: string): BootLog {
  const reader = new Reader();
  for (const line of text.split("\n")) reader.line(line.replace(/\r$/, ""));
  return reader.finish();
}

class Reader {
  /** What has ended, each with the line that it began on; for a probe, that of its end. */
  readonly #ended: { span: BootSpan; line: number }[] = [];
  /** Calls that have not returned yet, by what their return line will say, innermost last. */
  readonly #open = new Map<string, { span: BootSpan; line: number }[]>();
  /** Initcalls that have not returned yet, in the order of their beginning. */
  readonly #running = new Set<BootSpan>();
  #line = 0;
  #nowUs = 0;
  #stamped = false;
  #initAtUs: number | undefined = undefined;

  line(line: string): undefined {
    this.#line++;
    const [, seconds, fraction, text] = LINE.exec(line) ?? ["", "", "", ""];
    if (seconds !== undefined) {
      this.#stamped = true;
      this.#nowUs = Number(seconds) * 1e6 + Number(fraction.padEnd(6, "0").slice(0, 6));
    }
    if (this.#calling(text) || this.#returned(text) || this.#probe(text)) return;
    if (!this.#pm(text) && INIT.test(text)) this.#initAtUs ??= this.#nowUs;
  }

  finish(): BootLog {
    const unfinished = [...this.#open.values()].flat().map(({ span }) => span);
    const spans = this.#ended.sort((a, b) => a.span.startUs - b.span.startUs || a.line - b.line)
      .map(({ span }) => span);
    return { spans, unfinished, initAtUs: this.#initAtUs, stamped: this.#stamped };
  }

  #calling(text: string): boolean {
    const match = CALLING.exec(text);
    if (match === null) return false;
    const [, name, module = "", pid] = match;
    const kind = ASYNC.test(name) ? "async" : "initcall";
    this.#begin(`${name} ${module}`, { kind, name, module, pid: Number(pid) });
    return true;
  }

  #returned(text: string): boolean {
    const match = RETURNED.exec(text);
    if (match === null) return false;
    const [, name, module = "", result, usecs] = match;
    this.#end(`${name} ${module}`, Number(usecs), result === undefined ? undefined : +result);
    return true;
  }

  /** A probe has one line, at its end; it ran in the initcall that is running, if there is one. */
  #probe(text: string): boolean {
    const match = PROBE.exec(text);
    if (match === null) return false;
    const [, name, result, usecs] = match;
    const durationUs = Number(usecs);
    if (!this.#stamped) this.#nowUs += durationUs;
    const endUs = this.#nowUs;
    const running = [...this.#running];
    const within = running.findLast((call) => call.startUs <= endUs - durationUs) ?? running[0];
    const startUs = Math.max(within?.startUs ?? 0, endUs - durationUs);
    const pid = within?.pid;
    const times = { startUs, endUs, durationUs };
    const span = { kind: "probe", name, module: "", pid, ...times, result: +result } as const;
    this.#ended.push({ span, line: this.#line });
    return true;
  }

  #pm(text: string): boolean {
    const calling = PM_CALLING.exec(text);
    if (calling !== null) {
      const [, device, callback, pid] = calling;
      const name = `${device}: ${callback}`;
      this.#begin(name, { kind: "pm", name, module: "", pid: Number(pid) });
      return true;
    }
    const returned = PM_RETURNED.exec(text);
    if (returned === null) return false;
    const [, device, callback, result, usecs] = returned;
    this.#end(`${device}: ${callback}`, Number(usecs), +result);
    return true;
  }

  #begin(
    key: string,
    what: Pick<BootSpan, "kind" | "name" | "module" | "pid">,
  ): undefined {
    const at = this.#nowUs;
    const span = { ...what, startUs: at, endUs: at, durationUs: 0, result: undefined };
    const open = this.#open.get(key);
    const entry = { span, line: this.#line };
    if (open === undefined) this.#open.set(key, [entry]);
    else open.push(entry);
    this.#running.add(span);
  }

  /** A return without a call, as in a log whose start is lost, is passed over. */
  #end(key: string, durationUs: number, result: number | undefined): undefined {
    const entry = this.#open.get(key)?.pop();
    if (entry === undefined) return;
    const { span, line } = entry;
    this.#running.delete(span);
    if (!this.#stamped) this.#nowUs = Math.max(this.#nowUs, span.startUs + durationUs);
    this.#ended.push({ span: { ...span, endUs: this.#nowUs, durationUs, result }, line });
  }
}
