/**
 * `cmp`.
 *
 * @module
 */
import type { File } from "../../kernel/vfs/file.ts";
import { ExitStatus } from "../errors.ts";
import type { Process } from "../process.ts";
import { parseOptions, parseSize } from "./options.ts";

/** What the C library reads at once. */
const READ_SIZE = 4096;
const STATUS_TROUBLE = 2;

/** A file's bytes one by one; `undefined` at its end. */
class Bytes {
  #chunk: Uint8Array = new Uint8Array(0);
  #at = 0;

  constructor(readonly file: File) {}

  async next(): Promise<number | undefined> {
    if (this.#at === this.#chunk.length) {
      this.#chunk = await this.file.read(READ_SIZE);
      this.#at = 0;
    }
    return this.#chunk[this.#at++];
  }
}

async function opened(process: Process, path: string, skip: string): Promise<File> {
  if (path === "-") return process.fd(0).get();
  try {
    const file = await process.open(path, { read: true });
    const count = await parseSize(process, skip);
    if (count > 0) file.seek(count);
    return file;
  } catch (error) {
    await process.perror(path, error);
    throw new ExitStatus(STATUS_TROUBLE);
  }
}

/** `cmp [-ls] [-n LENGTH] FILE1 [FILE2 [SKIP1 [SKIP2]]]`: where two files differ first. */
export async function cmp(process: Process): Promise<number> {
  const options = await parseOptions(process, { letters: "sln:" });
  const [first, second = "-", skip1 = "0", skip2 = "0"] = options.rest;
  const limit = await parseSize(process, options.get("n") ?? `${Number.MAX_SAFE_INTEGER}`);
  const files = [await opened(process, first, skip1)];
  try {
    files.push(await opened(process, second, skip2));
    const [a, b] = files.map((file) => new Bytes(file));
    let line = 1;
    let status = 0;
    for (let at = 1; at <= limit; at++) {
      const [one, other] = [await a.next(), await b.next()];
      if (one === undefined && other === undefined) break;
      if (one !== other) {
        status = 1;
        if (one === undefined || other === undefined) {
          const short = one === undefined ? first : second;
          await process.flush();
          if (!options.has("s")) await process.complain(`EOF on ${short}`);
          break;
        }
        if (options.has("s")) break;
        if (options.has("l")) {
          const octal = (byte: number) => byte.toString(8).padStart(3);
          await process.out(`${at} ${octal(one)} ${octal(other)}\n`);
        } else await process.out(`${first} ${second} differ: char ${at}, line ${line}\n`);
        // With a limit it goes on, as it does when it lists bytes.
        if (!options.has("l") && !options.has("n")) break;
      }
      if (one === 0x0a) line++;
    }
    return status;
  } finally {
    for (const file of files) await file.put();
  }
}
