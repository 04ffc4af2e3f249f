/**
 * `seq`.
 *
 * @module
 */
import type { Process } from "../process.ts";
import { parseOptions } from "./options.ts";

const decimals = (text: string) => text.split(".")[1]?.length ?? 0;

/** `seq [-w] [-s SEPARATOR] [FIRST [STEP]] LAST` */
export async function seq(process: Process): Promise<number> {
  const options = await parseOptions(process, { letters: "ws:", leading: true });
  const texts = options.rest;
  const [first, step, last] = texts.length === 1
    ? ["1", "1", texts[0]]
    : texts.length === 2
    ? [texts[0], "1", texts[1]]
    : texts;
  for (const text of texts) {
    if (!Number.isNaN(Number(text))) continue;
    await process.complain(`invalid number '${text}'`);
    return 1;
  }
  const digits = Math.max(decimals(first), decimals(step));
  const show = (value: number) => value.toFixed(digits);
  const width = options.has("w") ? Math.max(...texts.map((text) => show(Number(text)).length)) : 0;
  const by = Number(step);
  const count = Math.floor((Number(last) - Number(first)) / by + 1e-9);
  const values = Array.from(
    { length: Math.max(0, count + 1) },
    (_, at) => show(Number(first) + at * by).padStart(width, "0"),
  );
  if (values.length > 0) await process.out(`${values.join(options.get("s") ?? "\n")}\n`);
  return 0;
}
