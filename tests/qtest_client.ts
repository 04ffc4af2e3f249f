/**
 * A small synchronous client of a real QEMU's qtest protocol, for tests that compare the embedded
 * devices with QEMU's. The CPU is powered off, so that the machine runs and nobody disturbs the devices.
 *
 * @module
 */

/** Where QEMU's `virt` machine has its RAM and its first virtio-mmio slot. */
export const RAM_BASE = 0x40000000;
const SLOT_BASE = 0xa000000;
const SLOT_SIZE = 0x200;

/** The address of the virtio-mmio slot of the `index`-th device of a command line (QEMU fills from the top). */
export function slotAddress(index: number): number {
  return SLOT_BASE + SLOT_SIZE * (31 - index);
}

/** A running QEMU with a qtest channel and, when asked for, a QMP channel. */
export class QtestMachine implements Disposable {
  readonly #child: Deno.ChildProcess;
  readonly #folder: string;
  readonly #in: Deno.FsFile;
  readonly #out: Deno.FsFile;
  readonly #qmpIn: Deno.FsFile;
  readonly #qmpOut: Deno.FsFile;
  #pending = "";
  #qmpPending = "";

  /** @param args Device options in QEMU's words. */
  constructor(args: readonly string[], legacy = false) {
    this.#folder = Deno.makeTempDirSync();
    const fifo = (name: string) => {
      const path = `${this.#folder}/${name}`;
      new Deno.Command("mkfifo", { args: [path] }).outputSync();
      return Deno.openSync(path, { read: true, write: true });
    };
    this.#in = fifo("qtest.in");
    this.#out = fifo("qtest.out");
    this.#qmpIn = fifo("qmp.in");
    this.#qmpOut = fifo("qmp.out");
    this.#child = new Deno.Command("qemu-system-aarch64", {
      args: [
        ..."-M virt -cpu cortex-a57 -m 64 -nographic -nodefaults".split(" "),
        ..."-global arm-cpu.start-powered-off=on".split(" "),
        ...["-global", `virtio-mmio.force-legacy=${legacy}`],
        ...["-qtest", `pipe:${this.#folder}/qtest`, "-qtest-log", "/dev/null"],
        ...[
          "-chardev",
          `pipe,id=qmp0,path=${this.#folder}/qmp`,
          "-mon",
          "chardev=qmp0,mode=control",
        ],
        ...args,
      ],
      stdin: "null",
      stdout: "null",
      stderr: "null",
    }).spawn();
    this.#child.ref();
    this.#qmpLine(); // greeting
    this.qmp("qmp_capabilities");
  }

  #line(): string {
    while (!this.#pending.includes("\n")) {
      const chunk = new Uint8Array(65536);
      const count = this.#out.readSync(chunk);
      this.#pending += new TextDecoder().decode(chunk.subarray(0, count ?? 0));
    }
    const end = this.#pending.indexOf("\n");
    const line = this.#pending.slice(0, end);
    this.#pending = this.#pending.slice(end + 1);
    return line;
  }

  #command(line: string): string {
    this.#in.writeSync(new TextEncoder().encode(line + "\n"));
    for (;;) {
      const answer = this.#line();
      if (answer.startsWith("IRQ ")) continue;
      if (!answer.startsWith("OK")) throw new Error(`qtest ${line}: ${answer}`);
      return answer.slice(3);
    }
  }

  #qmpLine(): Record<string, unknown> {
    while (!this.#qmpPending.includes("\n")) {
      const chunk = new Uint8Array(65536);
      const count = this.#qmpOut.readSync(chunk);
      this.#qmpPending += new TextDecoder().decode(chunk.subarray(0, count ?? 0));
    }
    const end = this.#qmpPending.indexOf("\n");
    const line = this.#qmpPending.slice(0, end);
    this.#qmpPending = this.#qmpPending.slice(end + 1);
    return JSON.parse(line);
  }

  /** Runs a QMP command and returns its result. */
  qmp(execute: string, args?: Record<string, unknown>): unknown {
    const line = JSON.stringify({ execute, arguments: args });
    this.#qmpIn.writeSync(new TextEncoder().encode(line + "\n"));
    for (;;) {
      const answer = this.#qmpLine();
      if ("event" in answer) continue;
      if ("error" in answer) {
        throw new Error(String((answer.error as Record<string, unknown>).desc));
      }
      return answer.return;
    }
  }

  /** Reads a register. */
  read(address: number, width: 1 | 2 | 4): number {
    const verb = { 1: "readb", 2: "readw", 4: "readl" }[width];
    return Number(this.#command(`${verb} 0x${address.toString(16)}`));
  }

  /** Writes a register. */
  write(address: number, width: 1 | 2 | 4, value: number): undefined {
    const verb = { 1: "writeb", 2: "writew", 4: "writel" }[width];
    this.#command(`${verb} 0x${address.toString(16)} 0x${(value >>> 0).toString(16)}`);
  }

  /** Reads guest memory. */
  readMemory(address: number, length: number): Uint8Array {
    const hex = this.#command(`read 0x${address.toString(16)} ${length}`).slice(2);
    return Uint8Array.from({ length }, (_, i) => parseInt(hex.slice(2 * i, 2 * i + 2), 16));
  }

  /** Writes guest memory. */
  writeMemory(address: number, data: Uint8Array): undefined {
    const hex = [...data].map((byte) => byte.toString(16).padStart(2, "0")).join("");
    this.#command(`write 0x${address.toString(16)} ${data.length} 0x${hex}`);
  }

  /** Waits for QEMU's own threads: a round trip. */
  settle(ms = 2): undefined {
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
    this.#command(`readl 0x${SLOT_BASE.toString(16)}`);
  }

  [Symbol.dispose](): undefined {
    try {
      this.#child.kill("SIGKILL");
    } catch { /* it has gone already */ }
    for (const file of [this.#in, this.#out, this.#qmpIn, this.#qmpOut]) file.close();
    Deno.removeSync(this.#folder, { recursive: true });
  }
}
