/**
 * Recordings of real Linux, and the same run here.
 *
 * @module
 */
import type { Host } from "../hypervisor/host.ts";
import { denoHost } from "../hypervisor/host_deno.ts";
import { boot, type BootOptions } from "../vm/boot.ts";
import { embedded } from "../vm/machines.ts";

/** A recorded run: see `tests/recordings/README.md`. */
export interface Recording {
  readonly name: string;
  /** What ran in the guest. */
  readonly script: string;
  /** QEMU's device options. */
  readonly args: readonly string[];
  readonly append: string;
  readonly legacy: boolean;
  readonly cpus: number;
  /** The device tree that the machine handed over, where it was not its own. */
  readonly dtb: Uint8Array | undefined;
  /** Images by their file name. */
  readonly images: Readonly<Record<string, Uint8Array>>;
  /** What the script printed. */
  readonly stdout: string;
  /** The kernel log of the drivers, without stamps. */
  readonly dmesg: string;
  /** QEMU's register trace, if it was kept. */
  readonly trace: string | undefined;
  /** What the host found in the files of `-chardev file`. */
  readonly files: Readonly<Record<string, string>>;
}

const FOLDER = new URL("./recordings/", import.meta.url);

/** Names of all recordings. */
export function recordingNames(): string[] {
  return [...Deno.readDirSync(FOLDER)].filter((entry) => entry.isDirectory).map(({ name }) => name)
    .sort();
}

async function textOf(url: URL): Promise<string | undefined> {
  return await Deno.readTextFile(url).catch(() => undefined);
}

async function gunzip(bytes: Uint8Array): Promise<Uint8Array> {
  const stream = new Blob([bytes as Uint8Array<ArrayBuffer>]).stream()
    .pipeThrough(new DecompressionStream("gzip"));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}

function sizeOf(text: string): number {
  const [, digits, unit] = /^(\d+)([KMG]?)$/.exec(text) ?? ["", "0", ""];
  return Number(digits) * 1024 ** " KMG".indexOf(unit || " ");
}

/** Sector n starts with `sector n` and a line feed. */
function numberedSectors(size: number): Uint8Array {
  const image = new Uint8Array(size);
  const encoder = new TextEncoder();
  for (let sector = 0; sector * 512 < size; sector++) {
    image.set(encoder.encode(`sector ${sector}\n`), sector * 512);
  }
  return image;
}

async function makeImages(folder: URL): Promise<Record<string, Uint8Array>> {
  const images: Record<string, Uint8Array> = {};
  for (const line of (await textOf(new URL("disks", folder)) ?? "").split("\n")) {
    const [name, kind, value] = line.trim().split(/\s+/);
    if (kind === "zero") images[name] = new Uint8Array(sizeOf(value));
    else if (kind === "sectors") images[name] = numberedSectors(sizeOf(value));
    else if (kind === "gz") {
      images[name] = await gunzip(await Deno.readFile(new URL(value, folder)));
    }
  }
  return images;
}

