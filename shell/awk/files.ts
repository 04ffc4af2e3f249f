/**
 * Files and commands that an `awk` program reads from and prints to; each stays open until it is closed.
 *
 * @module
 */
import type { File } from "../../kernel/vfs/file.ts";
import { makePipe } from "../../kernel/vfs/pipe.ts";
import { fromBytes, toBytes } from "../bytes.ts";
import { type Job, Process, shareFds, startProgram, waitJob, writeAll } from "../process.ts";
import { lookup } from "../programs.ts";

const READ_SIZE = 4096;

/** Reads records, as many bytes as that needs. */
export class RecordReader {
  #held = "";
  #ended = false;

  constructor(readonly file: File) {}

  /** The next record by the separator; `undefined` at the end. */
  async next(separator: string): Promise<string | undefined> {
    const paragraph = separator === "";
    const pattern = paragraph
      ? /\n\n+/
      : separator.length === 1
      ? undefined
      : new RegExp(separator);
    for (;;) {
      if (paragraph) this.#held = this.#held.replace(/^\n+/, "");
      const found = pattern === undefined
        ? { index: this.#held.indexOf(separator), size: 1 }
        : matchOf(this.#held, pattern);
      // A match at the end of what is there may go on.
      const certain = pattern === undefined || this.#ended ||
        found.index + found.size < this.#held.length;
      if (found.index >= 0 && certain) {
        const record = this.#held.slice(0, found.index);
        this.#held = this.#held.slice(found.index + found.size);
        return record;
      }
      if (this.#ended) return this.#last(paragraph);
      const bytes = await this.file.read(READ_SIZE);
      if (bytes.length === 0) this.#ended = true;
      else this.#held += fromBytes(bytes);
    }
  }

  #last(paragraph: boolean): string | undefined {
    const record = paragraph ? this.#held.replace(/\n+$/, "") : this.#held;
    this.#held = "";
    return record === "" ? undefined : record;
  }
}

function matchOf(text: string, pattern: RegExp): { index: number; size: number } {
  const match = pattern.exec(text);
  return match === null ? { index: -1, size: 0 } : { index: match.index, size: match[0].length };
}

interface Stream {
  readonly file: File;
  readonly reader: RecordReader | undefined;
  /** The command at the other end. */
  readonly job: Job | undefined;
}

/** Starts `sh -c COMMAND` with one descriptor replaced. */
function startCommand(process: Process, command: string, fd: number, end: File): Job {
  const fds = shareFds(process.fds);
  fds.get(fd)?.put();
  fds.set(fd, end);
  const { os, env, cwd } = process;
  const args = ["sh", "-c", command];
  const shell = lookup(process, "sh");
  if (shell === undefined) throw new Error("there is no sh");
  return startProgram(new Process(os, { args, env, cwd, fds }), shell);
}

/** All that a program has open, by path or command. */
export class AwkFiles {
  readonly #streams = new Map<string, Stream>();

  constructor(readonly process: Process) {}

  /** Where to read records of a file or command from; `undefined` when the file cannot be opened. */
  async reader(from: "file" | "command", name: string): Promise<RecordReader | undefined> {
    const open = this.#streams.get(name);
    if (open !== undefined) return open.reader;
    const { process } = this;
    let file: File;
    let job: Job | undefined;
    if (from === "command") {
      await process.flush();
      const [reader, writer] = makePipe(process.kernel.sched);
      job = startCommand(process, name, 1, writer);
      file = reader;
    } else if (name === "-" || name === "/dev/stdin") file = process.fd(0).get();
    else {
      try {
        file = await process.open(name, { read: true });
      } catch {
        return undefined;
      }
    }
    const reader = new RecordReader(file);
    this.#streams.set(name, { file, reader, job });
    return reader;
  }

  /** Prints to a file or command. */
  async print(operator: ">" | ">>" | "|", name: string, text: string): Promise<undefined> {
    const { process } = this;
    if (name === "/dev/stdout" || name === "-") return await process.out(text);
    if (name === "/dev/stderr") return await process.err(text);
    let stream = this.#streams.get(name);
    if (stream === undefined) {
      await process.flush();
      stream = await this.#open(operator, name);
      this.#streams.set(name, stream);
    }
    await writeAll(stream.file, toBytes(text));
  }

  async #open(operator: ">" | ">>" | "|", name: string): Promise<Stream> {
    const { process } = this;
    if (operator === "|") {
      const [reader, writer] = makePipe(process.kernel.sched);
      return { file: writer, reader: undefined, job: startCommand(process, name, 0, reader) };
    }
    const append = operator === ">>";
    const options = { write: true, create: true, append, truncate: !append };
    return { file: await process.open(name, options), reader: undefined, job: undefined };
  }

  /** `close()`: a command's status, 0 for a file, -1 when it is not open. */
  async close(name: string): Promise<number> {
    const stream = this.#streams.get(name);
    if (stream === undefined) return -1;
    this.#streams.delete(name);
    await stream.file.put();
    return stream.job === undefined ? 0 : await waitJob(stream.job);
  }

  async closeAll(): Promise<undefined> {
    for (const name of [...this.#streams.keys()]) await this.close(name);
  }

  /** `system()`: the status of a command. */
  async system(command: string): Promise<number> {
    const { process } = this;
    await process.flush();
    return await waitJob(startCommand(process, command, 0, process.fd(0).get()));
  }
}
