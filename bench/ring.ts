/**
 * How fast buffers go round a split ring: our driver's side against our device's side, every check on,
 * beside a plain C ring (`ring.c`) that does the same work. Runs of both alternate; figures are medians.
 *
 *     deno run -A bench/ring.ts [OPERATIONS]
 *
 * @module
 */
import type { VirtioDevice } from "../drivers/virtio/virtio.ts";
import { Virtqueue } from "../drivers/virtio/virtio_ring.ts";
import { Virtqueue as DeviceQueue, type VirtqueueOwner } from "../hypervisor/embedded/virtqueue.ts";
import { embedded } from "../hypervisor/embedded/machine.ts";
import { Kernel } from "../kernel/kernel.ts";
import { VIRTIO_RING_F_EVENT_IDX, VIRTIO_RING_F_INDIRECT_DESC } from "../uapi/virtio_ring.ts";
import { median, row } from "./report.ts";

const RING_SIZE = 256;
const RING_ALIGN = 4096;
const RAM_BASE = 0x4000_0000;
const RAM_SIZE = 1 << 23;
const ROUNDS = 7;
const OPERATIONS = 400_000;

/** What goes round: parts in a chain, how they are described, how many chains between two kicks. */
interface Shape {
  readonly parts: number;
  readonly indirect: boolean;
  readonly batch: number;
}

/** One run: how long it took, and a sum over what was transferred. */
interface Run {
  readonly ns: number;
  readonly checksum: number;
}

const SHAPES: readonly Shape[] = [
  { parts: 1, indirect: false },
  { parts: 3, indirect: false },
  { parts: 3, indirect: true },
].flatMap((shape) => [1, 16, 64].map((batch) => ({ ...shape, batch })));

/** Address and length of each part; the first is read by the device, the others are written. */
const PARTS = [0x48_0000, 16, 0x49_0000, 512, 0x4a_0000, 1].map((n, i) => i % 2 ? n : RAM_BASE + n);

/** The device's side, as far as a ring needs one. A violation would make the figures meaningless. */
class Owner implements VirtqueueOwner {
  readonly ram: Uint8Array;
  readonly view: DataView;
  readonly ramBase = RAM_BASE;
  readonly broken = false;

  constructor(ram: ArrayBuffer) {
    this.ram = new Uint8Array(ram);
    this.view = new DataView(ram);
  }

  violation(clause: string, message: string): undefined {
    throw new Error(`${clause}: ${message}`);
  }

  fail(clause: string, message: string): undefined {
    throw new Error(`${clause}: ${message}`);
  }
}

/** What a chain is known by. */
interface Token {
  readonly number: number;
}

class Ring {
  readonly driver: Virtqueue<Token>;
  readonly device: DeviceQueue;
  kicks = 0;

  constructor(ram: ArrayBuffer, indirect: boolean) {
    const kernel = new Kernel(embedded([], { ram }), { log: false });
    const vdev = { name: "virtio0", kernel } as unknown as VirtioDevice;
    this.driver = new Virtqueue<Token>(vdev, {
      index: 0,
      name: "bench",
      num: RING_SIZE,
      align: RING_ALIGN,
      indirect,
      eventIdx: true,
      notify: () => {
        this.kicks++;
        return true;
      },
      callback: () => undefined,
    });
    this.device = new DeviceQueue(0, new Owner(ram), RING_SIZE);
    this.device.descAddr = this.driver.descAddr;
    this.device.availAddr = this.driver.availAddr;
    this.device.usedAddr = this.driver.usedAddr;
    this.device.enable(
      1n << BigInt(VIRTIO_RING_F_EVENT_IDX) | 1n << BigInt(VIRTIO_RING_F_INDIRECT_DESC),
    );
  }
}

/** The work: the same, step by step, as run() in ring.c. */
function transfer(ring: Ring, { parts, batch }: Shape, operations: number): number {
  const { driver, device } = ring;
  const tokens: Token[] = Array.from({ length: RING_SIZE }, (_, number) => ({ number }));
  let sum = 0;
  for (let done = 0; done < operations; done += batch) {
    for (let i = 0; i < batch; i++) driver.addFlat(PARTS, 1, parts - 1, tokens[i]);
    driver.kick();
    for (let element = device.pop(); element !== undefined; element = device.pop()) {
      sum += element.outLength + (element.out.offsets[0] % 7);
      device.push(element, element.inLength);
    }
    if (device.shouldNotify()) sum++;
    for (let token = driver.getBuf(); token !== undefined; token = driver.getBuf()) {
      sum += token.number + driver.usedLen;
    }
  }
  return sum + ring.kicks;
}

