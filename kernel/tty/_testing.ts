/**
 * A kernel without a machine, and a terminal whose other end is the test.
 *
 * @module
 */
import type { Platform } from "../../hypervisor/platform.ts";
import { Kernel, type KernelOptions } from "../kernel.ts";
import { ttyStdTermios } from "./termios.ts";
import { ttyDevt, TtyDriver, type TtyOperations } from "./tty_driver.ts";
import { TtyHandle } from "./tty_handle.ts";
import { TtyPort } from "./tty_port.ts";

/** A machine with memory and nothing else. */
export function nowhere(): Platform {
  return {
    name: "nowhere",
    ram: new ArrayBuffer(1 << 24),
    ramBase: 0x40000000,
    dtb: new Uint8Array(0),
    attach: () => undefined,
    read: () => 0,
    write: () => undefined,
    nextEventNs: () => Infinity,
    runDue: () => undefined,
    waitExternal: () => undefined,
  };
}

/** A terminal on a line in the hands of a test. */
export class TestLine {
  readonly kernel: Kernel;
  readonly port: TtyPort;
  readonly driver: TtyDriver;
  /** Each piece that the driver was given. */
  sent: string[] = [];
  /** How many bytes the driver takes. */
  room = Infinity;

  constructor(options: KernelOptions = {}) {
    this.kernel = new Kernel(nowhere(), options);
    this.port = new TtyPort(this.kernel);
    const ops: TtyOperations = {
      install: (tty) => {
        tty.port = this.port;
      },
      open: async (tty) => {
        this.port.tty = tty;
      },
      close: async () => {},
      write: (_tty, data) => {
        const taken = data.subarray(0, Math.max(0, Math.min(data.length, this.room)));
        this.room -= taken.length;
        if (taken.length > 0) this.sent.push(new TextDecoder("latin1").decode(taken));
        return taken.length;
      },
      writeRoom: () => Math.min(this.room, 4096),
    };
    this.driver = new TtyDriver(this.kernel, {
      driverName: "test",
      name: "test",
      major: 250,
      minorStart: 0,
      num: 1,
      type: "serial",
      initTermios: ttyStdTermios(),
      ops,
    });
    this.kernel.devtmpfs.add("test0", ttyDevt(this.driver, 0).node);
  }

  /** Opens the terminal. */
  open(): Promise<TtyHandle> {
    return this.run(() => TtyHandle.open(this.kernel, "test0"));
  }

  /** Runs `body` as a task of the guest. */
  run<T>(body: () => Promise<T>): Promise<T> {
    return this.kernel.sched.run("test", body);
  }

  /** Does something when all tasks wait. */
  later(body: () => void): undefined {
    this.kernel.sched.addTimer(this.kernel.nowNs + 1_000_000, "test", () => {
      body();
      return undefined;
    });
  }

  /** Characters arrive, and the kernel takes them. */
  async type(text: string): Promise<undefined> {
    this.port.insertFlip(new TextEncoder().encode(text));
    this.port.flipBufferPush();
    await this.run(() => this.kernel.sched.settle());
  }

  /** What was sent since the last call. */
  take(): string {
    return this.sent.splice(0).join("");
  }
}
