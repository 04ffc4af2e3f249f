/**
 * Programs that load and unload modules.
 *
 * @module
 */
import { ERRNO } from "../../kernel/errno.ts";
import { KernelError } from "../../kernel/errors.ts";
import { type ModuleImage, type ModuleObject, MODULES, type Modules } from "../../kernel/module.ts";
import { canonicalParamName } from "../../kernel/params.ts";
import { UTS_RELEASE } from "../../kernel/uts.ts";
import { matchPattern } from "../../kernel/vfs/glob.ts";
import type { Kernel } from "../../kernel/kernel.ts";
import { type Directory, type Inode, type RegularFile, textFile } from "../../kernel/vfs/node.ts";
import { decodeText } from "../bytes.ts";
import { strerror } from "../errors.ts";
import type { Process } from "../process.ts";
import { type ModprobeConfig, readModprobeConfig } from "./modprobe_config.ts";
import { parseOptions } from "./options.ts";

/** Where modules lie. */
export const MODULES_PATH = `/lib/modules/${UTS_RELEASE}`;
const VERMAGIC = `${UTS_RELEASE} SMP mod_unload modversions aarch64`;
/** What the file of a module begins with. */
const ELF_MAGIC = new Uint8Array([0x7f, 0x45, 0x4c, 0x46, 2, 1, 1, 0]);

/** What `depmod` leaves beside the modules; the programs here know it without. */
const DEPMOD_FILES =
  "alias alias.bin builtin builtin.alias.bin builtin.bin builtin.modinfo dep dep.bin devname order softdep symbols symbols.bin"
    .split(" ").map((name) => `modules.${name}`);

/** Name of a module's file. */
function fileName({ name, file = name }: ModuleImage): string {
  return `${file}.ko`;
}

/** The file of a module. */
class ModuleFile implements RegularFile {
  readonly kind = "file";
  readonly mode = 0o644;
  readonly size: number;

  constructor(readonly image: ModuleImage) {
    this.size = image.size ?? ELF_MAGIC.length;
  }

  async read(): Promise<Uint8Array> {
    return ELF_MAGIC;
  }
}

/** The folder of all modules that a kernel could load. */
export class ModulesDirectory implements Directory {
  readonly kind = "dir";
  readonly mode = 0o755;

  constructor(readonly kernel: Kernel) {}

  lookup(name: string): Inode | undefined {
    const images = this.kernel.get(MODULES).images.values();
    const image = images.find((each) => fileName(each) === name);
    if (image !== undefined) return new ModuleFile(image);
    return DEPMOD_FILES.includes(name) ? textFile(() => "", 0o644) : undefined;
  }

  *names(): Iterable<string> {
    for (const image of this.kernel.get(MODULES).images.values()) yield fileName(image);
    yield* DEPMOD_FILES;
  }
}

/** What programs say about an error of `init_module()`. */
function loadError(error: unknown): string {
  if (error instanceof KernelError && error.code === "ENOENT") {
    return "unknown symbol in module, or unknown parameter";
  }
  if (error instanceof KernelError && error.code === "ENOEXEC") return "invalid module format";
  return strerror(error);
}

/** Loads a module by its file and, when that fails, once more by its bytes, as the programs do. */
async function load(modules: Modules, image: ModuleImage, args: string): Promise<undefined> {
  try {
    await modules.insert(image, args);
  } catch (error) {
    if (!(error instanceof KernelError)) throw error;
    await modules.insert(image, args);
  }
}

class Modprobe {
  readonly #modules: Modules;

  constructor(
    readonly process: Process,
    readonly config: ModprobeConfig,
    readonly options: {
      readonly quiet: boolean;
      readonly blacklist: boolean;
      /** Modules are to be loaded, for which built-in ones are as good as loaded. */
      readonly loads: boolean;
    },
  ) {
    this.#modules = process.kernel.get(MODULES);
  }

