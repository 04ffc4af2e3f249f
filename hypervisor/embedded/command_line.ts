/**
 * QEMU's command line, as far as the machine knows it, taken apart into groups. What the groups mean
 * is for {@linkcode createParts} to say.
 *
 * @module
 */
import type { Processors } from "./device_tree.ts";
import { PROCESSOR_KINDS } from "./device_tree.ts";
import {
  checkId,
  forOption,
  OptionError,
  type OptionGroup,
  parseBool,
  parseInteger,
  parseOptionList,
  parseSize,
} from "./option_list.ts";
import type { GlobalProperty } from "./property.ts";

/** A command line in its parts. */
export interface CommandLine {
  /** Size of RAM in bytes; `undefined` without `-m`. */
  readonly ramSize: number | undefined;
  /** The processors that the device tree describes. */
  readonly processors: Processors;
  /** Whether the slots have the legacy register layout. */
  readonly forceLegacy: boolean;
  /** The groups of `-device`. */
  readonly devices: readonly OptionGroup[];
  /** The groups of `-drive`. */
  readonly drives: readonly OptionGroup[];
  /** The groups of `-blockdev`. */
  readonly blockdevs: readonly OptionGroup[];
  /** The groups of `-netdev`. */
  readonly netdevs: readonly OptionGroup[];
  /** The groups of `-chardev`. */
  readonly chardevs: readonly OptionGroup[];
  /** The groups of `-object`. */
  readonly objects: readonly OptionGroup[];
  /** Values of `-serial`. */
  readonly serials: readonly OptionGroup[];
  /** Defaults of properties, from `-global`. */
  readonly globals: readonly GlobalProperty[];
}

/** The groups that collect options of one name, and the key of their first part. */
const GROUPS = {
  device: "driver",
  drive: undefined,
  blockdev: "driver",
  netdev: "type",
  chardev: "backend",
  object: "qom-type",
  serial: undefined,
} as const;

/** Options that change nothing here: they say what the machine does not have anyway. */
const WITHOUT_EFFECT = new Set([
  "nodefaults",
  "nographic",
  "no-reboot",
  "no-shutdown",
  "no-user-config",
  "S",
]);
const WITHOUT_EFFECT_1 = new Set(["display", "monitor", "vga", "name", "accel", "nic", "net"]);
const VALUED = ["m", "smp", "cpu", "M", "machine", "global"];

const DEFAULT_PROCESSOR = "cortex-a57";
/** Most processors that the interrupt controller of the machine (GICv2) serves. */
const PROCESSORS_MAX = 8;

type GroupName = keyof typeof GROUPS;

/**
 * Takes a command line apart.
 *
 * @throws {OptionError} One line that names the option and lists what is known.
 */
export function parseCommandLine(args: readonly string[]): CommandLine {
  const groups: Record<GroupName, OptionGroup[]> = {
    device: [],
    drive: [],
    blockdev: [],
    netdev: [],
    chardev: [],
    object: [],
    serial: [],
  };
  const globals: GlobalProperty[] = [];
  let ramSize: number | undefined;
  let model = DEFAULT_PROCESSOR;
  let smp: OptionGroup = { text: "-smp", values: new Map([["cpus", "1"]]) };
  for (let i = 0; i < args.length; i++) {
    const name = args[i].replace(/^--?/, "");
    if (name === args[i]) throw new OptionError(`${name}: Could not open '${name}': not an option`);
    if (WITHOUT_EFFECT.has(name)) continue;
    if (!takesValue(name)) {
      throw new OptionError(`${args[i]}: invalid option; known: ${knownOptions()}`);
    }
    if (i + 1 >= args.length) throw new OptionError(`${args[i]}: requires an argument`);
    const value = args[++i];
    const text = `${args[i - 1]} ${value}`;
    forOption({ text, values: new Map() }, () => {
      if (name === "nic" || name === "net") checkNone(value);
      if (isGroup(name)) groups[name].push(parseGroup(name, text, value));
      else if (name === "m") ramSize = parseMemory(value) ?? ramSize;
      else if (name === "smp") smp = { text, values: parseOptionList(value, "cpus") };
      else if (name === "cpu") model = parseModel(value);
      else if (name === "M" || name === "machine") checkMachine(value);
      else if (name === "global") globals.push(parseGlobal(text, value));
    });
  }
  const processors = forOption(smp, () => parseProcessors(model, smp.values));
  return {
    ramSize,
    processors,
    forceLegacy: parseForceLegacy(globals),
    devices: groups.device,
    drives: groups.drive,
    blockdevs: groups.blockdev,
    netdevs: groups.netdev,
    chardevs: groups.chardev,
    objects: groups.object,
    serials: groups.serial,
    globals,
  };
}

function isGroup(name: string): name is GroupName {
  return Object.hasOwn(GROUPS, name);
}

function takesValue(name: string): boolean {
  return isGroup(name) || WITHOUT_EFFECT_1.has(name) || VALUED.includes(name);
}

function knownOptions(): string {
  const names = [...Object.keys(GROUPS), ...VALUED, ...WITHOUT_EFFECT, ...WITHOUT_EFFECT_1];
  return names.sort().map((name) => `-${name}`).join(", ");
}

function parseGroup(name: GroupName, text: string, value: string): OptionGroup {
  if (name === "serial") return { text, values: new Map([["serial", value]]) };
  const values = parseOptionList(value, GROUPS[name]);
  const id = values.get("id");
  if (id !== undefined) checkId(id);
  return { text, values };
}

/** QEMU's older options for network cards make PCI cards. */
function checkNone(value: string): undefined {
  if (value === "none") return;
  throw new OptionError(
    "makes a card that this machine does not have; use -netdev TYPE,id=ID and " +
      "-device virtio-net-device,netdev=ID",
  );
}

