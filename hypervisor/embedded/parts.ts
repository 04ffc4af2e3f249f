/**
 * Makes what a command line names: backends first, then devices in the order of the command line,
 * each in its slot. What is wrong is said with the option it is wrong in.
 *
 * QEMU: qemu_create_late_backends(), qdev_device_add().
 *
 * @module
 */
import type { Host } from "../host.ts";
import type { CharEnd } from "../platform.ts";
import { Activity } from "./activity.ts";
import { type BlockBackend, type DriveOptions, MemoryBlock, openDrive } from "./blockdev.ts";
import { type Chardev, createChardev, ScriptChardev } from "./chardev.ts";
import { chardevOptions, serialOptions } from "./chardev_options.ts";
import type { CommandLine } from "./command_line.ts";
import type { DeviceCosts } from "./costs.ts";
import type { DeviceModel } from "./device.ts";
import { type Backends, DEVICES, type PortDevice, type SlotDevice } from "./devices.ts";
import { blockdevOptions, driveOptions } from "./drive_options.ts";
import { InputHub } from "./input_hub.ts";
import { dumpOptions, netdevOptions } from "./net_options.ts";
import type { Hubs, Netdev } from "./netdev.ts";
import { createNetdev } from "./netdev_options.ts";
import {
  checkKeys,
  forOption,
  OptionError,
  type OptionGroup,
  requireValue,
} from "./option_list.ts";
import type { DeviceKind } from "./own_device.ts";
import { FilterDump } from "./pcap.ts";
import { parseProperties } from "./property.ts";
import { SlotMap } from "./slot_map.ts";
import type { VirtioBalloon } from "./virtio_balloon.ts";
import { defaultMac, parseMac } from "./virtio_net_config.ts";

/** What parts need of their machine. */
export interface PartsOwner {
  /** Number of slots. */
  readonly slotCount: number;
  /** Files, terminals and sockets. */
  readonly host: Host | undefined;
  /** Images in memory by name. */
  readonly images: Readonly<Record<string, Uint8Array>>;
  /** How long devices take. */
  readonly costs: DeviceCosts | undefined;
  /** Devices beside QEMU's. */
  readonly devices: readonly DeviceKind[];
  /** The hubs that `-netdev hubport` joins. */
  readonly hubs: Hubs;
  /** Virtual time in nanoseconds. */
  readonly nowNs: () => number;
  /** Puts a model into a slot. */
  plug(slot: number, model: DeviceModel): undefined;
}

/** A device with its place. */
export interface PluggedDevice {
  /** Number of the slot. */
  readonly slot: number;
  /** The device. */
  readonly model: DeviceModel;
  /** Its `id`, if it has one. */
  readonly id: string | undefined;
}

/** Everything that the command line made. */
export class Parts implements Backends {
  /** The devices, in the order of the command line. */
  readonly models: PluggedDevice[] = [];
  /** The drives by id. */
  readonly drives = new Map<string, BlockBackend>();
  /** What the command line says of the drives. */
  readonly driveOptions = new Map<string, DriveOptions>();
  /** Ids of drives without a medium. */
  readonly emptyDrives = new Set<string>();
  /** The character devices by id. */
  readonly chardevs = new Map<string, Chardev>();
  readonly costs: DeviceCosts | undefined;
  /** The input devices. */
  readonly input = new InputHub();
  /** The networks by id. */
  readonly netdevs = new Map<string, Netdev>();
  /** Ids of the sources of random numbers. */
  readonly rngs = new Set<string>();
  /** Ids of threads for devices; nothing is done in them here. */
  readonly iothreads = new Set<string>();
  /** What writes the frames of networks to files. */
  readonly dumps = new Map<string, FilterDump>();
  /** The memory balloon. */
  balloon: VirtioBalloon | undefined;
  /** What the serial port is connected to. */
  serial: Chardev | undefined;
  /** Rung when something comes from outside. */
  readonly activity = new Activity();
  /** Last bytes of the addresses that cards have. */
  readonly #macsTaken = new Set<number>();

  /** Makes an empty set; see {@linkcode createParts}. */
  constructor(costs: DeviceCosts | undefined) {
    this.costs = costs;
  }

  drive(property: string, id: string): BlockBackend {
    if (this.emptyDrives.has(id)) {
      throw new OptionError("Device needs media, but drive is empty");
    }
    return find(this.drives, property, id);
  }

  chardev(property: string, id: string): Chardev {
    return find(this.chardevs, property, id);
  }

  netdev(property: string, id: string): Netdev {
    return find(this.netdevs, property, id);
  }

