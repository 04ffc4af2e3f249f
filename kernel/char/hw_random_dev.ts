/**
 * `/dev/hwrng` and the files of its device: reading random bytes, and choosing who gives them.
 *
 * Linux: drivers/char/hw_random/core.c, rng_dev_read(), the attributes, the parameters
 *
 * @module
 */
import type { Device } from "../base/device.ts";
import { KernelError } from "../errors.ts";
import type { Kernel } from "../kernel.ts";
import type { AttributeGroup } from "../kobject.ts";
import type { ModuleImage } from "../module.ts";
import { parseUint } from "../module_param.ts";
import type { OpenFile, OpenFlags } from "../vfs/node.ts";
import { HW_RANDOM, type HwRandom, RNG_BUFFER_SIZE } from "./hw_random.ts";
import { miscRegister } from "./misc.ts";

const HWRNG_MINOR = 183;
const USHORT_MAX = 0xffff;

/** Takes up to `count` bytes of what is left, from its end. */
function take(random: HwRandom, count: number): Uint8Array {
  const { left } = random;
  const rest = Math.max(left.length - count, 0);
  random.left = left.subarray(0, rest);
  return left.subarray(rest);
}

/** One round of a read: what is left, or what one read of the source gives. */
async function readSome(random: HwRandom, count: number, wait: boolean): Promise<Uint8Array> {
  const rng = random.getCurrent();
  if (rng === undefined) throw new KernelError("ENODEV", "/dev/hwrng: there is no source");
  try {
    return await random.reading.with(async () => {
      if (random.left.length === 0) random.left = await rng.ops.read(RNG_BUFFER_SIZE, wait);
      if (random.left.length === 0 && !wait) {
        throw new KernelError("EAGAIN", "/dev/hwrng: nothing is there yet");
      }
      return take(random, count);
    });
  } finally {
    random.put(rng);
  }
}

/** Fills what a program asked for, as far as it goes. Linux: rng_dev_read() */
async function readAll(random: HwRandom, count: number, wait: boolean): Promise<Uint8Array> {
  const bytes = new Uint8Array(count);
  let done = 0;
  try {
    while (done < count) {
      const some = await readSome(random, count - done, wait);
      bytes.set(some, done);
      done += some.length;
    }
  } catch (error) {
    if (done === 0 || !(error instanceof KernelError)) throw error;
  }
  return bytes.subarray(0, done);
}

/** Opens `/dev/hwrng`. Throws `EINVAL` unless it is for reading alone. Linux: rng_dev_open() */
async function openHwrng(random: HwRandom, flags: OpenFlags): Promise<OpenFile> {
  if (!flags.read || flags.write) {
    throw new KernelError("EINVAL", "/dev/hwrng: can be opened for reading only");
  }
  return {
    read: (count) => readAll(random, count, flags.nonblock !== true),
    write: () => Promise.reject(new KernelError("EINVAL", "/dev/hwrng: cannot be written")),
    close: async () => undefined,
  };
}

/** Names one source, or with an empty line the best one; other names are ignored. Linux: rng_current_store() */
async function currentStore(random: HwRandom, value: string): Promise<undefined> {
  const before = random.current;
  const name = value.replace(/\n$/, "");
  if (name === "") random.enableBest();
  const named = random.list.find((rng) => rng.name === name);
  if (named !== undefined) {
    random.setCurrent(named);
    random.setByUser = true;
  }
  const now = random.getCurrent();
  if (now === undefined) return;
  if (now !== before) await random.addEarlyRandomness(now);
  random.put(now);
}

function qualityShow({ current }: HwRandom): string {
  if (current === undefined) throw new KernelError("ENODEV", "there is no current rng");
  return `${current.quality}\n`;
}

/** Linux: rng_quality_store(), kstrtou16() */
function qualityStore(random: HwRandom, value: string): undefined {
  const text = value.replace(/\n$/, "");
  if (!/^(0[xX][0-9a-fA-F]+|\d+)$/.test(text)) {
    throw new KernelError("EINVAL", `rng_quality: '${text}' is not a number`);
  }
  const octal = /^0\d/.test(text);
  random.setQuality(octal ? parseInt(text, 8) : Number(text));
}

const randomOf = (dev: Device) => dev.kernel.get(HW_RANDOM);

/** The files of the device. Linux: rng_dev_attrs */
const RNG_DEV_GROUP: AttributeGroup<Device> = {
  attrs: [
    {
      name: "rng_current",
      mode: 0o644,
      show: (dev) => `${randomOf(dev).current?.name ?? "none"}\n`,
      store: (dev, value) => currentStore(randomOf(dev), value),
    },
    {
      name: "rng_available",
      mode: 0o444,
      show: (dev) => `${randomOf(dev).list.map(({ name }) => `${name} `).join("")}\n`,
    },
    {
      name: "rng_selected",
      mode: 0o444,
      show: (dev) => `${randomOf(dev).setByUser ? 1 : 0}\n`,
    },
    {
      name: "rng_quality",
      mode: 0o644,
      show: (dev) => qualityShow(randomOf(dev)),
      store: (dev, value) => qualityStore(randomOf(dev), value),
    },
  ],
};

/** Linux: param_set_ushort() */
function parseUshort(value: string): string {
  const text = parseUint(value);
  if (Number(text) > USHORT_MAX) throw new KernelError("ERANGE", `'${value}' is too large`);
  return text;
}

/** Linux: hwrng_modinit() */
async function hwrngModinit(kernel: Kernel): Promise<number> {
  await miscRegister(kernel, {
    name: "hw_random",
    minor: HWRNG_MINOR,
    nodename: "hwrng",
    groups: [RNG_DEV_GROUP as never],
    open: (_kernel, flags) => openHwrng(kernel.get(HW_RANDOM), flags),
  });
  return 0;
}

/** The core, which the reference configuration has built in. */
export const RNG_CORE: ModuleImage = {
  name: "rng_core",
  description: "H/W Random Number Generator (RNG) driver",
  license: "GPL",
  params: [
    {
      name: "current_quality",
      mode: 0o644,
      default: "0",
      parse: parseUshort,
      get: (kernel) => String(kernel.get(HW_RANDOM).currentQuality),
      set: async (kernel, value) => kernel.get(HW_RANDOM).setCurrentQuality(Number(value)),
    },
    {
      name: "default_quality",
      mode: 0o644,
      default: "0",
      parse: parseUshort,
      set: async (kernel, value) => {
        kernel.get(HW_RANDOM).defaultQuality = Number(value);
      },
    },
  ],
  init: { name: "hwrng_modinit", level: "fs", fn: hwrngModinit },
};
