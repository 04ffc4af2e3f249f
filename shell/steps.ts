/**
 * Steps that commands of all kinds share.
 *
 * @module
 */
import type { File } from "../kernel/vfs/file.ts";
import { ScriptAborted, SIGNAL_TEXTS } from "./errors.ts";
import type { SimpleCommandNode } from "./ast.ts";
import { ExpansionError } from "./expand.ts";
import { type Job, waitJob, writeMessage } from "./process.ts";
import { redirected, RedirectionError } from "./redirect.ts";
import { ReadonlyError, type Shell } from "./shell.ts";

/** Status of a command with wrong syntax, and of a failed builtin. */
export const STATUS_USAGE = 2;

/** Runs with redirections that last as long as `body`. Gives 1 when one does not work. */
export async function withRedirections(
  shell: Shell,
  redirections: SimpleCommandNode["redirections"],
  body: () => Promise<number>,
): Promise<number> {
  let fds;
  try {
    fds = await redirected(shell, redirections);
  } catch (error) {
    return await redirectionFailed(shell, error);
  }
  const { process } = shell;
  const saved = new Map(process.fds);
  process.fds.clear();
  for (const [number, file] of fds) process.fds.set(number, file);
  try {
    return await body();
  } finally {
    await process.flush().finally(async () => {
      for (const file of process.fds.values()) await file.put();
      process.fds.clear();
      for (const [number, file] of saved) process.fds.set(number, file);
    });
  }
}

/** Prints why a redirection does not work; an expansion in it that fails ends the script. */
export async function redirectionFailed(shell: Shell, error: unknown): Promise<number> {
  if (!(error instanceof RedirectionError)) {
    return await expanded(shell, () => Promise.reject(error));
  }
  await shell.message(error.message);
  return 1;
}

/** An expansion that fails ends the script. */
export async function expanded<T>(shell: Shell, body: () => Promise<T>): Promise<T> {
  try {
    return await body();
  } catch (error) {
    if (!(error instanceof ExpansionError || error instanceof ReadonlyError)) throw error;
    await shell.message(error.message);
    throw new ScriptAborted(STATUS_USAGE);
  }
}

/** Waits for a program and says on `stderr` which signal ended it. */
export async function waitForeground(job: Job, stderr: File | undefined): Promise<number> {
  const status = await waitJob(job);
  const text = SIGNAL_TEXTS[job.signal ?? 0];
  if (text !== undefined) await writeMessage(stderr, `${text}\n`);
  return status;
}
