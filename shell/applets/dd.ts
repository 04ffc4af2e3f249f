/**
 * `dd`.
 *
 * @module
 */
import { KernelError } from "../../kernel/errors.ts";
import type { File } from "../../kernel/vfs/file.ts";
import { ExitStatus, strerror } from "../errors.ts";
import type { Process } from "../process.ts";
import { parseSize, showUsage } from "./options.ts";

const DEFAULT_BLOCK = 512;

/** What the operands say. */
interface Operands {
  readonly if?: string;
  readonly of?: string;
  readonly ibs: number;
  readonly obs: number;
  /** Bytes to copy; as many blocks as those are. */
  readonly count: number;
  /** Bytes of the input to leave out. */
  readonly skip: number;
  /** Bytes of the output to leave as they are. */
  readonly seek: number;
  readonly conv: readonly string[];
  readonly status: string;
  readonly iflag: readonly string[];
  readonly oflag: readonly string[];
}

const NAMES = /^(if|of|bs|ibs|obs|count|skip|seek|conv|status|iflag|oflag)$/;
/** Words that each list may hold. */
const WORDS: Readonly<Record<string, readonly string[]>> = {
  conv: ["notrunc", "sync", "noerror", "fsync", "swab"],
  iflag: ["skip_bytes", "count_bytes", "fullblock", "direct"],
  oflag: ["seek_bytes", "append", "direct"],
  status: ["noxfer", "none"],
};

async function operands(process: Process): Promise<Operands> {
  const given = new Map<string, string>();
  for (const arg of process.args.slice(1)) {
    const equals = arg.indexOf("=");
    if (equals < 0 || !NAMES.test(arg.slice(0, equals))) {
      const usage = "[if=FILE] [of=FILE] [bs=N] [count=N] [skip=N] [seek=N] [conv=WORD,...]";
      await showUsage(process, usage);
    }
    given.set(arg.slice(0, equals), arg.slice(equals + 1));
  }
  const size = async (name: string, fallback: number, least = 0) => {
    const text = given.get(name);
    if (text === undefined) return fallback;
    const value = await parseSize(process, text);
    if (value >= least) return value;
    await process.complain(`number ${text} is not in ${least}..9223372036854775807 range`);
    throw new ExitStatus(1);
  };
  const list = async (name: string) => {
    const words = given.get(name)?.split(",") ?? [];
    const wrong = words.find((word) => !WORDS[name].includes(word));
    if (wrong === undefined) return words;
    await process.complain(`invalid argument '${wrong}' to '${name}'`);
    throw new ExitStatus(1);
  };
  const [iflag, oflag] = [await list("iflag"), await list("oflag")];
  const block = await size("bs", DEFAULT_BLOCK, 1);
  const ibs = given.has("bs") ? block : await size("ibs", block, 1);
  const obs = given.has("bs") ? block : await size("obs", block, 1);
  const [input, output] = [given.get("if"), given.get("of")];
  const count = await size("count", Infinity);
  const inBytes = (flags: readonly string[], flag: string, unit: number) =>
    flags.includes(flag) ? 1 : unit;
  return {
    ...(input === undefined ? {} : { if: input }),
    ...(output === undefined ? {} : { of: output }),
    ibs,
    obs,
    count: count * inBytes(iflag, "count_bytes", ibs),
    skip: await size("skip", 0) * inBytes(iflag, "skip_bytes", ibs),
    seek: await size("seek", 0) * inBytes(oflag, "seek_bytes", obs),
    conv: await list("conv"),
    status: (await list("status")).join(""),
    iflag,
    oflag,
  };
}

/** Counts of whole and partial blocks. */
class Count {
  whole = 0;
  partial = 0;

  add(bytes: number, block: number): undefined {
    if (bytes === block) this.whole++;
    else this.partial++;
  }

  toString(): string {
    return `${this.whole}+${this.partial}`;
  }
}

class Copy {
  readonly read = new Count();
  readonly written = new Count();
  #held: Uint8Array = new Uint8Array(0);

  constructor(
    readonly process: Process,
    readonly operands: Operands,
    readonly input: File,
    readonly output: File,
  ) {}

