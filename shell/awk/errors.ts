/**
 * What ends an `awk` program.
 *
 * @module
 */

/** Ends the program with a message. */
export class AwkError extends Error {
  override name = "AwkError";
}