function runHere(ram: ArrayBuffer, shape: Shape, operations: number): Run {
  new Uint8Array(ram).fill(0);
  const ring = new Ring(ram, shape.indirect);
  const from = performance.now();
  const checksum = transfer(ring, shape, operations);
  return { ns: (performance.now() - from) * 1e6, checksum };
}

/** The C ring in a process of its own, which waits for commands while we run. */
class Peer implements Disposable {
  readonly #process: Deno.ChildProcess;
  readonly #lines: ReadableStreamDefaultReader<string>;
  readonly #writer: WritableStreamDefaultWriter<Uint8Array>;

  constructor(program: string) {
    this.#process = new Deno.Command(program, { stdin: "piped", stdout: "piped" }).spawn();
    this.#lines = this.#process.stdout.pipeThrough(new TextDecoderStream()).getReader();
    this.#writer = this.#process.stdin.getWriter();
  }

  /** The answer is one short line, written at once. */
  async run({ parts, indirect, batch }: Shape, operations: number): Promise<Run> {
    const command = `${parts} ${indirect ? 1 : 0} ${batch} ${operations}\n`;
    await this.#writer.write(new TextEncoder().encode(command));
    const { value = "" } = await this.#lines.read();
    const [ns, checksum] = value.trim().split(" ").map(Number);
    return { ns, checksum };
  }

  [Symbol.dispose](): undefined {
    this.#process.kill();
  }
}

/** Compiles the C ring into `folder`; `undefined` where no compiler is. */
async function compilePeer(folder: string): Promise<Peer | undefined> {
  const program = `${folder}/ring`;
  const source = new URL("ring.c", import.meta.url).pathname;
  try {
    const { success, stderr } = await new Deno.Command("cc", {
      args: ["-O2", "-o", program, source],
    }).output();
    if (!success) throw new Error(`cc: ${new TextDecoder().decode(stderr)}`);
    return new Peer(program);
  } catch (error) {
    const optional = Deno.env.get("REQUIRE_PEERS") === undefined;
    if (error instanceof Deno.errors.NotFound && optional) return undefined;
    throw error;
  }
}

/** Nanoseconds for each chain: ours, and the C ring's if there is one. */
interface Figures {
  readonly here: number;
  readonly there: number | undefined;
  readonly checksum: number;
}

async function measure(
  ram: ArrayBuffer,
  peer: Peer | undefined,
  shape: Shape,
  operations: number,
): Promise<Figures> {
  const here: number[] = [];
  const there: number[] = [];
  let checksum = 0;
  for (let round = 0; round < ROUNDS; round++) {
    const run = runHere(ram, shape, operations);
    here.push(run.ns / operations);
    checksum = run.checksum;
    if (peer === undefined) continue;
    const other = await peer.run(shape, operations);
    there.push(other.ns / operations);
    if (other.checksum !== checksum) {
      throw new Error(`The C ring did other work: checksum ${other.checksum}, ours ${checksum}`);
    }
  }
  return { here: median(here), there: peer && median(there), checksum };
}

/** Prints a table; returns the ratio of our speed to the C ring's for each shape, if there is one. */
export async function benchRing(operations = OPERATIONS): Promise<number[]> {
  const folder = await Deno.makeTempDir();
  const ram = new ArrayBuffer(RAM_SIZE);
  const ratios: number[] = [];
  try {
    using peer = await compilePeer(folder);
    const count = Math.ceil(operations / 64) * 64;
    for (const shape of SHAPES) runHere(ram, shape, Math.min(count, 64_000));
    console.log(`ring of ${RING_SIZE}, ${count} chains, median of ${ROUNDS}`);
    row("chain", "batch", "here ns", "C ns", "C / here", "checksum");
    for (const shape of SHAPES) {
      const { here, there, checksum } = await measure(ram, peer, shape, count);
      const kind = shape.indirect ? "indirect" : "direct";
      const name = shape.parts === 1 ? "1" : `${shape.parts} ${kind}`;
      const ratio = (there ?? NaN) / here;
      if (there !== undefined) ratios.push(ratio);
      const cells = there === undefined ? ["no cc", ""] : [there.toFixed(1), ratio.toFixed(2)];
      row(name, shape.batch, here.toFixed(1), ...cells, checksum);
    }
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
  return ratios;
}

if (import.meta.main) await benchRing(Number(Deno.args[0] ?? OPERATIONS));
