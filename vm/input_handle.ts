import { KernelError } from "../kernel/errors.ts";
import type { EvdevClient, InputEvent } from "../kernel/input/evdev.ts";
import type { Kernel } from "../kernel/kernel.ts";

/**
 * An event device: `vm.input("event0")`. Events are kept from the first call on.
 *
 * Each call runs as a task of the guest, so that virtual time passes while it waits.
 */
export class InputHandle {
  readonly #kernel: Kernel;
  readonly #name: string;
  #opening: Promise<EvdevClient> | undefined;

  /**
   * Made by `vm.input()`.
   *
   * @internal
   */
  constructor(kernel: Kernel, name: string) {
    this.#kernel = kernel;
    this.#name = name;
  }

  #run<T>(body: (client: EvdevClient) => Promise<T>): Promise<T> {
    return this.#kernel.sched.run(this.#name, async () => {
      this.#opening ??= this.#open();
      return await body(await this.#opening);
    });
  }

  async #open(): Promise<EvdevClient> {
    const folder = this.#kernel.devtmpfs.lookup("input");
    const node = folder?.kind === "dir" ? folder.lookup(this.#name) : undefined;
    if (node?.kind !== "char") {
      throw new KernelError(
        "ENOENT",
        `/dev/input/${this.#name}: no such event device; is evdev loaded?`,
      );
    }
    return await node.open({ read: true, write: true }) as EvdevClient;
  }

  /**
   * Opens it, so that events are kept from now on.
   *
   * @example
   * ```ts
   * import { assertEquals } from "@std/assert";
   * import { boot, embedded } from "../mod.ts";
   * await using vm = await boot(embedded("-device virtio-keyboard-device"));
   * await vm.input("event0").open();
   * const press = { type: "key", data: { down: true, key: { type: "qcode", data: "a" } } };
   * await vm.qmp("input-send-event", { events: [press] });
   * assertEquals((await vm.input("event0").report()).length, 1);
   * ```
   */
  open(): Promise<undefined> {
    return this.#run(async () => undefined);
  }

  /**
   * Waits for the next event.
   *
   * @example
   * ```ts
   * import { assertEquals } from "@std/assert";
   * import { boot, embedded } from "../mod.ts";
   * await using vm = await boot(embedded("-device virtio-keyboard-device"));
   * await vm.input("event0").open();
   * const press = { type: "key", data: { down: true, key: { type: "qcode", data: "a" } } };
   * await vm.qmp("input-send-event", { events: [press] });
   * const { type, code, value } = await vm.input("event0").next();
   * assertEquals([type, code, value], [1, 30, 1]); // EV_KEY KEY_A down
   * ```
   */
  next(): Promise<InputEvent> {
    return this.#run((client) => client.next());
  }

  /**
   * Waits for all events of one report, without the `SYN_REPORT` that ends it.
   *
   * @example
   * ```ts
   * import { assertEquals } from "@std/assert";
   * import { boot, embedded } from "../mod.ts";
   * await using vm = await boot(embedded("-device virtio-mouse-device"));
   * await vm.input("event0").open();
   * const move = (axis: string, value: number) => ({ type: "rel", data: { axis, value } });
   * await vm.qmp("input-send-event", { events: [move("x", 3), move("y", -2)] });
   * const report = await vm.input("event0").report();
   * assertEquals(report.map(({ code, value }) => [code, value]), [[0, 3], [1, -2]]);
   * ```
   */
  report(): Promise<InputEvent[]> {
    return this.#run(async (client) => {
      const events: InputEvent[] = [];
      for (let event = await client.next(); event.type !== 0; event = await client.next()) {
        events.push(event);
      }
      return events;
    });
  }

  /**
   * Closes it; the next call opens it again.
   *
   * @example
   * ```ts
   * import { assertEquals } from "@std/assert";
   * import { boot, embedded } from "../mod.ts";
   * await using vm = await boot(embedded("-device virtio-keyboard-device"));
   * const keyboard = vm.input("event0");
   * await keyboard.open();
   * await keyboard.close();
   * const press = { type: "key", data: { down: true, key: { type: "qcode", data: "a" } } };
   * await vm.qmp("input-send-event", { events: [press] });
   * await keyboard.open();
   * const lifted = { type: "key", data: { down: false, key: { type: "qcode", data: "a" } } };
   * await vm.qmp("input-send-event", { events: [lifted] });
   * assertEquals((await keyboard.next()).value, 0); // nobody kept the press
   * ```
   */
  async close(): Promise<undefined> {
    if (this.#opening === undefined) return;
    await this.#run((client) => client.close());
    this.#opening = undefined;
  }
}