  /** What a name means; one that means nothing is complained about, one that is blacklisted is not. */
  async images(name: string): Promise<ModuleImage[] | undefined> {
    const { blacklist } = this.config;
    const allowed = (images: readonly ModuleImage[]) =>
      images.filter((image) => !blacklist.has(image.name));
    const aliased = this.#aliased(name);
    if (aliased.length > 0) return allowed(aliased);
    const builtin = this.#modules.isBuiltin(name);
    if (builtin && this.options.loads) return [];
    if (builtin) return await this.#refuse(name, "is builtin");
    const image = this.#modules.images.get(canonicalParamName(name.replace(/\.ko$/, "")));
    if (image !== undefined) return this.options.blacklist ? allowed([image]) : [image];
    const fitting = [...this.#modules.images.values()].filter(({ aliases }) =>
      aliases?.some((alias) => matchPattern(alias, name))
    );
    if (fitting.length > 0) return allowed(fitting);
    return await this.#refuse(name, "not found in modules.dep");
  }

  async #refuse(name: string, why: string): Promise<undefined> {
    if (!this.options.quiet) await this.process.complain(`module ${name} ${why}`);
  }

  /** What the configuration makes of a name. */
  #aliased(name: string): ModuleImage[] {
    return this.config.aliases.filter(([pattern]) => matchPattern(pattern, name))
      .flatMap(([, target]) => this.#modules.images.get(target) ?? []);
  }

  /** Options of a module, with those of the command line if it is the one that is wanted. */
  #optionsOf(image: ModuleImage, args: string | undefined): string {
    const own = this.config.optionsOf(image.name);
    return args === undefined ? own : `${own === "" ? "" : `${own} `}${args}`;
  }

  /** Loads a module after those that it needs. */
  async insert(image: ModuleImage, args: string | undefined): Promise<number> {
    const modules = this.#modules;
    for (const each of [...modules.dependencies(image), image]) {
      if (modules.find(each.name) !== undefined) continue;
      try {
        await load(modules, each, this.#optionsOf(each, each === image ? args : undefined));
      } catch (error) {
        const text = loadError(error);
        await this.process.complain(`can't load module ${each.name} (${fileName(each)}): ${text}`);
        return 1;
      }
    }
    return 0;
  }

  /** Unloads a module, then those that only it needed; of these the last one decides about the status. */
  async remove(image: ModuleImage): Promise<number> {
    const modules = this.#modules;
    let status = 0;
    for (const each of [image, ...modules.dependencies(image).reverse()]) {
      const module = modules.find(each.name);
      status = 0;
      if (module === undefined || module.builtin) continue;
      try {
        await modules.remove(each.name);
      } catch (error) {
        const text = strerror(error);
        status = 1;
        if (each !== image) continue;
        await this.process.complain(`can't unload module '${each.name}': ${text}`);
        break;
      }
    }
    return status;
  }

  /** The commands that loading would be. */
  async show(image: ModuleImage, args: string | undefined): Promise<undefined> {
    for (const each of [...this.#modules.dependencies(image), image]) {
      const options = this.#optionsOf(each, each === image ? args : undefined);
      const gap = options !== "" || (each === image && args !== undefined) ? " " : "";
      await this.process.out(`insmod ${MODULES_PATH}/${fileName(each)}${gap}${options}\n`);
    }
  }
}

/** `modprobe [-abqrDl] MODULE [PARAM=VALUE]…` */
export async function modprobe(process: Process): Promise<number> {
  const options = await parseOptions(process, { letters: "alrqvsDb" });
  const modules = process.kernel.get(MODULES);
  if (options.has("l")) {
    for (const image of modules.images.values()) await process.out(`${fileName(image)}\n`);
    return 0;
  }
  const config = await readModprobeConfig(process);
  const probe = new Modprobe(process, config, {
    quiet: options.has("q"),
    blacklist: options.has("b"),
    loads: !options.has("r") && !options.has("D"),
  });
  const all = options.has("a") || options.has("r");
  const names = all ? options.rest : options.rest.slice(0, 1);
  const args = all ? undefined : options.rest.slice(1).map((word) => `${word} `).join("");
  let status = 0;
  for (const name of names) {
    const images = await probe.images(name);
    if (images === undefined) status = 1;
    for (const image of images ?? []) {
      if (options.has("D")) await probe.show(image, args);
      else if (options.has("r")) status |= await probe.remove(image);
      else status |= await probe.insert(image, args);
    }
  }
  return status;
}

/** Status of `insmod` for a file that is not there. */
const STATUS_NO_FILE = 254;

/** `insmod FILE [PARAM=VALUE]…` */
export async function insmod(process: Process): Promise<number> {
  const [path, ...args] = process.args.slice(1);
  const fail = async (text: string, status: number) => {
    await process.complain(`can't insert '${path}': ${text}`);
    return status;
  };
  let inode: Inode;
  try {
    inode = process.vfs.find(decodeText(path), process.cwd).inode;
  } catch (error) {
    return await fail(strerror(error), STATUS_NO_FILE);
  }
  if (!(inode instanceof ModuleFile)) {
    for (let attempt = 0; attempt < 2; attempt++) {
      process.kernel.err("Invalid ELF header magic: != \x7fELF");
    }
    return await fail("invalid module format", ERRNO.ENOEXEC);
  }
  try {
    await load(process.kernel.get(MODULES), inode.image, args.join(" "));
    return 0;
  } catch (error) {
    const text = loadError(error);
    return await fail(text, (error as KernelError).errno);
  }
}

/** `rmmod MODULE…` */
export async function rmmod(process: Process): Promise<number> {
  const options = await parseOptions(process, { letters: "wfa" });
  for (const name of options.rest) {
    const file = name.slice(name.lastIndexOf("/") + 1).replace(/\.ko$/, "");
    const base = canonicalParamName(file);
    try {
      await process.kernel.get(MODULES).remove(base);
    } catch (error) {
      await process.complain(`can't unload module '${base}': ${strerror(error)}`);
      return 1;
    }
  }
  return 0;
}

function lsmodLine(module: ModuleObject): string {
  const users = [...module.users].reverse().map((user) => user.name).join(",");
  const size = `${module.image.size ?? 0}`.padStart(8);
  return `${module.name.padEnd(19)} ${size} ${`${module.refcount}`.padStart(2)} ${users}\n`;
}

/** `lsmod` */
export async function lsmod(process: Process): Promise<number> {
  await process.out("Module                  Size  Used by    Not tainted\n");
  for (const module of process.kernel.get(MODULES).loaded) await process.out(lsmodLine(module));
  return 0;
}

/** What a module says about itself, in the order of its section. */
function information(modules: Modules, image: ModuleImage): [name: string, value: string][] {
  const lines: [string, string][] = [["filename", `${MODULES_PATH}/${fileName(image)}`]];
  const add = (name: string, value: string | undefined) => {
    if (value !== undefined) lines.push([name, value]);
  };
  add("author", image.author);
  add("description", image.description);
  add("license", image.license);
  for (const { name, description } of [...image.params ?? []].reverse()) {
    add("parm", description && `${name}:${description}`);
  }
  for (const alias of image.aliases ?? []) add("alias", alias);
  add("softdep", image.softdep);
  const direct = new Set(
    (image.imports ?? []).flatMap((symbol) =>
      [...modules.images.values()].filter((other) => other.exports?.includes(symbol))
        .map(({ name, file = name }) => file)
    ),
  );
  add("depends", [...direct].join(","));
  add("intree", "Y");
  add("vermagic", VERMAGIC);
  return lines;
}

/** Modules that a word means: those whose name fits the pattern, or the one in that file. */
function described(modules: Modules, word: string): ModuleImage[] {
  const images = [...modules.images.values()];
  const fitting = images.filter(({ name }) => matchPattern(word, name));
  if (fitting.length > 0) return fitting;
  const file = word.slice(word.lastIndexOf("/") + 1);
  return images.filter((image) => fileName(image) === file);
}

/** `modinfo [-F FIELD] MODULE…`: modules in the order of their list, not of the words. */
export async function modinfo(process: Process): Promise<number> {
  const options = await parseOptions(process, { letters: "adlpn0F:" });
  const modules = process.kernel.get(MODULES);
  const field = options.get("F");
  const found = new Map(options.rest.map((word) => [word, described(modules, word)]));
  const wanted = new Set([...found.values()].flat());
  for (const image of modules.images.values()) {
    if (!wanted.has(image)) continue;
    for (const [key, value] of information(modules, image)) {
      if (field === undefined) await process.out(`${`${key}:`.padEnd(16)}${value}\n`);
      else if (field === key) await process.out(`${value}\n`);
    }
  }
  for (const [word, images] of found) {
    if (images.length > 0) continue;
    await process.complain(`module '${MODULES_PATH}/${word}' not found`);
  }
  return 0;
}
