/**
 * `-chardev` and `-serial` in terms of {@linkcode ChardevOptions}.
 *
 * @module
 */
import type { ChardevOptions } from "./chardev.ts";
import {
  checkKeys,
  OptionError,
  type OptionGroup,
  parseBool,
  parseInteger,
  parseOptionList,
  parseSize,
} from "./option_list.ts";

/** Keys of `-chardev`; as in QEMU, every backend takes all of them and uses its own. */
const KEYS = [
  "backend",
  "id",
  "path",
  "append",
  "size",
  "host",
  "port",
  "server",
  "wait",
  "delay",
  "nodelay",
  "reconnect",
  "ipv4",
  "ipv6",
  "signal",
  "mux",
  "name",
  "cols",
  "rows",
  "width",
  "height",
  "logfile",
  "logappend",
];

/** Returns the options of a `-chardev`. */
export function chardevOptions(group: OptionGroup): ChardevOptions {
  checkKeys(group, KEYS);
  const { values } = group;
  const backend = values.get("backend");
  const id = values.get("id");
  if (id === undefined) throw new OptionError("chardev: no id specified");
  if (backend === undefined) throw new OptionError('chardev: "" missing backend');
  return describe(id, backend, values);
}

function describe(
  id: string,
  backend: string,
  values: ReadonlyMap<string, string>,
): ChardevOptions {
  const path = values.get("path");
  const size = values.get("size");
  const host = values.get("host");
  const port = values.get("port");
  const flag = (key: string): boolean => parseBool(key, values.get(key) ?? "off");
  return {
    id,
    backend,
    append: flag("append"),
    server: flag("server"),
    mux: flag("mux"),
    ...(path === undefined ? {} : { path }),
    ...(size === undefined ? {} : { size: parseSize("size", size) }),
    ...(host === undefined ? {} : { host }),
    ...(port === undefined ? {} : { port: parseInteger("port", port, "uint16_t") }),
  };
}

const SERIAL_KINDS = [
  "none",
  "null",
  "vc",
  "stdio",
  "mon:stdio",
  "chardev:ID",
  "file:PATH",
  "pipe:PATH",
  "unix:PATH[,server=on]",
  "tcp:HOST:PORT[,server=on]",
];

/**
 * Returns what a `-serial` is connected to: options of a new character device, the id of one that
 * exists, or `undefined` for nothing.
 */
export function serialOptions(
  group: OptionGroup,
  index: number,
): ChardevOptions | string | undefined {
  const value = group.values.get("serial") ?? "";
  const id = `serial${index}`;
  const colon = value.indexOf(":");
  const kind = colon < 0 ? value : value.slice(0, colon);
  const rest = colon < 0 ? "" : value.slice(colon + 1);
  switch (kind) {
    case "none":
      return undefined;
    case "null":
    case "stdio":
      return { id, backend: kind };
    case "vc":
      return { id, backend: "null" };
    case "mon":
      if (rest === "stdio") return { id, backend: "stdio" };
      break;
    case "chardev":
      return rest;
    case "file":
    case "pipe":
      return { id, backend: kind, path: rest };
    case "unix":
      return describe(id, "socket", parseOptionList(rest, "path"));
    case "tcp":
      return tcpOptions(id, rest);
  }
  throw new OptionError(
    `'${value}' is not a valid char driver; known: ${SERIAL_KINDS.join(", ")}`,
  );
}

function tcpOptions(id: string, value: string): ChardevOptions {
  const list = parseOptionList(value, "address");
  const match = /^([^:]*):([0-9]+)$/.exec(list.get("address") ?? "");
  if (match === null) throw new OptionError(`tcp:${value}: expected tcp:HOST:PORT`);
  list.set("host", match[1]);
  list.set("port", match[2]);
  return describe(id, "socket", list);
}
