import { KernelError } from "../errors.ts";
import { UINT_MAX } from "./limits.ts";

/**
 * A whole number as a queue's files take it.
 *
 * Linux: queue_var_store()
 *
 * @throws {KernelError} `EINVAL`.
 */
export function parseVar(value: string, name: string): number {
  const text = value.endsWith("\n") ? value.slice(0, -1) : value;
  const number = /^\+?[0-9]+$/.test(text) ? Number(text) : NaN;
  if (!(number <= UINT_MAX)) throw new KernelError("EINVAL", `${name}: '${text}' is not a number`);
  return number;
}
