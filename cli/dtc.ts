/**
 * The verb `dtc`.
 *
 * @module
 */
import { UnknownCheckError } from "../kernel/of/checks/levels.ts";
import type { CompileTree } from "../kernel/of/compile_tree.ts";
import { makeAnnotator } from "../kernel/of/dts/annotate.ts";
import { buildTree } from "../kernel/of/dts/build.ts";
import { PREREQUISITE_FAILED, resolveTree } from "../kernel/of/dts/compile.ts";
import type { Diagnostic } from "../kernel/of/dts/diagnostic.ts";
import { parseAst } from "../kernel/of/dts/parse_ast.ts";
import { renderDiagnostic } from "../kernel/of/dts/render.ts";
import { ResolveError } from "../kernel/of/dts/resolve.ts";
import type { SourceMap } from "../kernel/of/dts/source.ts";
import { restoreReferences } from "../kernel/of/dts/restore.ts";
import { writeDtsTree } from "../kernel/of/dts/write.ts";
import { FdtError, readFdt } from "../kernel/of/fdt.ts";
import { writeAsm } from "../kernel/of/fdt_asm.ts";
import { writeYaml } from "../kernel/of/yaml_write.ts";
import { fdtVersion, writeFdt } from "../kernel/of/fdt_write.ts";
import {
  type DtcHost,
  formatByName,
  guessInFormat,
  HostError,
  PROCESS,
  readInput,
  treeFromFolder,
  writeOutput,
} from "./dtc_input.ts";
import { DTC_HELP, type DtcOptions, type MessageFormat, parseDtcOptions } from "./dtc_options.ts";
import { OptionSyntaxError } from "./getopt.ts";
import type { Verb } from "./verb.ts";

/** The tree has errors, or the syntax has: exit codes of dtc. */
const FATAL = 1;
const TREE_ERRORS = 2;
/** So many checks that could not run are named beside frames. */
const NOT_RUN_NAMED = 3;

/** One run. */
class Dtc {
  readonly #options: DtcOptions;
  readonly #host: DtcHost;
  readonly #inFormat: string;
  readonly #outFormat: string;
  /** Files that were read, for the dependency file. */
  readonly #files: string[] = [];
  #errors = 0;
  /** Checks that could not run. */
  readonly #notRun: string[] = [];
  #sources: SourceMap | undefined = undefined;

