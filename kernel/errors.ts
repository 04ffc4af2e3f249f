import { ERRNO, type Errno } from "./errno.ts";

/**
 * An operation failed the way it fails in Linux: with an errno.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { KernelError } from "./errors.ts";
 * const error = new KernelError("EBUSY", "virtio0: queue 0 is in use");
 * assertEquals(error.errno, 16);
 * ```
 */
export class KernelError extends Error {
  /** The name of the class. */
  override name = "KernelError";
  /** The error's name, for example `"ENODEV"`. */
  readonly code: Errno;

  /**
   * Makes an error to be thrown.
   *
   * @param code The errno by name.
   * @param message Names the device or object first, says what failed.
   * @param options The error that led to it, as `cause`.
   */
  constructor(code: Errno, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }

  /** The positive error number, for example 19 for `ENODEV`. */
  get errno(): number {
    return ERRNO[this.code];
  }
}

/** Something that must not happen in a correct kernel did: Linux would print BUG or WARN. */
export class KernelBug extends Error {
  /** The name of the class. */
  override name = "KernelBug";
}

/** The errno of what was thrown: Linux would return its negative. Anything but a `KernelError` is re-thrown. */
export function errnoOf(error: unknown): number {
  if (error instanceof KernelError) return error.errno;
  throw error;
}
