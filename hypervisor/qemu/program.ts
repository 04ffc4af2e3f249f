/**
 * Which QEMU to run, and whether it can be driven.
 *
 * @module
 */
import { QemuUnavailableError } from "./errors.ts";
import type { QemuVersion } from "./qmp_link.ts";

/** The program that is looked for. */
export const QEMU_PROGRAM = "qemu-system-aarch64";
/** The oldest version that has what is needed: `x-query-virtio` and a device tree in RAM. */
const OLDEST = { major: 7, minor: 2 };

function isProgram(path: string): boolean {
  try {
    const { isFile, mode } = Deno.statSync(path);
    return isFile && ((mode ?? 0) & 0o111) !== 0;
  } catch {
    return false;
  }
}

/** Looks for a program in the folders of `PATH`; `undefined` when there is none. */
export function findProgram(name: string): string | undefined {
  if (name.includes("/")) return isProgram(name) ? name : undefined;
  const folders = (Deno.env.get("PATH") ?? "").split(":");
  return folders.map((folder) => `${folder || "."}/${name}`).find(isProgram);
}

/**
 * The QEMU to run: the one asked for, or what the environment variable `QEMU` names, or the first in
 * the folders of `PATH`.
 *
 * @throws {QemuUnavailableError} When it does not exist, with what to install.
 */
export function findQemu(asked?: string): string {
  const name = asked ?? (Deno.env.get("QEMU") || QEMU_PROGRAM);
  const path = findProgram(name);
  if (path !== undefined) return path;
  throw new QemuUnavailableError(
    `The machine qemu needs '${name}', which is not installed; on Debian: apt install qemu-system-arm`,
  );
}

/** Whether there is a QEMU that {@linkcode findQemu} would find. */
export function qemuInstalled(): boolean {
  try {
    findQemu();
    return true;
  } catch {
    return false;
  }
}

/**
 * Checks that QEMU is new enough.
 *
 * @throws {QemuUnavailableError} When it is not.
 */
export function checkVersion(program: string, { major, minor, micro }: QemuVersion): undefined {
  if (major > OLDEST.major || (major === OLDEST.major && minor >= OLDEST.minor)) return;
  throw new QemuUnavailableError(
    `${program} is version ${major}.${minor}.${micro}; the machine qemu needs ` +
      `${OLDEST.major}.${OLDEST.minor} or newer`,
  );
}

/**
 * Looks at a program that ended before it could be driven: it may be too old to know its options, or no QEMU.
 *
 * @throws {QemuUnavailableError} When one of them is so.
 */
export function checkProgram(program: string): undefined {
  const { stdout } = new Deno.Command(program, { args: ["--version"], stdin: "null" }).outputSync();
  const [said] = new TextDecoder().decode(stdout).split("\n");
  const version = /^QEMU emulator version (\d+)\.(\d+)\.(\d+)/.exec(said);
  if (version === null) {
    throw new QemuUnavailableError(
      `${program} is not a QEMU: to --version it says '${said}'; on Debian: apt install qemu-system-arm`,
    );
  }
  const [major, minor, micro] = version.slice(1).map(Number);
  checkVersion(program, { major, minor, micro });
}
