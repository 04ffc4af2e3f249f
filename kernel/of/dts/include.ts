import type { Diagnostics } from "./diagnostic.ts";
import type { SourceMap, Span } from "./source.ts";

/** How the parser's caller provides other files: their contents, or `undefined` if there is none. */
export type ReadFile = (path: string) => string | Uint8Array | undefined;

/** A file that was found. */
export interface OpenedFile {
  /** The path that it was found at. */
  path: string;
  /** What is in it. */
  contents: string | Uint8Array;
  /** The folder of the list that it was found in, -1 if it stands beside the file that names it. */
  folder: number;
}

/** Where to look for a file. */
export interface Search {
  /** Whether it may stand beside the file that names it. */
  readonly besides: boolean;
  /** The first folder of the list to look in. */
  readonly first: number;
}

const EVERYWHERE: Search = { besides: true, first: 0 };

/** Finds the files that a source names, and remembers which. */
export class Includes {
  /** Paths of all files that were read, in order. */
  readonly opened: string[] = [];

  constructor(
    readonly sources: SourceMap,
    readonly diagnostics: Diagnostics,
    readonly readFile: ReadFile | undefined,
    /** Folders to search behind that of the file that names another. */
    readonly folders: readonly string[],
  ) {}

  /**
   * Opens the file `name` that the source names at `span`: beside the file that names it, then in the
   * folders. A diagnostic and `undefined` if there is none.
   */
  open(name: string, span: Span, search = EVERYWHERE): OpenedFile | undefined {
    const problems: string[] = [];
    const found = this.find(name, span, search, problems);
    if (found === undefined) {
      const tried = this.#candidates(name, span, search).map(({ path }) => path);
      this.#notFound(name, span, tried, problems);
    } else this.opened.push(found.path);
    return found;
  }

  /** Looks for a file without a word about it; puts what went wrong into `problems`. */
  find(
    name: string,
    span: Span,
    search: Search,
    problems: string[] = [],
  ): OpenedFile | undefined {
    for (const { path, folder } of this.#candidates(name, span, search)) {
      const contents = this.#read(path, problems);
      if (contents !== undefined) return { path, contents, folder };
    }
    return undefined;
  }

  #candidates(
    name: string,
    span: Span,
    { besides, first }: Search,
  ): { path: string; folder: number }[] {
    if (name.startsWith("/")) return [{ path: name, folder: -1 }];
    const from = this.sources.writtenIn(span.start).name;
    const found = this.folders.map((path, folder) => ({ path: joinPath(path, name), folder }))
      .slice(first);
    return besides ? [{ path: sibling(from, name), folder: -1 }, ...found] : found;
  }

  #read(path: string, problems: string[]): string | Uint8Array | undefined {
    try {
      return this.readFile?.(path);
    } catch (error) {
      problems.push(error instanceof Error ? error.message : String(error));
      return undefined;
    }
  }

  #notFound(name: string, span: Span, tried: string[], problems: string[]): void {
    const notes = problems.slice(0, 1);
    if (this.readFile === undefined) notes.push("this input cannot include files");
    else if (tried.length > 1) notes.push(`looked for ${tried.join(", ")}`);
    else if (problems.length === 0) notes.push(`there is no ${tried[0] ?? name}`);
    const help = tried.length > 1 || this.readFile === undefined
      ? undefined
      : "folders to search are given with -i";
    this.diagnostics.error("DTS0006", span, `cannot read \`${name}\``, { notes, help });
  }
}

/** A path as a file in the same folder as `file` would mean it. */
function sibling(file: string, path: string): string {
  const folder = file.lastIndexOf("/") + 1;
  return path.startsWith("/") ? path : file.slice(0, folder) + path;
}

function joinPath(folder: string, path: string): string {
  return folder === "" || folder.endsWith("/") ? folder + path : `${folder}/${path}`;
}
