import { KernelError } from "../errors.ts";
import type { Scheduler } from "../sched.ts";
import { WaitQueue } from "../wait.ts";
import { BaseFile, type File } from "./file.ts";

/** Bytes that a pipe holds. Linux: PIPE_DEF_BUFFERS pages */
const PIPE_CAPACITY = 65_536;

class Pipe {
  readonly chunks: Uint8Array[] = [];
  held = 0;
  hasReader = true;
  hasWriter = true;
  readonly readers: WaitQueue;
  readonly writers: WaitQueue;

  constructor(sched: Scheduler) {
    this.readers = new WaitQueue(sched, "data in a pipe");
    this.writers = new WaitQueue(sched, "room in a pipe");
  }
}

class ReadEnd extends BaseFile {
  readonly kind = "pipe";

  constructor(readonly pipe: Pipe) {
    super();
  }

  async read(count: number): Promise<Uint8Array> {
    const { pipe } = this;
    await pipe.readers.waitEventInterruptible(() => pipe.held > 0 || !pipe.hasWriter);
    const chunk = pipe.chunks[0];
    if (chunk === undefined) return new Uint8Array(0);
    const bytes = chunk.subarray(0, count);
    if (bytes.length === chunk.length) pipe.chunks.shift();
    else pipe.chunks[0] = chunk.subarray(bytes.length);
    pipe.held -= bytes.length;
    pipe.writers.wakeUp();
    return bytes;
  }

  async write(): Promise<number> {
    throw new KernelError("EBADF", "the reading end of a pipe cannot be written");
  }

  protected override async close(): Promise<undefined> {
    this.pipe.hasReader = false;
    this.pipe.writers.wakeUp();
  }
}

class WriteEnd extends BaseFile {
  readonly kind = "pipe";

  constructor(readonly pipe: Pipe) {
    super();
  }

  async read(): Promise<Uint8Array> {
    throw new KernelError("EBADF", "the writing end of a pipe cannot be read");
  }

  async write(data: Uint8Array): Promise<number> {
    const { pipe } = this;
    let sent = 0;
    while (sent < data.length) {
      await pipe.writers.waitEventInterruptible(() => pipe.held < PIPE_CAPACITY || !pipe.hasReader);
      if (!pipe.hasReader) throw new KernelError("EPIPE", "nobody reads the pipe");
      const chunk = data.slice(sent, sent + PIPE_CAPACITY - pipe.held);
      pipe.chunks.push(chunk);
      pipe.held += chunk.length;
      sent += chunk.length;
      pipe.readers.wakeUp();
    }
    return sent;
  }

  protected override async close(): Promise<undefined> {
    this.pipe.hasWriter = false;
    this.pipe.readers.wakeUp();
  }
}

/** Makes a pipe: what is written to the second end comes out of the first. Linux: pipe() */
export function makePipe(sched: Scheduler): readonly [reader: File, writer: File] {
  const pipe = new Pipe(sched);
  return [new ReadEnd(pipe), new WriteEnd(pipe)];
}
