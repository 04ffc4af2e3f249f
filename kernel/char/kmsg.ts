/**
 * `/dev/kmsg`: the kernel log for programs.
 *
 * Linux: kernel/printk/printk.c, devkmsg_read(), devkmsg_write()
 *
 * @module
 */
import { KernelError } from "../errors.ts";
import type { Kernel } from "../kernel.ts";
import type { LogRecord } from "../printk.ts";
import type { OpenFile, OpenFlags } from "../vfs/node.ts";
import { WaitQueue } from "../wait.ts";

/** Who writes when the text does not say. Linux: LOG_USER */
const FACILITY_USER = 1;
/** Bytes that one message may have. Linux: PRINTKRB_RECORD_MAX */
const MESSAGE_MAX = 1024;
const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** A record as it is read: `6,12,345,-;text`. Linux: info_print_ext_header() */
function recordText({ seq, level, facility, atNs, text }: LogRecord): string {
  return `${facility * 8 + level},${seq},${Math.floor(atNs / 1000)},-;${text}\n`;
}

/** Prints what a program wrote: `<3>text`, or text at the default level. */
function writeMessage(kernel: Kernel, data: Uint8Array): number {
  if (data.length > MESSAGE_MAX) throw new KernelError("EINVAL", "kmsg: the message is too long");
  if (kernel.log.devkmsg === "off") return data.length;
  const written = decoder.decode(data);
  const prefix = /^<(\d+)>/.exec(written);
  const number = Number(prefix?.[1] ?? FACILITY_USER * 8 + kernel.log.otherLevels[0]);
  const text = written.slice(prefix?.[0].length ?? 0).replace(/\n$/, "");
  kernel.log.print(number & 7, text, number >> 3 || FACILITY_USER);
  return data.length;
}

/** Opens the log: reading starts at the oldest message, one per `read()`. */
export function openKmsg(kernel: Kernel, flags: OpenFlags): OpenFile {
  const { log } = kernel;
  const news = new WaitQueue(kernel.sched, "a message in the kernel log");
  const wake = () => news.wakeUp();
  let next = log.records[0]?.seq ?? 0;
  const find = () => log.records.find(({ seq }) => seq >= next);
  log.listeners.add(wake);
  return {
    async read(count: number): Promise<Uint8Array> {
      if (find() === undefined && flags.nonblock) {
        throw new KernelError("EAGAIN", "kmsg: no message is left");
      }
      await news.waitEventInterruptible(() => find() !== undefined);
      const record = find() as LogRecord;
      const bytes = encoder.encode(recordText(record));
      if (bytes.length > count) throw new KernelError("EINVAL", "kmsg: the buffer is too short");
      next = record.seq + 1;
      return bytes;
    },
    write: async (data) => writeMessage(kernel, data),
    async close(): Promise<undefined> {
      log.listeners.delete(wake);
    },
  };
}
