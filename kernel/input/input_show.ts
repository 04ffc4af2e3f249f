/**
 * What input devices show in sysfs, procfs and events.
 *
 * Linux: drivers/input/input.c
 *
 * @module
 */
import {
  EV_ABS,
  EV_FF,
  EV_KEY,
  EV_LED,
  EV_MSC,
  EV_REL,
  EV_SND,
  EV_SW,
  KEY_MIN_INTERESTING,
} from "../../uapi/input_event_codes.ts";
import type { Class, Device, DeviceType } from "../base/device.ts";
import { KernelError } from "../errors.ts";
import type { Attribute, AttributeGroup } from "../kobject.ts";
import type { Bitmap } from "./bitmap.ts";
import type { InputDev, InputHandler } from "./input.ts";

/** The kinds of events with their letter in a modalias, their word, and the bits of a device. */
const KINDS: readonly {
  readonly ev: number;
  readonly letter: string;
  readonly word: string;
  readonly bits: (dev: InputDev) => Bitmap;
}[] = [
  { ev: EV_KEY, letter: "k", word: "KEY", bits: (dev) => dev.keybit },
  { ev: EV_REL, letter: "r", word: "REL", bits: (dev) => dev.relbit },
  { ev: EV_ABS, letter: "a", word: "ABS", bits: (dev) => dev.absbit },
  { ev: EV_MSC, letter: "m", word: "MSC", bits: (dev) => dev.mscbit },
  { ev: EV_LED, letter: "l", word: "LED", bits: (dev) => dev.ledbit },
  { ev: EV_SND, letter: "s", word: "SND", bits: (dev) => dev.sndbit },
  { ev: EV_FF, letter: "f", word: "FF", bits: (dev) => dev.ffbit },
  { ev: EV_SW, letter: "w", word: "SW", bits: (dev) => dev.swbit },
];

function hex4(value: number): string {
  return value.toString(16).padStart(4, "0");
}

function bitList(letter: string, bits: Bitmap, from = 0): string {
  return letter +
    [...bits.values(from)].map((bit) => `${bit.toString(16).toUpperCase()},`).join("");
}

/** The name by which user space finds a module for a device. Linux: input_print_modalias() */
export function inputModalias(dev: InputDev): string {
  const { bustype, vendor, product, version } = dev.id;
  const id = `b${hex4(bustype)}v${hex4(vendor)}p${hex4(product)}e${hex4(version)}`.toUpperCase();
  const ids = id.replace("B", "b").replace("V", "v").replace("P", "p").replace(/E(?=.{4}$)/, "e");
  const lists = KINDS.map(({ ev, letter, bits }) =>
    bitList(letter, bits(dev), ev === EV_KEY ? KEY_MIN_INTERESTING : 0)
  );
  return `input:${ids}-${bitList("e", dev.evbit)}${lists.join("")}`;
}

/** Words such as `KEY=1f0000 0 0` for the kinds of events that a device has. */
function bitWords(dev: InputDev): string[] {
  const words = [`PROP=${dev.propbit}`, `EV=${dev.evbit}`];
  for (const { ev, word, bits } of KINDS) if (dev.evbit.has(ev)) words.push(`${word}=${bits(dev)}`);
  return words;
}

/** Linux: input_dev_uevent() */
function inputDevUevent(dev: InputDev): string[] {
  const { bustype, vendor, product, version } = dev.id;
  const product_ = [bustype, vendor, product, version].map((part) => part.toString(16)).join("/");
  return [
    `PRODUCT=${product_}`,
    `NAME="${dev.label}"`,
    `PHYS="${dev.phys}"`,
    ...(dev.uniq === undefined ? [] : [`UNIQ="${dev.uniq}"`]),
    ...bitWords(dev),
    `MODALIAS=${inputModalias(dev)}`,
  ];
}

function idAttribute(name: "bustype" | "vendor" | "product" | "version"): Attribute<InputDev> {
  return { name, mode: 0o444, show: (dev) => `${hex4(dev.id[name])}\n` };
}

const DEV_GROUP: AttributeGroup<InputDev> = {
  attrs: [
    { name: "name", mode: 0o444, show: (dev) => `${dev.label}\n` },
    { name: "phys", mode: 0o444, show: (dev) => `${dev.phys}\n` },
    { name: "uniq", mode: 0o444, show: (dev) => `${dev.uniq ?? ""}\n` },
    { name: "modalias", mode: 0o444, show: (dev) => `${inputModalias(dev)}\n` },
    { name: "properties", mode: 0o444, show: (dev) => `${dev.propbit}\n` },
    {
      name: "inhibited",
      mode: 0o644,
      show: (dev) => `${dev.inhibited ? 1 : 0}\n`,
      store: (dev, value) => {
        if (!/^[01yn]/i.test(value)) {
          throw new KernelError("EINVAL", `${dev.name}: '${value}' is no switch`);
        }
        const inhibited = /^[1y]/i.test(value);
        if (inhibited && !dev.inhibited) dev.releaseKeys();
        dev.inhibited = inhibited;
      },
    },
  ],
};

const ID_GROUP: AttributeGroup<InputDev> = {
  name: "id",
  attrs: [
    idAttribute("bustype"),
    idAttribute("vendor"),
    idAttribute("product"),
    idAttribute("version"),
  ],
};

const CAPABILITIES_GROUP: AttributeGroup<InputDev> = {
  name: "capabilities",
  attrs: [
    { name: "ev", mode: 0o444, show: (dev) => `${dev.evbit}\n` },
    ...KINDS.map(({ word, bits }): Attribute<InputDev> => ({
      name: word.toLowerCase(),
      mode: 0o444,
      show: (dev) => `${bits(dev)}\n`,
    })),
  ],
};

/** Linux: input_dev_type */
export const INPUT_TYPE: DeviceType = {
  groups: [DEV_GROUP, ID_GROUP, CAPABILITIES_GROUP] as readonly AttributeGroup<never>[],
  pm: {
    suspend: {
      name: "input_dev_suspend",
      size: 0x150,
      run: async (dev) => (dev as InputDev).suspend(),
    },
    resume: {
      name: "input_dev_resume",
      size: 0xcc,
      run: async (dev) => (dev as InputDev).resume(),
    },
  },
  uevent: (dev: Device) => inputDevUevent(dev as InputDev),
};

/** Linux: input_class */
export const INPUT_CLASS: Class = { name: "input", devnode: (dev) => `input/${dev.name}` };

/** `/proc/bus/input/devices`. Linux: input_devices_seq_show() */
export function showInputDevices(devices: readonly InputDev[]): string {
  return devices.map((dev) => {
    const { bustype, vendor, product, version } = dev.id;
    return `I: Bus=${hex4(bustype)} Vendor=${hex4(vendor)} Product=${hex4(product)} Version=${
      hex4(version)
    }
N: Name="${dev.label}"
P: Phys=${dev.phys}
S: Sysfs=${dev.path}
U: Uniq=${dev.uniq ?? ""}
H: Handlers=${dev.handles.map((handle) => `${handle.name} `).join("")}
${bitWords(dev).map((word) => `B: ${word}\n`).join("")}
`;
  }).join("");
}

/** `/proc/bus/input/handlers`. Linux: input_handlers_seq_show() */
export function showInputHandlers(handlers: readonly InputHandler[]): string {
  return handlers.map(({ name, filter, minor }, number) =>
    `N: Number=${number} Name=${name}${filter === true ? " (filter)" : ""}${
      minor === undefined ? "" : ` Minor=${minor}`
    }\n`
  ).join("");
}
