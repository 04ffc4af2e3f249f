/**
 * Recordings of real Linux, and the same run here.
 *
 * @module
 */
import { boot, type BootOptions } from "../vm/boot.ts";
import { embedded } from "../vm/machines.ts";
import type { Vm } from "../vm/vm.ts";

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
  /** Images by their file name. */
  readonly images: Readonly<Record<string, Uint8Array>>;
  /** What the script printed. */
  readonly stdout: string;
  /** The kernel log of the drivers, without stamps. */
  readonly dmesg: string;
  /** QEMU's register trace, if it was kept. */
  readonly trace: string | undefined;
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
    images: await makeImages(folder),
    stdout: await Deno.readTextFile(new URL("stdout.txt", folder)),
    dmesg: await textOf(new URL("dmesg.virtio.txt", folder)) ?? "",
    trace: trace === undefined ? undefined : new TextDecoder().decode(await gunzip(trace)),
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

/** Boots the recorded machine here, with all drivers left to `modprobe`. */
export async function bootRecording(recording: Recording, options: BootOptions = {}): Promise<Vm> {
  const machine = embedded(machineArgs(recording), { images: recording.images });
  const append = `console=ttyAMA0 quiet ${recording.append}`;
  return await boot(machine, { append, modules: "all", ...options });
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
