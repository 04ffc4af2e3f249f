/**
 * `md5sum`.
 *
 * @module
 */
import { toBytes } from "../bytes.ts";
import { strerror } from "../errors.ts";
import type { Process } from "../process.ts";
import { md5 } from "./md5.ts";
import { parseOptions } from "./options.ts";

/** `md5sum [FILE]…` */
export async function md5sum(process: Process): Promise<number> {
  const options = await parseOptions(process, { letters: "csw" });
  let status = 0;
  for (const path of options.rest.length === 0 ? ["-"] : options.rest) {
    try {
      const sum = md5(toBytes(await process.readFile(path)));
      await process.out(`${sum}  ${path}\n`);
    } catch (error) {
      await process.complain(`can't open '${path}': ${strerror(error)}`);
      status = 1;
    }
  }
  return status;
}
