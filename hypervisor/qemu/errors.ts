/**
 * What can go wrong with a QEMU in another process.
 *
 * @module
 */

/** QEMU cannot be started here: it is not installed, too old, or the system lacks what it is driven with. */
export class QemuUnavailableError extends Error {
  override readonly name = "QemuUnavailableError";
}

/** QEMU's process has ended although the guest still needs it. */
export class QemuExitError extends Error {
  override readonly name = "QemuExitError";

  /**
   * @param commandLine The program with its arguments.
   * @param stderr The end of what it wrote to its standard error.
   */
  constructor(readonly commandLine: readonly string[], readonly stderr: string) {
    const said = stderr.trim() === "" ? "it said nothing" : stderr.trim();
    super(`QEMU has ended: ${said}\ncommand: ${commandLine.join(" ")}`);
  }
}

/** A command of the qtest protocol was refused, malformed, or not answered in time. */
export class QtestError extends Error {
  override readonly name = "QtestError";

  /**
   * @param command The command line without its line feed.
   * @param reason QEMU's answer, or what was wrong with the command.
   */
  constructor(readonly command: string, reason: string) {
    super(`qtest '${command}': ${reason}`);
  }
}
