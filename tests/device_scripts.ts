/**
 * Scripts of requests that a small driver puts to one device, and what the device answers, line by
 * line. `device_scripts.json` keeps the answers of QEMU 7.2; running this file makes it anew:
 *
 * ```sh
 * deno run -A tests/device_scripts.ts > tests/device_scripts.json
 * ```
 *
 * @module
 */
import { BLK_SCRIPTS } from "./blk_scripts.ts";
import { CONSOLE_SCRIPTS } from "./console_scripts.ts";
import { type DeviceScript, fill, type HostSide, IMAGE_SIZE } from "./device_script.ts";
import { INPUT_SCRIPTS } from "./input_scripts.ts";
import { DRIVER_MEMORY, MiniDriver, SlotBench } from "./mini_driver.ts";
import { NET_SCRIPTS } from "./net_scripts.ts";
import { QtestMachine, RAM_BASE, slotAddress } from "./qtest_client.ts";

/** What a QEMU has outside. */
class QemuHost implements HostSide {
  readonly #machine: QtestMachine;
  readonly #pipe: Deno.FsFile;
  constructor(machine: QtestMachine, pipe: Deno.FsFile) {
    this.#machine = machine;
    this.#pipe = pipe;
  }
  type(text: string): undefined {
    this.#pipe.writeSync(new TextEncoder().encode(text));
    this.#machine.settle(30);
  }
  output(): string {
    const args = { device: "out", size: 65536, format: "base64" };
    return atob(String(this.#machine.qmp("ringbuf-read", args)));
  }
  input(events: readonly unknown[]): undefined {
    this.#machine.qmp("input-send-event", { events });
    this.#machine.settle(5);
  }
  #peer: MiniDriver | undefined;
  get peer(): MiniDriver {
    const memory = RAM_BASE + DRIVER_MEMORY;
    return this.#peer ??= new MiniDriver(this.#machine, slotAddress(1), undefined, memory);
  }
  setLink(up: boolean): undefined {
    this.#machine.qmp("set_link", { name: "n0", up });
    this.#machine.settle(5);
  }
  announce(): undefined {
    this.#machine.qmp("announce-self", { initial: 1, max: 1, rounds: 1, step: 1 });
    this.#machine.settle(30);
  }
}

/** All scripts. */
export const SCRIPTS: readonly DeviceScript[] = [
  ...BLK_SCRIPTS,
  ...CONSOLE_SCRIPTS,
  ...INPUT_SCRIPTS,
  ...NET_SCRIPTS,
];

/** Runs one script on the installed QEMU, in a folder of its own. */
function runOnQemu({ args, run }: DeviceScript, folder: string): string[] {
  const image = `${folder}/disk.img`;
  Deno.writeFileSync(image, fill(IMAGE_SIZE, 7));
  const pipe = `${folder}/pipe`;
  for (const name of [`${pipe}.in`, `${pipe}.out`]) {
    new Deno.Command("mkfifo", { args: [name] }).outputSync();
  }
  using file = Deno.openSync(`${pipe}.in`, { read: true, write: true });
  using machine = new QtestMachine(
    args.map((word) => word.replace("IMAGE", image).replace("PIPE", pipe)),
  );
  return run(new MiniDriver(machine), new QemuHost(machine, file));
}

/** Runs every script on the installed QEMU; returns the lines by name. */
export function askQemu(scripts: readonly DeviceScript[] = SCRIPTS): Record<string, string[]> {
  return Object.fromEntries(scripts.map((script) => {
    const folder = Deno.makeTempDirSync();
    try {
      return [script.name, runOnQemu(script, folder)];
    } finally {
      Deno.removeSync(folder, { recursive: true });
    }
  }));
}

/** Runs one script on the embedded device. */
export function askEmbedded({ embed, run }: DeviceScript): string[] {
  const { model, host } = embed();
  return run(new MiniDriver(new SlotBench(model)), host);
}

if (import.meta.main) console.log(JSON.stringify(askQemu(), null, 1));