function parseMemory(value: string): number | undefined {
  const list = parseOptionList(value, "size");
  for (const key of list.keys()) {
    if (!["size", "slots", "maxmem"].includes(key)) {
      throw new OptionError(`Invalid parameter '${key}'; known: size, slots, maxmem`);
    }
  }
  const size = parseSize("size", list.get("size") ?? "0", 2 ** 20);
  return size === 0 ? undefined : Math.ceil(size / 8192) * 8192;
}

function parseModel(value: string): string {
  const [model] = value.split(",");
  if (Object.hasOwn(PROCESSOR_KINDS, model)) return model;
  const known = Object.keys(PROCESSOR_KINDS).join(", ");
  throw new OptionError(`unable to find CPU model '${model}'; known: ${known}`);
}

/** Machine properties that say what this machine is; others would need another machine. */
const MACHINE_PROPERTIES: Readonly<Record<string, readonly string[] | undefined>> = {
  type: ["virt", "virt-7.2"],
  accel: undefined,
  "gic-version": ["2"],
  "dtb-randomness": undefined,
  highmem: ["on"],
  secure: ["off"],
  virtualization: ["off"],
};

function checkMachine(value: string): undefined {
  for (const [key, setting] of parseOptionList(value, "type")) {
    if (!Object.hasOwn(MACHINE_PROPERTIES, key)) {
      const known = Object.keys(MACHINE_PROPERTIES).join(", ");
      throw new OptionError(`Property 'virt-7.2-machine.${key}' not found; known: ${known}`);
    }
    const known = MACHINE_PROPERTIES[key];
    if (known === undefined || known.includes(setting)) continue;
    const what = key === "type" ? "unsupported machine type" : `unsupported ${key}`;
    throw new OptionError(`${what} '${setting}'; known: ${known.join(", ")}`);
  }
}

function parseGlobal(text: string, value: string): GlobalProperty {
  const match = /^([^.=,]+)\.([^=,]+)=(.*)$/.exec(value);
  const group: OptionGroup = { text, values: new Map() };
  if (match) return { group, driver: match[1], property: match[2], value: match[3] };
  const list = parseOptionList(value);
  const [driver, property, setting] = ["driver", "property", "value"].map((key) => list.get(key));
  if (driver === undefined || property === undefined || setting === undefined) {
    throw new OptionError("expected DRIVER.PROPERTY=VALUE");
  }
  return { group, driver, property, value: setting };
}

/** Version 2 is the default, as in the recordings of Linux; QEMU's own is version 1. */
function parseForceLegacy(globals: readonly GlobalProperty[]): boolean {
  let legacy = false;
  for (const { group, driver, property, value } of globals) {
    if (driver !== "virtio-mmio") continue;
    forOption(group, () => {
      if (property === "force-legacy") legacy = parseBool(property, value);
      else if (property !== "format_transport_address") {
        throw new OptionError(
          `Property 'virtio-mmio.${property}' not found; known: force-legacy, format_transport_address`,
        );
      }
    });
  }
  return legacy;
}

const TOPOLOGY_KEYS = ["cpus", "maxcpus", "sockets", "dies", "clusters", "cores", "threads"];

/** Fills in what `-smp` leaves open, cores before sockets. QEMU: machine_parse_smp_config(). */
function parseProcessors(model: string, list: ReadonlyMap<string, string>): Processors {
  const given: Record<string, number | undefined> = {};
  for (const [key, value] of list) {
    if (!TOPOLOGY_KEYS.includes(key)) {
      throw new OptionError(
        `Parameter 'smp.${key}' is unexpected; known: ${TOPOLOGY_KEYS.join(", ")}`,
      );
    }
    given[key] = parseInteger(`smp.${key}`, value, "uint32_t") || undefined;
  }
  const clusters = given.clusters ?? 1;
  let { sockets, cores, threads, maxcpus, cpus } = given;
  if (cpus === undefined && maxcpus === undefined) {
    cpus = (sockets ?? 1) * clusters * (cores ?? 1) * (threads ?? 1);
  }
  maxcpus ??= cpus ?? 1;
  if (cores === undefined) {
    sockets ??= 1;
    threads ??= 1;
    cores = Math.floor(maxcpus / (sockets * clusters * threads));
  } else {
    threads ??= 1;
    sockets ??= Math.floor(maxcpus / (clusters * cores * threads));
  }
  threads ??= 1;
  sockets ??= 1;
  const count = cpus ?? maxcpus;
  checkTopology({ model, sockets, clusters, cores, threads, count }, maxcpus);
  return { model, sockets, clusters, cores, threads, count };
}

function checkTopology(processors: Processors, maxcpus: number): undefined {
  const { sockets, clusters, cores, threads, count } = processors;
  if (sockets * clusters * cores * threads !== maxcpus) {
    throw new OptionError(
      "Invalid CPU topology: product of the hierarchy must match maxcpus: " +
        `sockets (${sockets}) * clusters (${clusters}) * cores (${cores}) * threads (${threads}) ` +
        `!= maxcpus (${maxcpus})`,
    );
  }
  if (maxcpus < count) {
    throw new OptionError(
      "Invalid CPU topology: maxcpus must be equal to or greater than smp: " +
        `sockets (${sockets}) * clusters (${clusters}) * cores (${cores}) * threads (${threads}) ` +
        `== maxcpus (${maxcpus}) < smp_cpus (${count})`,
    );
  }
  if (maxcpus > PROCESSORS_MAX) {
    throw new OptionError(
      `Number of SMP CPUs requested (${maxcpus}) exceeds max CPUs supported by machine 'mach-virt' (${PROCESSORS_MAX})`,
    );
  }
}
