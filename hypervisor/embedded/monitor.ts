/**
 * The commands of QEMU's machine protocol that the machine knows.
 *
 * QEMU: qapi/block.json, qapi/char.json, qapi/net.json, qapi/ui.json.
 *
 * @module
 */
import { parseInputEvents } from "./input_hub.ts";
import type { Parts } from "./parts.ts";

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
  "query-block": { takes: [], run: queryBlock },
  "input-send-event": { takes: ["device", "head", "events"], run: inputSendEvent },
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
  return [...parts.drives].map(([device, drive]) => ({
    device,
    locked: false,
    removable: drive.owner === undefined,
    type: "unknown",
    inserted: {
      device: device,
      ro: drive.readOnly,
      image: { "virtual-size": drive.size },
    },
  }));
}

function blockResize(parts: Parts, args: MonitorArguments): unknown {
  const { size } = args;
  if (size === undefined) throw new Error("Parameter 'size' is missing");
  if (typeof size !== "number") {
    throw new Error("Invalid parameter type for 'size', expected: integer");
  }
  const id = args.device ?? args["node-name"];
  const drive = parts.drives.get(String(id));
  if (drive === undefined) throw new Error(`Cannot find device='${id}' nor node-name=''`);
  drive.resize(size);
  parts.activity.ring();
  return {};
}

function inputSendEvent(parts: Parts, args: MonitorArguments): unknown {
  parts.input.send(parseInputEvents(args));
  parts.activity.ring();
  return {};
}
