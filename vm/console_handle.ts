import type { Kernel } from "../kernel/kernel.ts";
import { TtyHandle } from "../kernel/tty/tty_handle.ts";

const decoder = new TextDecoder();

/**
 * A terminal: `vm.console("hvc0")`. Opened at the first call.
 *
 * Each call runs as a task of the guest, so that virtual time passes while it waits.
 */
export class ConsoleHandle {
  readonly #kernel: Kernel;
  readonly #name: string;
  #opening: Promise<TtyHandle> | undefined;

  /**
   * Made by `vm.console()`.
   *
   * @internal
   */
  constructor(kernel: Kernel, name: string) {
    this.#kernel = kernel;
    this.#name = name;
  }

  #run<T>(body: (tty: TtyHandle) => Promise<T>): Promise<T> {
    return this.#kernel.sched.run(this.#name, async () => {
      this.#opening ??= TtyHandle.open(this.#kernel, this.#name);
      return await body(await this.#opening);
    });
  }

  /**
   * Sends text or bytes, as a program in the guest that writes to the terminal.
   *
   * @example
   * ```ts
   * import { assertEquals } from "@std/assert";
   * import { boot, embedded } from "../mod.ts";
   * await using vm = await boot(embedded(`-device virtio-serial-device
   *   -chardev script,id=term -device virtconsole,chardev=term`));
   * await vm.console("hvc0").write("login: ");
   * assertEquals(new TextDecoder().decode(vm.chardev("term").read()), "login: ");
   * ```
   */
  write(data: string | Uint8Array): Promise<undefined> {
    return this.#run((tty) => tty.write(data));
  }

  /**
   * Waits for a line of input, or in raw mode for what comes.
   *
   * @example
   * ```ts
   * import { assertEquals } from "@std/assert";
   * import { boot, embedded } from "../mod.ts";
   * await using vm = await boot(embedded(`-device virtio-serial-device
   *   -chardev script,id=term -device virtconsole,chardev=term`));
   * vm.chardev("term").write("a slip\x15ada\r"); // ^U takes the slip back
   * assertEquals(await vm.console("hvc0").read(), "ada\n");
   * ```
   */
  read(): Promise<string> {
    return this.#run(async (tty) => decoder.decode(await tty.read()));
  }

  /**
   * From now on bytes pass as they are: no lines, no echo.
   *
   * @example
   * ```ts
   * import { assertEquals } from "@std/assert";
   * import { boot, embedded } from "../mod.ts";
   * await using vm = await boot(embedded(`-device virtio-serial-device
   *   -chardev script,id=term -device virtconsole,chardev=term`));
   * await vm.console("hvc0").setRaw();
   * vm.chardev("term").write("x\r");
   * assertEquals(await vm.console("hvc0").read(), "x\r");
   * assertEquals(vm.chardev("term").read().length, 0); // no echo
   * ```
   */
  setRaw(): Promise<undefined> {
    return this.#run(async (tty): Promise<undefined> => tty.setRaw());
  }

  /**
   * Size in characters.
   *
   * @example
   * ```ts
   * import { assertEquals } from "@std/assert";
   * import { boot, embedded } from "../mod.ts";
   * await using vm = await boot(embedded(`-device virtio-serial-device
   *   -chardev script,id=term -device virtconsole,chardev=term`));
   * assertEquals(await vm.console("hvc0").size(), { rows: 0, cols: 0 });
   * ```
   */
  size(): Promise<{ readonly rows: number; readonly cols: number }> {
    return this.#run(async (tty) => ({ rows: tty.size.rows, cols: tty.size.cols }));
  }

  /**
   * Closes it; the next call opens it again.
   *
   * @example
   * ```ts
   * import { assertEquals } from "@std/assert";
   * import { boot, embedded } from "../mod.ts";
   * await using vm = await boot(embedded(`-device virtio-serial-device
   *   -chardev script,id=term -device virtconsole,chardev=term`));
   * await vm.console("hvc0").setRaw();
   * await vm.console("hvc0").close();
   * vm.chardev("term").write("x\r");
   * assertEquals(await vm.console("hvc0").read(), "x\n"); // a new terminal reads lines again
   * ```
   */
  async close(): Promise<undefined> {
    if (this.#opening === undefined) return;
    await this.#run((tty) => tty.close());
    this.#opening = undefined;
  }
}