  async run(): Promise<number> {
    const { operands, input, output } = this;
    await this.#seek();
    let position = operands.skip;
    for (let left = operands.count; left > 0; left -= operands.ibs) {
      let bytes: Uint8Array;
      let failed = false;
      try {
        bytes = await orBuffered(
          input,
          operands.iflag,
          () => this.#readBlock(Math.min(operands.ibs, left)),
        );
        position += bytes.length;
      } catch (error) {
        await this.process.perror(operands.if ?? "standard input", error);
        // Without a word about how much was copied.
        if (!operands.conv.includes("noerror")) throw new ExitStatus(1);
        bytes = new Uint8Array(0);
        failed = true;
        position += operands.ibs;
        input.seek(position);
      }
      if (bytes.length === 0 && !failed) break;
      this.read.add(bytes.length, operands.ibs);
      if (operands.conv.includes("sync") && bytes.length < operands.ibs) {
        const whole = new Uint8Array(operands.ibs);
        whole.set(bytes);
        bytes = whole;
      }
      if (operands.conv.includes("swab")) bytes = swapped(bytes);
      if (!await this.#take(bytes)) return 1;
    }
    if (this.#held.length > 0 && !await this.#write(this.#held)) return 1;
    if (operands.conv.includes("fsync")) {
      try {
        await output.fsync();
      } catch (error) {
        await this.process.perror(operands.of ?? "standard output", error);
        throw new ExitStatus(1);
      }
    }
    return 0;
  }

  /** One read; with `fullblock` as many as a block needs. */
  async #readBlock(size: number): Promise<Uint8Array> {
    const first = await this.input.read(size);
    if (!this.operands.iflag.includes("fullblock")) return first;
    const block = new Uint8Array(size);
    block.set(first);
    let at = first.length;
    for (let part = first; part.length > 0 && at < size; at += part.length) {
      part = await this.input.read(size - at);
      block.set(part, at);
    }
    return block.subarray(0, at);
  }

  async #seek(): Promise<undefined> {
    const { operands: { skip, ibs, seek }, input, output } = this;
    if (skip > 0) {
      try {
        input.seek(skip);
      } catch (error) {
        if (!(error instanceof KernelError)) throw error;
        for (let left = skip; left > 0; left -= ibs) await input.read(Math.min(ibs, left));
      }
    }
    if (seek > 0) output.seek(seek);
  }

  /** Writes at once with `bs=`; otherwise collects output blocks. */
  async #take(bytes: Uint8Array): Promise<boolean> {
    const { ibs, obs } = this.operands;
    if (ibs === obs) return await this.#write(bytes);
    const all = new Uint8Array(this.#held.length + bytes.length);
    all.set(this.#held);
    all.set(bytes, this.#held.length);
    let at = 0;
    for (; at + obs <= all.length; at += obs) {
      if (!await this.#write(all.subarray(at, at + obs))) return false;
    }
    this.#held = all.slice(at);
    return true;
  }

  async #write(bytes: Uint8Array): Promise<boolean> {
    const { obs, of, oflag } = this.operands;
    let written = 0;
    try {
      while (written < bytes.length) {
        const taken = await orBuffered(
          this.output,
          oflag,
          () => this.output.write(bytes.subarray(written)),
        );
        if (taken === 0) throw new KernelError("ENOSPC", "nothing was written");
        written += taken;
      }
    } catch (error) {
      await this.process.perror(`error writing '${of ?? "standard output"}'`, error);
      return false;
    }
    this.written.add(bytes.length, obs);
    return true;
  }
}

/** Does without `O_DIRECT` what is not possible with it. Linux: EINVAL of blkdev_dio_unaligned() */
async function orBuffered<T>(
  file: File,
  flags: readonly string[],
  transfer: () => Promise<T>,
): Promise<T> {
  try {
    return await transfer();
  } catch (error) {
    const refused = error instanceof KernelError && error.code === "EINVAL";
    if (!refused || !flags.includes("direct")) throw error;
    file.setDirect(false);
    return await transfer();
  }
}

function swapped(bytes: Uint8Array): Uint8Array {
  const result = bytes.slice();
  for (let at = 0; at + 1 < result.length; at += 2) {
    [result[at], result[at + 1]] = [result[at + 1], result[at]];
  }
  return result;
}

async function opened(process: Process, path: string, operands: Operands, write: boolean) {
  const append = operands.oflag.includes("append");
  const truncate = write && operands.seek === 0 && !operands.conv.includes("notrunc") && !append;
  const direct = (write ? operands.oflag : operands.iflag).includes("direct");
  try {
    return await process.open(
      path,
      write ? { write, create: true, truncate, append, direct } : { read: true, direct },
    );
  } catch (error) {
    await process.complain(`can't open '${path}': ${strerror(error)}`);
    throw new ExitStatus(1);
  }
}

/** `dd [if=FILE] [of=FILE] [bs=N] [count=N] [skip=N] [seek=N] [conv=…] [status=…]` */
export async function dd(process: Process): Promise<number> {
  const given = await operands(process);
  const input = given.if === undefined
    ? process.fd(0).get()
    : await opened(process, given.if, given, false);
  try {
    const output = given.of === undefined
      ? process.fd(1).get()
      : await opened(process, given.of, given, true);
    try {
      const copy = new Copy(process, given, input, output);
      const status = await copy.run();
      if (given.status !== "none") {
        await process.err(`${copy.read} records in\n${copy.written} records out\n`);
      }
      return status;
    } finally {
      await output.put();
    }
  } finally {
    await input.put();
  }
}