  constructor(options: DtcOptions, host: DtcHost) {
    this.#options = options;
    this.#host = host;
    this.#inFormat = options.inFormat ?? guessInFormat(host, options.file);
    this.#outFormat = options.outFormat ?? formatByName(options.out) ??
      (this.#inFormat === "dts" ? "dtb" : "dts");
    if (options.annotate > 0 && !(this.#inFormat === "dts" && this.#outFormat === "dts")) {
      throw new OptionSyntaxError("-T needs source as input and as output: -I dts -O dts");
    }
  }

  /** Runs it; what is wrong with the input as a whole is said here, where its name is known. */
  run(): number {
    try {
      return this.#run();
    } catch (error) {
      if (!(error instanceof FdtError) && !(error instanceof ResolveError)) throw error;
      this.#say(Infinity, `${this.#name}: ${error.message}`);
      return FATAL;
    }
  }

  #run(): number {
    const options = this.#options;
    const tree = this.#read();
    this.#writeDependencies();
    if (tree === undefined) return FATAL;
    const syntaxErrors = this.#errors;
    if (options.bootCpu !== undefined) tree.bootCpuid = options.bootCpu;
    const origin = { file: this.#name, sources: this.#sources };
    const settings = { ...options, prerequisites: true };
    const good = resolveTree(tree, origin, settings, (found) => this.#report(found));
    this.#reportPrerequisites();
    if (syntaxErrors > 0) return FATAL;
    if (!good) {
      this.#say(1, "the tree has errors; -f writes it all the same");
      return TREE_ERRORS;
    }
    if (this.#errors > 0) this.#say(2, "the tree has errors; written all the same");
    writeOutput(this.#host, options.out, this.#output(tree));
    return 0;
  }

  get #name(): string {
    return this.#options.file === "-" ? "<stdin>" : this.#options.file;
  }

  /** The input as a tree; `undefined` if the syntax is wrong. */
  #read(): CompileTree | undefined {
    const { file } = this.#options;
    const warn = (message: string) => this.#say(0, `warning: ${this.#name}: ${message}`);
    switch (this.#inFormat) {
      case "dts":
        return this.#parse();
      case "dtb":
        return this.#readBlob(warn);
      case "fs":
        return treeFromFolder(this.#host, file, warn);
    }
    throw new OptionSyntaxError(`-I ${this.#inFormat} is none of dts, dtb, fs`);
  }

  #readBlob(warn: (message: string) => void): CompileTree {
    this.#files.push(this.#name);
    const tree = readFdt(readInput(this.#host, this.#options.file), {
      maxDepth: Infinity,
      irregular: (offset, problem) => warn(`offset 0x${offset.toString(16)}: ${problem}`),
    });
    if (this.#options.version === "1.8") {
      tree.plugin = ["__fixups__", "__local_fixups__"].some((name) => tree.root.child(name));
    }
    return tree;
  }

  #parse(): CompileTree | undefined {
    // A NUL ends source text, and spares the front end a copy.
    const text = readInput(this.#host, this.#options.file, 1);
    this.#files.push(this.#name);
    const { ast, diagnostics, opened } = parseAst(text, {
      file: this.#name,
      read: (path) => readInput(this.#host, path),
      includePaths: this.#options.include,
      compat: this.#options.version,
    });
    this.#sources = ast.sources;
    this.#files.push(...opened);
    const tree = diagnostics.errors > 0 ? undefined : buildTree(ast, diagnostics);
    diagnostics.found.forEach((found) => this.#report(found));
    return tree;
  }

  #output(tree: CompileTree): Uint8Array {
    const { annotate, layout, version, restore } = this.#options;
    switch (this.#outFormat) {
      case "dts":
        if (restore && this.#inFormat !== "dts") restoreReferences(tree);
        return writeDtsTree(tree, {
          style: restore ? "faithful" : version,
          annotator: annotate === 0 ? undefined : makeAnnotator(this.#sources!, annotate > 1),
        });
      case "dtb":
        this.#checkVersion();
        return writeFdt(tree, layout);
      case "asm":
        this.#checkVersion();
        return writeAsm(tree, { ...layout, dtcVersion: version });
      case "yaml":
        if (this.#inFormat === "dts") return writeYaml(tree);
        throw new OptionSyntaxError("-O yaml needs source as input: -I dts");
      case "null":
        return new Uint8Array(0);
    }
    throw new OptionSyntaxError(`-O ${this.#outFormat} is none of dts, dtb, yaml, asm, null`);
  }

  #checkVersion(): void {
    const { version } = this.#options.layout;
    if (fdtVersion(version!) !== undefined) return;
    throw new OptionSyntaxError(`-V ${version} is none of 1, 2, 3, 16, 17`);
  }

  /** What make has to know: the output depends on all files that were read. */
  #writeDependencies(): void {
    const { out, dependencies, version } = this.#options;
    if (dependencies === undefined) return;
    const escape = (path: string) => version === "1.6" ? path : path.replaceAll(" ", "\\ ");
    const text = `${escape(out)}:${this.#files.map((path) => ` ${escape(path)}`).join("")}\n`;
    writeOutput(this.#host, dependencies, new TextEncoder().encode(text));
  }

  #report(diagnostic: Diagnostic): void {
    const isError = diagnostic.severity === "error";
    if (isError) this.#errors++;
    if (this.#options.quiet > (isError ? 1 : 0)) return;
    if (this.#format === "frames" && diagnostic.code === PREREQUISITE_FAILED) {
      this.#notRun.push(diagnostic.check!);
      return;
    }
    const color = this.#host.isTerminal && !Deno.noColor;
    this.#host.stderr(renderDiagnostic(diagnostic, { format: this.#format, color }));
  }

  /** In one line what dtc says in one for each. */
  #reportPrerequisites(): void {
    const [first, ...more] = this.#notRun;
    if (first === undefined) return;
    const checks = more.length === 0 ? "one check" : `${more.length + 1} checks`;
    const named = this.#notRun.slice(0, NOT_RUN_NAMED).join(", ");
    const rest = this.#notRun.length - NOT_RUN_NAMED;
    const others = rest > 0 ? ` and ${rest} more, which --format line names` : "";
    this.#say(0, `${checks} could not run because of that: ${named}${others}`);
  }

  get #format(): MessageFormat {
    return this.#options.format ?? (this.#host.isTerminal ? "frames" : "line");
  }

  /** Says something unless `-q` was given more than `level` times; fatal things are said always. */
  #say(level: number, message: string): void {
    if (this.#options.quiet <= level) this.#host.stderr(`paraguest dtc: ${message}`);
  }
}

const ERRORS = [OptionSyntaxError, UnknownCheckError, HostError];

/** Runs one command line with files and streams of `host`; gives the exit code. */
export function runDtc(words: readonly string[], host: DtcHost): number {
  try {
    const options = parseDtcOptions(words);
    if (options.ask === undefined) return new Dtc(options, host).run();
    const text = options.ask === "help" ? DTC_HELP : "Version: DTC 1.6.1 (paraguest)\n";
    host.stdout(new TextEncoder().encode(text));
    return 0;
  } catch (error) {
    if (!ERRORS.some((kind) => error instanceof kind)) throw error;
    host.stderr(`paraguest dtc: ${(error as Error).message}`);
    return FATAL;
  }
}

/** `paraguest dtc` */
export const VERB: Verb = {
  run: async (words) => runDtc(words, PROCESS),
  explain: () => undefined,
};
