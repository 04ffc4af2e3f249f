import { KernelError } from "../errors.ts";

/**
 * The number in a line that user space wrote: decimal, `0x` and hexadecimal, or `0` and octal.
 *
 * Linux: kstrtoul() with base 0
 *
 * @throws {KernelError} `EINVAL` when it is none.
 */
export function kstrtoul(value: string): number {
  const text = value.replace(/\n$/, "").replace(/^\+/, "");
  if (/^0[xX][0-9a-fA-F]+$/.test(text)) return parseInt(text, 16);
  if (/^0[0-7]*$/.test(text)) return parseInt(text, 8);
  if (/^[1-9][0-9]*$/.test(text)) return Number(text);
  throw new KernelError("EINVAL", `'${text}' is not a number`);
}
