import { KernelError } from "../errors.ts";
import type { Scheduler } from "../sched.ts";
import { WaitQueue } from "../wait.ts";
import { BaseFile, type File } from "./file.ts";

/** Bytes that a pipe holds. Linux: PIPE_DEF_BUFFERS pages */
const PIPE_CAPACITY = 65_536;
/** Writes up to this size are not mixed with those of others. Linux: PIPE_BUF */
const PIPE_BUF = 4096;

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
    const bytes = new Uint8Array(Math.min(count, pipe.held));
    for (let at = 0; at < bytes.length;) {
      const chunk = pipe.chunks[0];
      const taken = chunk.subarray(0, bytes.length - at);
      bytes.set(taken, at);
      at += taken.length;
      if (taken.length === chunk.length) pipe.chunks.shift();
      else pipe.chunks[0] = chunk.subarray(taken.length);
    }
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
    const wanted = data.length <= PIPE_BUF ? data.length : 1;
    let sent = 0;
    while (sent < data.length) {
      await pipe.writers.waitEventInterruptible(() =>
        pipe.held + wanted <= PIPE_CAPACITY || !pipe.hasReader
      );
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