async function readFiles(folder: URL): Promise<Record<string, string>> {
  const files: Record<string, string> = {};
  try {
    for await (const { name } of Deno.readDir(folder)) {
      files[name] = await Deno.readTextFile(new URL(name, folder));
    }
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
  return files;
}

/** Reads one recording. */
export async function readRecording(name: string): Promise<Recording> {
  const folder = new URL(`${name}/`, FOLDER);
  const trace = await Deno.readFile(new URL("mmio.trace.gz", folder)).catch(() => undefined);
  return {
    name,
    script: await Deno.readTextFile(new URL("guest.sh", folder)),
    args: (await textOf(new URL("args", folder)) ?? "").split(/\s+/).filter((word) => word !== ""),
    append: (await textOf(new URL("append", folder)) ?? "").trim(),
    legacy: await textOf(new URL("legacy", folder)) !== undefined,
    cpus: Number(await textOf(new URL("smp", folder)) ?? 1),
    dtb: await Deno.readFile(new URL("tree.dtb", folder)).catch(() => undefined),
    images: await makeImages(folder),
    stdout: await Deno.readTextFile(new URL("stdout.txt", folder)),
    dmesg: await textOf(new URL("dmesg.virtio.txt", folder)) ?? "",
    trace: trace === undefined ? undefined : new TextDecoder().decode(await gunzip(trace)),
    files: await readFiles(new URL("files/", folder)),
  };
}

/** The machine's options as the recorder gave them to QEMU. */
export function machineArgs(recording: Recording): string[] {
  const legacy = recording.legacy ? "true" : "false";
  return [
    ...["-m", "512", "-smp", String(recording.cpus)],
    ...["-global", `virtio-mmio.force-legacy=${legacy}`],
    ...recording.args,
  ];
}

/** A recorded run, done here. */
export interface Run {
  /** What the script printed. */
  readonly output: string;
  /** The register trace up to power-off, in QEMU's words. */
  readonly trace: string;
  /** The kernel log without stamps. */
  readonly log: string;
  /** What one side did wrong. */
  readonly faults: readonly string[];
  /** What arrived in the files of `-chardev file`. */
  readonly files: Readonly<Record<string, string>>;
}

/** What the recorder saw: its terminal was the machine's serial port, and the script wrote there too. */
class Terminal {
  readonly #decoder = new TextDecoder();
  text = "";

  write(bytes: Uint8Array): undefined {
    this.text += this.#decoder.decode(bytes, { stream: true }).replaceAll("\r", "");
  }
}

/** A host whose files are in a folder of their own, and whose terminal is kept. */
function hostIn(folder: string, terminal: Terminal): Host {
  const host = denoHost();
  return {
    ...host,
    stdio: () => ({
      write: (bytes) => terminal.write(bytes),
      onData: () => undefined,
      close: () => undefined,
    }),
    activity: () => host.activity(),
    openFile: (path, mode) => host.openFile(`${folder}/${path}`, mode),
  };
}

/** What the recorder's init wrote to `/proc/sys/kernel/printk` before the script. */
const CONSOLE_LOGLEVEL = 1;

/** Runs a recorded script here as the recorder did there: from the first module to power-off. */
export async function runRecording(recording: Recording, options: BootOptions = {}): Promise<Run> {
  const folder = await Deno.makeTempDir();
  try {
    const terminal = new Terminal();
    const host = hostIn(folder, terminal);
    const args = ["-serial", "stdio", ...machineArgs(recording)];
    const { images, dtb } = recording;
    const machine = embedded(args, { images, host, dtb });
    const append = `console=ttyAMA0 quiet ${recording.append}`;
    await using vm = await boot(machine, { append, modules: "all", trace: true, ...options });
    vm.kernel.log.consoleLoglevel = CONSOLE_LOGLEVEL;
    terminal.text = "";
    const shell = await vm.shell();
    const onOutput = (bytes: Uint8Array) => void terminal.write(bytes);
    await shell.run(recording.script, { name: "/guest.sh", onOutput });
    const output = terminal.text;
    const log = vm.dmesg().replaceAll(/^\[[ 0-9.]*\] /gm, "");
    await vm.poweroff();
    const files: Record<string, string> = {};
    for (const name of Object.keys(recording.files)) {
      files[name] = await Deno.readTextFile(`${folder}/${name}`);
    }
    return { output, log, files, trace: String(vm.trace), faults: vm.check() };
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/**
 * What of a trace does not depend on timing: the comparison rule of the recordings' README.
 *
 * @returns A line for each register access.
 */
export function comparableTrace(trace: string): string[] {
  const lines: string[] = [];
  for (const line of trace.split("\n")) {
    const match =
      /^virtio_mmio_(?:read|write_offset) virtio_mmio_(read|write) offset (0x[0-9a-f]+)(?: value (0x[0-9a-f]+))?/
        .exec(line);
    if (match === null) continue;
    const [, access, offset, value] = match;
    const at = Number(offset);
    if (at === 0x60 || at === 0x64 || at === 0x50) continue;
    const address = (at >= 0x80 && at <= 0xa4) || at === 0x40;
    lines.push(`${access} ${offset}${value === undefined || address ? "" : ` ${value}`}`);
  }
  return lines;
}
