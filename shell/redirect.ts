/**
 * Redirections.
 *
 * POSIX.1-2017, 2.7
 *
 * @module
 */
import type { Errno } from "../kernel/errno.ts";
import { STRERROR } from "../kernel/errno.ts";
import { KernelError } from "../kernel/errors.ts";
import { type File, type OpenOptions, StoredFile } from "../kernel/vfs/file.ts";
import { TmpFile } from "../kernel/vfs/tmpfs.ts";
import type { RedirectionNode, WordNode } from "./ast.ts";
import { toBytes } from "./bytes.ts";
import { errnoName } from "./errors.ts";
import type { Shell } from "./shell.ts";

/** A redirection that does not work: the message without the shell's name. */
export class RedirectionError extends Error {
  override name = "RedirectionError";
}

const CREATE: OpenOptions = { write: true, create: true, truncate: true, mode: 0o644 };
const MODES: Readonly<Record<string, OpenOptions>> = {
  "<": { read: true },
  ">": CREATE,
  ">|": CREATE,
  ">>": { write: true, create: true, append: true, mode: 0o644 },
  "<>": { read: true, write: true, create: true, mode: 0o644 },
  "&>": CREATE,
  "&>>": { write: true, create: true, append: true, mode: 0o644 },
};

/** What the shell says instead of `strerror()` when the path leads nowhere. */
function why(code: Errno, missing: string): string {
  return code === "ENOENT" || code === "ENOTDIR" ? missing : STRERROR[code];
}

async function openTarget(shell: Shell, path: string, options: OpenOptions): Promise<File> {
  try {
    return await shell.process.open(path, options);
  } catch (error) {
    const code = errnoName(error);
    throw new RedirectionError(
      options.create
        ? `can't create ${path}: ${why(code, "nonexistent directory")}`
        : `can't open ${path}: ${why(code, "no such file")}`,
    );
  }
}

/** `set -C`: files that are there are not overwritten. */
function refuseExisting(shell: Shell, path: string): undefined {
  if (shell.process.tryStat(path)?.kind !== "file") return;
  throw new RedirectionError(`can't create ${path}: ${STRERROR.EEXIST}`);
}

/** A file that holds a text, open for reading. */
function document(text: string): File {
  return new StoredFile(new TmpFile(toBytes(text)), { read: true });
}

async function replace(fds: Map<number, File>, number: number, file: File): Promise<undefined> {
  const old = fds.get(number);
  fds.set(number, file);
  await old?.put();
}

async function duplicate(
  fds: Map<number, File>,
  number: number,
  target: string,
): Promise<undefined> {
  if (target === "-") {
    const old = fds.get(number);
    fds.delete(number);
    await old?.put();
    return;
  }
  const source = /^\d+$/.test(target) ? fds.get(Number(target)) : undefined;
  if (source === undefined) {
    throw new RedirectionError(`${target}: Bad file descriptor`);
  }
  if (fds.get(number) !== source) await replace(fds, number, source.get());
}

/** The text of `<<-`: without tabs at the start of its lines. */
function withoutTabs(word: WordNode): WordNode {
  let atStart = true;
  const strip = (text: string) => {
    const stripped = (atStart ? text.replace(/^\t+/, "") : text).replace(/\n\t+/g, "\n");
    atStart = text.endsWith("\n");
    return stripped;
  };
  const parts = word.parts.map((part) => {
    if (part.type === "Literal" || part.type === "SingleQuoted") {
      return { ...part, value: strip(part.value) };
    }
    atStart = false;
    return part;
  });
  return { ...word, parts };
}

async function redirect(
  shell: Shell,
  fds: Map<number, File>,
  { operator, target, fd }: RedirectionNode,
): Promise<undefined> {
  if (target.type === "HereDoc") {
    const content = target.stripTabs ? withoutTabs(target.content) : target.content;
    const text = target.quoted
      ? await shell.expander.text(content)
      : await shell.expander.document(content);
    return await replace(fds, fd ?? 0, document(text));
  }
  const text = await shell.expander.text(target as WordNode);
  if (operator === "<<<") return await replace(fds, fd ?? 0, document(`${text}\n`));
  const number = fd ?? (operator.startsWith("<") ? 0 : 1);
  if (operator === ">&" || operator === "<&") return await duplicate(fds, number, text);
  if (operator === ">" && shell.options.has("C")) refuseExisting(shell, text);
  await replace(fds, number, await openTarget(shell, text, MODES[operator]));
  if (operator.startsWith("&")) await duplicate(fds, 2, "1");
}

/**
 * The descriptors with redirections applied, in their order. Each is a reference of its own.
 *
 * @throws {RedirectionError} At the first that does not work; nothing stays open then.
 */
export async function redirected(
  shell: Shell,
  redirections: readonly RedirectionNode[],
): Promise<Map<number, File>> {
  const fds = new Map([...shell.process.fds].map(([number, file]) => [number, file.get()]));
  try {
    for (const redirection of redirections) await redirect(shell, fds, redirection);
    return fds;
  } catch (error) {
    for (const file of fds.values()) await file.put();
    if (error instanceof KernelError) throw new RedirectionError(STRERROR[error.code]);
    throw error;
  }
}
