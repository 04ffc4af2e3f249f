/** A kernel with the network core and virtio_net on the embedded machine, for tests. */
import {
  embedded,
  type EmbeddedMachine,
  type EmbeddedOptions,
} from "../hypervisor/embedded/machine.ts";
import type { Platform } from "../hypervisor/platform.ts";
import { Kernel, type KernelOptions } from "../kernel/kernel.ts";
import { startKernel } from "../kernel/main.ts";
import { devChangeFlags } from "../kernel/net/dev_flags.ts";
import { NET_INITCALLS } from "../kernel/net/init.ts";
import type { NetDevice } from "../kernel/net/netdevice.ts";
import { NET_DEVICES } from "../kernel/net/registry.ts";
import type { Directory } from "../kernel/vfs/node.ts";
import {
  VIRTIO_MMIO_DEVICE_FEATURES,
  VIRTIO_MMIO_DEVICE_FEATURES_SEL,
  VIRTIO_MMIO_DRIVER_FEATURES,
  VIRTIO_MMIO_DRIVER_FEATURES_SEL,
} from "../uapi/virtio_mmio.ts";
import { VIRTIO_MMIO } from "../transports/virtio_mmio.ts";
import { FAILOVER } from "./failover.ts";
import { NET_FAILOVER } from "./net_failover.ts";
import { VIRTIO_INITCALLS } from "./virtio/virtio.ts";
import { VIRTIO_NET } from "./virtio_net.ts";

/** Registers of a slot repeat with this. */
const SLOT_MASK = 0x1ff;

/** Everything that network cards need, in link order. */
export const NET_CONFIG = {
  initcalls: [...VIRTIO_INITCALLS, ...NET_INITCALLS],
  images: [VIRTIO_MMIO, FAILOVER, NET_FAILOVER, VIRTIO_NET],
};

/** A running kernel with its machine. */
export interface NetVm {
  readonly kernel: Kernel;
  readonly machine: EmbeddedMachine;
  /** Runs `body` as a task of the guest. */
  run<T>(body: () => Promise<T>): Promise<T>;
  /** The interface called `name`. */
  dev(name: string): NetDevice;
  /** Sets flags with the lock held. */
  setFlags(name: string, flags: number): Promise<undefined>;
  /** What a file below the interface's folder shows. */
  cat(name: string, file: string): Promise<string>;
  /** Messages so far. */
  readonly log: string[];
}

const decoder = new TextDecoder();

/** A machine whose devices offer more than they know. */
function offering(machine: EmbeddedMachine, extraHigh: number): Platform {
  let high = false;
  return {
    name: machine.name,
    ram: machine.ram,
    ramBase: machine.ramBase,
    dtb: machine.dtb,
    attach: (guest) => machine.attach(guest),
    nextEventNs: () => machine.nextEventNs(),
    runDue: () => machine.runDue(),
    waitExternal: () => machine.waitExternal(),
    read: (address, width) => {
      const value = machine.read(address, width);
      const isFeatures = (address & SLOT_MASK) === VIRTIO_MMIO_DEVICE_FEATURES;
      return isFeatures && high ? (value | extraHigh) >>> 0 : value;
    },
    write: (address, width, value) => {
      const register = address & SLOT_MASK;
      if (register === VIRTIO_MMIO_DEVICE_FEATURES_SEL) high = value === 1;
      if (register === VIRTIO_MMIO_DRIVER_FEATURES_SEL) high = value === 1;
      const isFeatures = register === VIRTIO_MMIO_DRIVER_FEATURES;
      return machine.write(address, width, isFeatures && high ? value & ~extraHigh : value);
    },
  };
}

/** Boots the machine that `args` describe. */
export async function bootNet(
  args: readonly string[],
  options: {
    readonly kernel?: KernelOptions;
    readonly machine?: EmbeddedOptions;
    /** Features 32 to 63 that every card offers beside its own, without knowing. */
    readonly extraHigh?: number;
  } = {},
): Promise<NetVm> {
  const modern = ["-global", "virtio-mmio.force-legacy=false"];
  const machine = embedded([...modern, ...args], options.machine);
  const kernel = new Kernel(offering(machine, options.extraHigh ?? 0), options.kernel);
  await kernel.sched.run("init", () => startKernel(kernel, NET_CONFIG), 1);
  const devices = kernel.get(NET_DEVICES);
  const run = <T>(body: () => Promise<T>) => kernel.sched.run("sh", body);
  const dev = (name: string) => {
    const found = devices.find(name);
    if (found === undefined) throw new Error(`no interface ${name}`);
    return found;
  };
  return {
    kernel,
    machine,
    run,
    dev,
    setFlags: (name, flags) => run(() => devices.rtnl.with(() => devChangeFlags(dev(name), flags))),
    cat: (name, file) => run(() => readFile(dev(name), file)),
    get log() {
      return kernel.log.records.map(({ text }) => text);
    },
  };
}

/** What the file at `path` below a device's folder shows, without the line feed at its end. */
export async function readFile(dev: NetDevice, path: string): Promise<string> {
  let inode = dev.lookup(path.split("/")[0]);
  for (const name of path.split("/").slice(1)) {
    if (inode?.kind !== "dir") throw new Error(`${path}: not there`);
    inode = inode.lookup(name);
  }
  if (inode?.kind !== "file" || !("read" in inode) || inode.read === undefined) {
    throw new Error(`${path}: not there`);
  }
  return decoder.decode(await inode.read()).replace(/\n$/, "");
}

/** Writes to a file of a folder of sysfs. */
export async function writeFile(folder: Directory, name: string, text: string): Promise<undefined> {
  const inode = folder.lookup(name);
  if (inode?.kind !== "file" || !("write" in inode) || inode.write === undefined) {
    throw new Error(`${name}: not there`);
  }
  await inode.write(new TextEncoder().encode(text), { append: false });
}

/** A frame with a protocol that no stack takes. */
export function frameOf(to: Uint8Array, from: Uint8Array, length = 60, fill = 7): Uint8Array {
  const frame = new Uint8Array(length).fill(fill);
  frame.set(to, 0);
  frame.set(from, 6);
  frame.set([0x88, 0xb5], 12);
  return frame;
}
