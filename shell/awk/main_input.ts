/**
 * The records of an `awk` program's operands: files, assignments between them, standard input.
 *
 * POSIX.1-2017, awk, INPUT FILES
 *
 * @module
 */
import { KernelError } from "../../kernel/errors.ts";
import { strerror } from "../errors.ts";
import type { Process } from "../process.ts";
import { RecordReader } from "./files.ts";
import type { AwkState } from "./state.ts";
import { inputCell, numberCell, textCell, toNumber } from "./value.ts";

/** Reads one operand after the other. */
export class MainInput {
  readonly #state: AwkState;
  readonly #process: Process;
  #reader: RecordReader | undefined;
  #nextArgument = 1;
  #readAny = false;
  #failed = false;

  constructor(state: AwkState, process: Process) {
    this.#state = state;
    this.#process = process;
  }

  /** Some operand could not be opened or read. */
  get failed(): boolean {
    return this.#failed;
  }

  /** Leaves out what is left of this file. Awk: `nextfile` */
  skipFile(): undefined {
    this.#reader = undefined;
  }

  /** Opens the next file of the operands; false when there is none. */
  async #openNext(): Promise<boolean> {
    const count = toNumber(this.#state.getVar("ARGC"));
    const argv = this.#state.array("ARGV");
    while (this.#nextArgument < count) {
      const operand = this.#state.toText(argv.get(`${this.#nextArgument++}`));
      const assignment = /^([A-Za-z_]\w*)=(.*)$/s.exec(operand);
      if (assignment !== null) this.#state.setVar(assignment[1], inputCell(assignment[2]));
      else if (operand !== "") {
        this.#readAny = true;
        if (await this.#openMain(operand)) return true;
      }
    }
    if (this.#readAny) return false;
    this.#readAny = true;
    return await this.#openMain("-");
  }

  async #openMain(path: string): Promise<boolean> {
    const process = this.#process;
    try {
      const file = path === "-" ? process.fd(0).get() : await process.open(path, { read: true });
      this.#reader = new RecordReader(file);
    } catch (error) {
      if (!(error instanceof KernelError)) throw error;
      await process.flush();
      await process.perror(path, error);
      this.#failed = true;
      return false;
    }
    this.#state.setVar("FILENAME", textCell(path === "-" ? "" : path));
    this.#state.setVar("FNR", numberCell(0));
    return true;
  }

  /** The next record of the operands; `undefined` at the end. */
  async next(): Promise<string | undefined> {
    for (;;) {
      if (this.#reader === undefined && !await this.#openNext()) return undefined;
      const reader = this.#reader as RecordReader;
      let record: string | undefined;
      try {
        record = await reader.next(this.#state.text("RS"));
      } catch (error) {
        if (!(error instanceof KernelError)) throw error;
        await this.#process.flush();
        await this.#process.complain(`read error: ${strerror(error)}`);
        this.#failed = true;
      }
      if (record !== undefined) {
        this.#state.count("NR");
        this.#state.count("FNR");
        return record;
      }
      await reader.file.put();
      this.#reader = undefined;
    }
  }
}
