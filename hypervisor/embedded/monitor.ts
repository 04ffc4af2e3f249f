/**
 * The commands of QEMU's machine protocol that the machine knows.
 *
 * QEMU: qapi/block.json, qapi/char.json, qapi/machine.json, qapi/net.json, qapi/ui.json.
 *
 * @module
 */
import { parseInputEvents } from "./input_hub.ts";
import { RingbufChardev } from "./chardev.ts";
import type { Parts } from "./parts.ts";
import type { VirtioBalloon } from "./virtio_balloon.ts";
import { VirtioBlk } from "./virtio_blk.ts";
import { VirtioNet } from "./virtio_net.ts";

/** Arguments of a command. */
export type MonitorArguments = Readonly<Record<string, unknown>>;

type Command = (parts: Parts, args: MonitorArguments) => unknown;

const COMMANDS: Readonly<Record<string, { readonly takes: readonly string[]; run: Command }>> = {
  "query-status": {
    takes: [],
    run: () => ({ status: "running", singlestep: false, running: true }),
  },
  "query-commands": {
    takes: [],
    run: () => Object.keys(COMMANDS).map((name) => ({ name })),
  },
  "query-chardev": { takes: [], run: queryChardev },
  "query-balloon": { takes: [], run: (parts) => ({ actual: balloonOf(parts).actual }) },
  "query-block": { takes: [], run: queryBlock },
  "set_link": { takes: ["name", "up"], run: setLink },
  "announce-self": {
    takes: ["initial", "max", "rounds", "step", "interfaces", "id"],
    run: announceSelf,
  },
  "ringbuf-read": { takes: ["device", "size", "format"], run: ringbufRead },
  "input-send-event": { takes: ["device", "head", "events"], run: inputSendEvent },
  "balloon": { takes: ["value"], run: setBalloon },
  "block_resize": { takes: ["device", "node-name", "size"], run: blockResize },
};

/**
 * Runs a command.
 *
 * @throws {Error} When the command or an argument is unknown or wrong, with QEMU's words.
 */
export function runMonitorCommand(parts: Parts, command: string, args: MonitorArguments): unknown {
  if (!Object.hasOwn(COMMANDS, command)) {
    const known = Object.keys(COMMANDS).join(", ");
    throw new Error(`The command ${command} has not been found; known: ${known}`);
  }
  const { takes, run } = COMMANDS[command];
  for (const key of Object.keys(args)) {
    if (!takes.includes(key)) throw new Error(`Parameter '${key}' is unexpected`);
  }
  return run(parts, args);
}

function queryChardev(parts: Parts): unknown {
  return [...parts.chardevs].map(([label, chardev]) => ({
    label,
    filename: chardev.filename,
    "frontend-open": chardev.frontendOpen,
  }));
}

function queryBlock(parts: Parts): unknown {
  return [...parts.drives.keys()].map((device) => {
    const qdev = findUser(parts, device);
    return {
      device,
      locked: false,
      removable: qdev === undefined,
      type: "unknown",
      ...(qdev === undefined ? {} : { qdev, "io-status": "ok" }),
      inserted: describeImage(parts, device),
    };
  });
}

/** QEMU's path of the disk that a drive belongs to. */
function findUser(parts: Parts, device: string): string | undefined {
  let anonymous = 0;
  for (const { model, id } of parts.models) {
    const number = id === undefined ? anonymous++ : 0;
    if (!(model instanceof VirtioBlk) || model.drive.id !== device) continue;
    return id === undefined
      ? `/machine/peripheral-anon/device[${number}]`
      : `/machine/peripheral/${id}`;
  }
  return undefined;
}

function describeImage(parts: Parts, device: string): unknown {
  const drive = parts.drives.get(device);
  const options = parts.driveOptions.get(device);
  if (drive === undefined || options === undefined) return undefined;
  const format = options.format ?? "raw";
  const file = format === "null-co" ? "null-co://" : options.file;
  return {
    file,
    drv: format,
    ro: drive.readOnly,
    image: { filename: file, format, "virtual-size": drive.size },
    cache: {
      writeback: drive.writeback,
      direct: options.cache === "none" || options.cache === "directsync",
      "no-flush": options.cache === "unsafe",
    },
    encrypted: false,
    detect_zeroes: "off",
    backing_file_depth: 0,
  };
}

function blockResize(parts: Parts, args: MonitorArguments): unknown {
  const { size } = args;
  if (size === undefined) throw new Error("Parameter 'size' is missing");
  if (typeof size !== "number") {
    throw new Error("Invalid parameter type for 'size', expected: integer");
  }
  const id = args.device ?? args["node-name"] ?? "";
  const drive = parts.drives.get(String(id));
  if (drive === undefined) throw new Error(`Cannot find device='${id}' nor node-name=''`);
  drive.resize(size);
  parts.activity.ring();
  return {};
}

function balloonOf({ balloon }: Parts): VirtioBalloon {
  if (balloon === undefined) throw new Error("No balloon device has been activated");
  return balloon;
}

/** Asks the guest to keep `value` bytes of memory. */
function setBalloon(parts: Parts, { value }: MonitorArguments): unknown {
  if (value === undefined) throw new Error("Parameter 'value' is missing");
  if (typeof value !== "number" || !Number.isInteger(value)) {
    throw new Error("Invalid parameter type for 'value', expected: integer");
  }
  const balloon = balloonOf(parts);
  if (value <= 0) throw new Error("Parameter 'target' expects a size");
  balloon.setTarget(value);
  parts.activity.ring();
  return {};
}

function inputSendEvent(parts: Parts, args: MonitorArguments): unknown {
  parts.input.send(parseInputEvents(args));
  parts.activity.ring();
  return {};
}

/** Takes the id of a network, or of a card with a network behind it. */
function setLink(parts: Parts, { name, up }: MonitorArguments): unknown {
  if (name === undefined) throw new Error("Parameter 'name' is missing");
  if (up === undefined) throw new Error("Parameter 'up' is missing");
  if (typeof up !== "boolean") {
    throw new Error("Invalid parameter type for 'up', expected: boolean");
  }
  const card = parts.models.find(({ id }) => id === name)?.model;
  const end = card instanceof VirtioNet ? card.netdev ?? card : parts.netdevs.get(String(name));
  if (end === undefined) throw new Error(`Device '${name}' not found`);
  if (end instanceof VirtioNet) end.linkChanged(up);
  else end.setLink(up);
  parts.activity.ring();
  return {};
}

/** Asks the driver of every card, or of those in `interfaces`, to announce itself. */
function announceSelf(parts: Parts, args: MonitorArguments): unknown {
  for (const key of ["initial", "max", "rounds", "step"]) {
    if (args[key] === undefined) throw new Error(`Parameter '${key}' is missing`);
  }
  const { interfaces } = args;
  for (const { model, id } of parts.models) {
    if (!(model instanceof VirtioNet)) continue;
    if (Array.isArray(interfaces) && !interfaces.includes(id)) continue;
    model.announce();
  }
  parts.activity.ring();
  return {};
}

function ringbufRead(parts: Parts, { device, size, format }: MonitorArguments): unknown {
  const chardev = parts.chardevs.get(String(device));
  if (chardev === undefined) throw new Error(`Device '${device}' not found`);
  if (!(chardev instanceof RingbufChardev)) {
    throw new Error(`${device} is not a ringbuf device`);
  }
  if (typeof size !== "number" || size <= 0) throw new Error("size must be greater than zero");
  const bytes = chardev.read(size);
  if (format !== "base64") return new TextDecoder().decode(bytes);
  return btoa(String.fromCharCode(...bytes));
}
