/**
 * Programs for disks.
 *
 * @module
 */
import { ExitStatus, strerror } from "../errors.ts";
import type { Process } from "../process.ts";
import { parseOptions, parseSize, showUsage } from "./options.ts";

/** What `blockdev` can ask and tell. */
const COMMANDS: Readonly<Record<string, { ioctl: string; args?: readonly number[] }>> = {
  "--setro": { ioctl: "BLKROSET", args: [1] },
  "--setrw": { ioctl: "BLKROSET", args: [0] },
  "--getro": { ioctl: "BLKROGET" },
  "--getss": { ioctl: "BLKSSZGET" },
  "--getbsz": { ioctl: "BLKBSZGET" },
  "--setbsz": { ioctl: "BLKBSZSET" },
  "--getsz": { ioctl: "BLKGETSIZE" },
  "--getsize": { ioctl: "BLKGETSIZE" },
  "--getsize64": { ioctl: "BLKGETSIZE64" },
  "--getra": { ioctl: "BLKRAGET" },
  "--setra": { ioctl: "BLKRASET" },
  "--flushbufs": { ioctl: "BLKFLSBUF" },
  "--rereadpt": { ioctl: "BLKRRPART" },
};

/** `blockdev COMMAND DISK` */
export async function blockdev(process: Process): Promise<number> {
  const [name, ...rest] = process.args.slice(1);
  const command = COMMANDS[name];
  const path = rest.pop();
  const takesNumber = command?.ioctl.endsWith("SET") && command.args === undefined;
  if (command === undefined || path === undefined || rest.length !== (takesNumber ? 1 : 0)) {
    return await showUsage(process, `${Object.keys(COMMANDS).join("|")} DISK`);
  }
  let file;
  try {
    file = await process.open(path, { read: true });
  } catch (error) {
    await process.complain(`can't open '${path}': ${strerror(error)}`);
    return 1;
  }
  try {
    const args = command.args ?? rest.map(Number);
    const answer = await file.ioctl(command.ioctl, args);
    if (name.startsWith("--get")) await process.out(`${answer[0]}\n`);
    return 0;
  } catch (error) {
    await process.perror(path, error);
    return 1;
  } finally {
    await file.put();
  }
}

/** `blkdiscard [-s] [-o OFFSET] [-l LENGTH] DISK` */
export async function blkdiscard(process: Process): Promise<number> {
  const options = await parseOptions(process, { letters: "o:l:sf" });
  const [path] = options.rest;
  let file;
  try {
    file = await process.open(path, { read: true, write: true });
  } catch (error) {
    await process.complain(`can't open '${path}': ${strerror(error)}`);
    throw new ExitStatus(1);
  }
  const ioctl = options.has("s") ? "BLKSECDISCARD" : "BLKDISCARD";
  try {
    const start = await parseSize(process, options.get("o") ?? "0");
    const length = options.get("l");
    const count = length === undefined
      ? (file.size ?? 0) - start
      : await parseSize(process, length);
    await file.ioctl(ioctl, [start, count]);
    return 0;
  } catch (error) {
    await process.complain(`${path}: ${ioctl} failed: ${strerror(error)}`);
    return 1;
  } finally {
    await file.put();
  }
}

/** `partprobe DISK…`: reads partition tables again. */
export async function partprobe(process: Process): Promise<number> {
  for (const path of process.args.slice(1)) {
    let file;
    try {
      file = await process.open(path, { read: true });
    } catch (error) {
      await process.complain(`can't open '${path}': ${strerror(error)}`);
      return 1;
    }
    try {
      await file.ioctl("BLKRRPART", []);
    } catch (error) {
      await process.perror(path, error);
      return 1;
    } finally {
      await file.put();
    }
  }
  return 0;
}
