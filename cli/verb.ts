/**
 * What the verbs of the command have in common.
 *
 * @module
 */

/** The command line cannot be followed: exit code 2. The message names the verb and what to do. */
export class UsageError extends Error {
  /** Name of the class. */
  override name = "UsageError";
}

/** One verb, in a file of its own that is loaded when it is asked for. */
export interface Verb {
  /** Runs it with the words behind its name; resolves to the exit code. */
  readonly run: (words: readonly string[]) => Promise<number>;
  /** What went wrong, where the cause is known; `undefined` for a bug of ours. */
  readonly explain: (error: unknown) => string | undefined;
}

/** Prints a help text; gives the exit code. */
export function printHelp(text: string): number {
  console.log(text.trimEnd());
  return 0;
}

/** Writes all bytes, however few are taken at a time. */
export function writeAll(
  to: { writeSync(bytes: Uint8Array): number },
  bytes: Uint8Array,
): undefined {
  for (let at = 0; at < bytes.length;) at += to.writeSync(bytes.subarray(at));
}