  macAddress(given: string | undefined): Uint8Array {
    if (given !== undefined) {
      const mac = parseMac(given);
      if (isDefaultMac(mac)) this.#macsTaken.add(mac[5]);
      return mac;
    }
    let index = 0;
    while (this.#macsTaken.has(defaultMac(index)[5])) index++;
    const mac = defaultMac(index);
    this.#macsTaken.add(mac[5]);
    return mac;
  }

  addBalloon(balloon: VirtioBalloon): VirtioBalloon {
    if (this.balloon !== undefined) throw new OptionError("Only one balloon device is supported");
    return this.balloon = balloon;
  }

  checkIothread(id: string): undefined {
    checkObject(this.iothreads, id);
  }

  checkRng(_property: string, id: string): undefined {
    checkObject(this.rngs, id);
  }

  /** The host's end of a `-chardev script`. */
  charEnd(id: string): CharEnd {
    const chardev = this.chardevs.get(id);
    if (chardev instanceof ScriptChardev) return chardev.end;
    const known = [...this.chardevs.keys()].filter((key) =>
      this.chardevs.get(key) instanceof ScriptChardev
    );
    throw new Error(`No -chardev script has the id '${id}'; known: ${known.join(", ") || "none"}`);
  }

  /** Waits for something from outside; `undefined` when nothing can come. */
  waitExternal(): Promise<void> | undefined {
    for (const chardev of this.chardevs.values()) {
      if (chardev.external) return this.activity.wait();
    }
    for (const netdev of this.netdevs.values()) {
      if (netdev.external) return this.activity.wait();
    }
    return undefined;
  }

  /** Lets go of files and sockets. */
  close(): undefined {
    for (const chardev of this.chardevs.values()) chardev.close();
    for (const drive of this.drives.values()) drive.close();
    for (const netdev of this.netdevs.values()) netdev.close();
    for (const dump of this.dumps.values()) dump.close();
  }
}

function checkObject(known: ReadonlySet<string>, id: string): undefined {
  if (known.has(id)) return;
  throw new OptionError(`Device '${id}' not found; known: ${[...known].join(", ") || "none"}`);
}

function find<T>(map: ReadonlyMap<string, T>, property: string, id: string): T {
  const found = map.get(id);
  if (found !== undefined) return found;
  const known = [...map.keys()].join(", ") || "none";
  throw new OptionError(`Property '${property}' can't find value '${id}'; known: ${known}`);
}

/**
 * Makes all parts.
 *
 * @throws {OptionError} One line that begins with the option; what was opened is closed again.
 */
export function createParts(commandLine: CommandLine, owner: PartsOwner): Parts {
  const parts = new Parts(owner.costs);
  try {
    createChardevs(parts, commandLine, owner);
    createDrives(parts, commandLine, owner);
    createNetdevs(parts, commandLine, owner);
    createObjects(parts, commandLine, owner);
    createDevices(parts, commandLine, owner);
  } catch (error) {
    parts.close();
    throw error;
  }
  return parts;
}

function createChardevs(parts: Parts, commandLine: CommandLine, owner: PartsOwner): undefined {
  for (const group of commandLine.chardevs) {
    forOption(group, () => {
      const options = chardevOptions(group);
      checkUnique(parts.chardevs, options.id, "chardev");
      parts.chardevs.set(options.id, createChardev(options, owner.host, parts.activity));
    });
  }
  for (const [index, group] of commandLine.serials.entries()) {
    forOption(group, () => {
      const options = serialOptions(group, index);
      if (options === undefined) return;
      const chardev = typeof options === "string"
        ? findSerial(parts, options)
        : createChardev(options, owner.host, parts.activity);
      if (typeof options !== "string") parts.chardevs.set(options.id, chardev);
      if (index === 0) parts.serial = chardev;
    });
  }
}

function findSerial(parts: Parts, id: string): Chardev {
  const chardev = parts.chardevs.get(id);
  if (chardev !== undefined) return chardev;
  const known = [...parts.chardevs.keys()].join(", ") || "none";
  throw new OptionError(
    `could not connect serial device to character backend 'chardev:${id}'; known: ${known}`,
  );
}

function createDrives(parts: Parts, commandLine: CommandLine, owner: PartsOwner): undefined {
  const add = (options: DriveOptions): undefined => {
    checkUnique(parts.drives, options.id, "drive");
    parts.driveOptions.set(options.id, options);
    const image = options.file === undefined ? undefined : owner.images[options.file];
    parts.drives.set(
      options.id,
      image === undefined ? openDrive(options, owner.host) : new MemoryBlock(image, options),
    );
  };
  for (const group of commandLine.drives) {
    forOption(group, () => {
      const options = driveOptions(group, parts.drives.size + parts.emptyDrives.size);
      if (options.format === "null-co" || options.file !== undefined) add(options);
      else parts.emptyDrives.add(options.id);
    });
  }
  for (const options of blockdevOptions(commandLine.blockdevs)) add(options);
}

function createNetdevs(parts: Parts, commandLine: CommandLine, owner: PartsOwner): undefined {
  const environment = { host: owner.host, activity: parts.activity, hubs: owner.hubs };
  for (const group of commandLine.netdevs) {
    forOption(group, () => {
      const options = netdevOptions(group);
      checkUnique(parts.netdevs, options.id, "netdev");
      parts.netdevs.set(options.id, createNetdev(options, environment));
    });
  }
}

const OBJECTS = ["filter-dump", "iothread", "rng-builtin", "rng-random"];

/** Properties of an object besides its type and id. */
const OBJECT_KEYS: Readonly<Record<string, readonly string[]>> = {
  "iothread": ["aio-max-batch", "poll-grow", "poll-max-ns", "poll-shrink"]
    .concat(["thread-pool-max", "thread-pool-min"]),
  "rng-random": ["filename"],
};

function createObjects(parts: Parts, commandLine: CommandLine, owner: PartsOwner): undefined {
  const ids = new Set<string>();
  for (const group of commandLine.objects) {
    forOption(group, () => {
      const type = requireValue(group, "qom-type");
      if (!OBJECTS.includes(type)) {
        throw new OptionError(
          `Parameter 'qom-type' does not accept value '${type}'; known: ${OBJECTS.join(", ")}`,
        );
      }
      const id = requireValue(group, "id");
      if (ids.has(id)) throw new OptionError(`Duplicate ID '${id}' for object`);
      ids.add(id);
      if (type === "filter-dump") return createDump(parts, group, owner);
      checkKeys(group, ["qom-type", "id", ...(OBJECT_KEYS[type] ?? [])]);
      (type === "iothread" ? parts.iothreads : parts.rngs).add(id);
    });
  }
}

function createDump(parts: Parts, group: OptionGroup, owner: PartsOwner): undefined {
  const { options, netdev, file } = dumpOptions(group);
  const network = parts.netdevs.get(netdev);
  if (network === undefined) {
    const known = [...parts.netdevs.keys()].join(", ") || "none";
    throw new OptionError(`Parameter 'netdev' expects a network backend id; known: ${known}`);
  }
  if (!owner.host) throw new OptionError(`net dump: can't open ${file}: this program has no files`);
  const dump = new FilterDump(options, owner.host.openFile(file, "create"), owner.nowNs);
  parts.dumps.set(options.id, dump);
  network.addFilter(dump);
}

function isDefaultMac(mac: Uint8Array): boolean {
  return defaultMac(0).every((byte, i) => i === 5 || byte === mac[i]);
}

function createDevices(parts: Parts, commandLine: CommandLine, owner: PartsOwner): undefined {
  const slots = new SlotMap(owner.slotCount);
  const ids = new Set<string>();
  for (const group of commandLine.devices) {
    forOption(group, () => {
      const driver = group.values.get("driver");
      if (!driver) throw new OptionError("Parameter 'driver' is missing");
      const kind = findDevice(driver, owner.devices);
      checkId(ids, group);
      if (kind.bus === "virtio-bus") {
        createSlotDevice(parts, slots, driver, kind, group, commandLine);
      } else {
        createPort(parts, slots, driver, kind, group, commandLine);
      }
    });
  }
  for (const { slot, model } of parts.models) owner.plug(slot, model);
}

function findDevice(driver: string, own: readonly DeviceKind[]): SlotDevice | PortDevice {
  const found = own.find(({ name }) => name === driver);
  if (found !== undefined) return found.device;
  if (Object.hasOwn(DEVICES, driver)) return DEVICES[driver];
  const known = [...Object.keys(DEVICES), ...own.map(({ name }) => name)].join(", ");
  throw new OptionError(`'${driver}' is not a valid device model name; known: ${known}`);
}

function checkId(ids: Set<string>, group: OptionGroup): undefined {
  const id = group.values.get("id");
  if (id === undefined) return;
  if (ids.has(id)) throw new OptionError(`Duplicate ID '${id}' for device`);
  ids.add(id);
}

function checkUnique(map: ReadonlyMap<string, unknown>, id: string, kind: string): undefined {
  if (map.has(id)) throw new OptionError(`Duplicate ID '${id}' for ${kind}`);
}

function createSlotDevice(
  parts: Parts,
  slots: SlotMap,
  driver: string,
  kind: SlotDevice,
  group: OptionGroup,
  { globals }: CommandLine,
): undefined {
  const bus = group.values.get("bus");
  const slot = bus === undefined ? slots.findFree(driver) : slots.findBus(driver, bus);
  const props = parseProperties(driver, kind.properties, group, globals);
  const model = kind.create(props, parts);
  const id = group.values.get("id");
  slots.take(slot, model, id);
  parts.models.push({ slot, model, id });
}

function createPort(
  parts: Parts,
  slots: SlotMap,
  driver: string,
  kind: PortDevice,
  group: OptionGroup,
  { globals }: CommandLine,
): undefined {
  const owner = slots.findSerial(driver, group.values.get("bus"));
  kind.attach(owner, parseProperties(driver, kind.properties, group, globals), parts);
}
