/**
 * What can go wrong with a QEMU in another process.
 *
 * @module
 */

/** QEMU cannot be started here: it is not installed, too old, or the system lacks what it is driven with. */
export class QemuUnavailableError extends Error {
  /** The name of the class. */
  override readonly name = "QemuUnavailableError";
}

/** QEMU's process has ended although the guest still needs it. */
export class QemuExitError extends Error {
  /** The name of the class. */
  override readonly name = "QemuExitError";

  /** Its message holds the end of what QEMU said, in one line. */
  constructor(
    /** The program with its arguments. */
    readonly commandLine: readonly string[],
    /** The end of what it wrote to its standard error. */
    readonly stderr: string,
  ) {
    const said = stderr.trim().split("\n").map((line) => line.trim()).join("; ");
    super(`QEMU has ended: ${said === "" ? "it said nothing" : said}`);
  }
}

/** A command of the qtest protocol was refused, malformed, or not answered in time. */
export class QtestError extends Error {
  /** The name of the class. */
  override readonly name = "QtestError";

  /**
   * Its message holds the command and the reason.
   *
   * @param reason QEMU's answer, or what was wrong with the command.
   */
  constructor(
    /** The command line without its line feed. */
    readonly command: string,
    reason: string,
  ) {
    super(`qtest '${command}': ${reason}`);
  }
}
