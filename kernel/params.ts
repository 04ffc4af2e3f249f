/**
 * The kernel command line: `name=value` pairs, `module.param=value`, quotes, `-` and `_` alike.
 *
 * Linux: kernel/params.c, Documentation/admin-guide/kernel-parameters.rst
 *
 * @module
 */

/** One word of the command line. */
export interface Param {
  /** The name with `-` turned into `_` (`virtio_mmio.device`). */
  readonly name: string;
  /** The value without quotes; `undefined` where there is no `=`. */
  readonly value: string | undefined;
}

/** `-` and `_` are the same in parameter names. Linux: parameq() */
export function canonicalParamName(name: string): string {
  return name.replaceAll("-", "_");
}

/** Splits a command line into its words. Linux: next_arg(): quotes may surround a value or a word. */
export function parseCmdline(cmdline: string): Param[] {
  const params: Param[] = [];
  for (const match of cmdline.matchAll(/(?:"[^"]*"?|[^\s"])+/g)) {
    const word = match[0].replaceAll('"', "");
    const equals = word.indexOf("=");
    params.push(
      equals < 0
        ? { name: canonicalParamName(word), value: undefined }
        : { name: canonicalParamName(word.slice(0, equals)), value: word.slice(equals + 1) },
    );
  }
  return params;
}

/** The parsed command line of one kernel. */
export class Params {
  /** The words in their order, up to `--`. */
  readonly all: readonly Param[];
  /** What follows `--`: arguments of init. */
  readonly initArgs: readonly Param[];

  /** Parses a command line: words at blanks, quotes kept together. Linux: parse_args() */
  constructor(
    /** The whole text, as `/proc/cmdline` shows it. */
    readonly cmdline: string,
  ) {
    const words = parseCmdline(cmdline);
    const dashes = words.findIndex((word) => word.name === "__" && word.value === undefined);
    this.all = dashes < 0 ? words : words.slice(0, dashes);
    this.initArgs = dashes < 0 ? [] : words.slice(dashes + 1);
  }

  /** True when the word is there, with or without a value. */
  has(name: string): boolean {
    return this.all.some((param) => param.name === name);
  }

  /** The last value given for `name`; `undefined` when there is none. */
  get(name: string): string | undefined {
    return this.getAll(name).at(-1);
  }

  /** All values given for `name`, in order. */
  getAll(name: string): string[] {
    return this.all.filter((param) => param.name === name && param.value !== undefined)
      .map((param) => param.value as string);
  }

  /** Parameters of one module: `MODULE.param=value` without the prefix, in order. */
  forModule(module: string): Param[] {
    const prefix = `${canonicalParamName(module)}.`;
    return this.all.filter((param) => param.name.startsWith(prefix))
      .map((param) => ({ name: param.name.slice(prefix.length), value: param.value }));
  }
}
