/**
 * Modules that can be loaded, and do nothing: made of the table.
 *
 * @module
 */
import type { RegisteredDriver } from "../../kernel/base/driver.ts";
import { KernelError } from "../../kernel/errors.ts";
import type { Kernel } from "../../kernel/kernel.ts";
import { type Module, type ModuleImage, MODULES } from "../../kernel/module.ts";
import { canonicalParamName } from "../../kernel/params.ts";
import { Slot } from "../../kernel/slot.ts";
import { VIRTIO_DEV_ANY_ID } from "../../uapi/virtio_config.ts";
import { registerVirtioDriver, unregisterVirtioDriver } from "../virtio/virtio.ts";
import { LOADABLE } from "./loadable.ts";

/** What these modules registered, by their names. */
const DRIVERS: Slot<Map<string, RegisteredDriver>> = new Slot("loadable drivers", () => new Map());

/** These two look for each other: while both are there, the first is in use. */
const ROCKSOFT = ["crc64_rocksoft_generic", "crc64_rocksoft"] as const;

function words(text: string): string[] {
  return text.split(" ").filter((word) => word !== "");
}

function refuse(): never {
  throw new KernelError("ENODEV", "what this driver would do is not modelled");
}

/** The driver of a module that serves a virtio device, bound to none. */
async function register(kernel: Kernel, module: Module): Promise<undefined> {
  const { name, aliases = [] } = module.image;
  const id = aliases.map((alias) => /^virtio:d([0-9A-F]{8})v/.exec(alias)?.[1]).find(Boolean);
  if (id === undefined) return;
  const idTable = [{ device: parseInt(id, 16), vendor: VIRTIO_DEV_ANY_ID }];
  const remove = async () => undefined;
  const driver = { name, idTable, featureTable: [], probe: async () => refuse(), remove };
  kernel.get(DRIVERS).set(name, await registerVirtioDriver(kernel, driver, module));
}

async function unregister(kernel: Kernel, name: string): Promise<undefined> {
  const driver = kernel.get(DRIVERS).get(name);
  kernel.get(DRIVERS).delete(name);
  if (driver !== undefined) await unregisterVirtioDriver(driver);
}

/** Counts the use of one of the two by the other. */
function countRocksoft(kernel: Kernel, name: string, change: 1 | -1): undefined {
  const [generic, library] = ROCKSOFT.map((each) => kernel.get(MODULES).find(each));
  if (generic === undefined || library === undefined || !ROCKSOFT.some((each) => each === name)) {
    return;
  }
  generic.refs += change;
}

function toImage(row: string): ModuleImage | string {
  const [file, size, init, says, aliases, ...rest] = row.split("|");
  if (size === undefined) return file;
  const [description, author, license, needs, imports, exports] = rest;
  const name = canonicalParamName(file);
  const [initName = ""] = init.split(" ");
  const [hello, goodbye] = says.split(";");
  return {
    name,
    file,
    size: Number(size),
    aliases: words(aliases),
    needs: words(needs).map(canonicalParamName),
    imports: words(imports),
    exports: words(exports),
    ...(description === "" ? {} : { description }),
    ...(author === "" ? {} : { author }),
    license,
    init: {
      name: initName,
      level: "device",
      async fn(kernel, module) {
        if (hello !== "") kernel.log.print(hello.startsWith("SCSI") ? 5 : 6, hello);
        await register(kernel, module);
        countRocksoft(kernel, name, 1);
        return 0;
      },
    },
    exit: {
      name: "",
      async fn(kernel) {
        countRocksoft(kernel, name, -1);
        await unregister(kernel, name);
        if (goodbye !== undefined) kernel.info(goodbye);
        return 0;
      },
    },
  };
}

/** Modules in the order of the table; those that are modelled by the names of their files. */
export function loadableImages(): readonly (ModuleImage | string)[] {
  return LOADABLE.trim().split("\n").map(toImage);
}
